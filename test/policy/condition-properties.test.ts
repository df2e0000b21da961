import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition, Literal } from '#contract/condition.ts';
import { compileCondition } from '../../engine/policy/compile-condition.ts';
import { joined } from '../../engine/policy/condition-checker.ts';
import { EVERYTHING, narrow } from '../../engine/policy/narrow.ts';
import { catalogue } from './condition-catalogue.ts';

interface Known {
  readonly n: number;
  readonly m: number;
  readonly b: boolean;
  readonly c: boolean;
  readonly e: string;
  readonly t: string;
  readonly s: readonly string[];
}

/** The plainest reading of a tree whose fields are all known. */
const holds = (condition: Condition, known: Known): boolean => {
  const value = (path: string) => known[path.replace('profile.', '') as keyof Known];
  switch (condition.op) {
    case 'and':
      return condition.of.every((part) => holds(part, known));
    case 'or':
      return condition.of.some((part) => holds(part, known));
    case 'not':
      return !holds(condition.of, known);
    case 'literal':
      return condition.value;
    case 'has':
      return (value(condition.path) as readonly string[]).includes(condition.value);
    case 'in':
      if (condition.left.kind !== 'field') throw new Error('only fields here');
      return condition.set.includes(value(condition.left.path) as number | string);
    case 'compare': {
      if (condition.left.kind !== 'field') throw new Error('only fields here');
      const left = value(condition.left.path) as Literal;
      switch (condition.is) {
        case '==':
          return left === condition.right;
        case '!=':
          return left !== condition.right;
        case '<':
          return left < condition.right;
        case '<=':
          return left <= condition.right;
        case '>':
          return left > condition.right;
        case '>=':
          return left >= condition.right;
      }
    }
    case 'said':
      throw new Error('only fields here');
  }
};

const number = fc.integer({ min: -4, max: 4 }).map((n) => n / 2);
const quoted = (text: string): string => JSON.stringify(text);
// CEL has no negative literals of its own, and compares whole numbers with fractions.
const written = (n: number): string => (Number.isInteger(n) ? String(n) : n.toFixed(1));
const order = fc.constantFrom('<', '<=', '==', '!=', '>=', '>');
const equality = fc.constantFrom('==', '!=');
const numberField = fc.constantFrom('profile.n', 'profile.m');

const leaf: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(numberField, order, number).map(([path, is, n]) => `${path} ${is} ${written(n)}`),
  fc.tuple(number, order, numberField).map(([n, is, path]) => `${written(n)} ${is} ${path}`),
  fc
    .tuple(fc.constantFrom('profile.e'), equality, fc.constantFrom('red', 'green', 'blue'))
    .map(([path, is, v]) => `${path} ${is} ${quoted(v)}`),
  fc.tuple(equality, fc.constantFrom('a', 'B', 'x"y', '')).map(([is, v]) => `profile.t ${is} ${quoted(v)}`),
  fc.array(number, { minLength: 1, maxLength: 3 }).map((list) => `profile.n in [${list.map(written).join(', ')}]`),
  fc.subarray(['red', 'green', 'blue'], { minLength: 1 }).map((list) => `profile.e in [${list.map(quoted).join(', ')}]`),
  fc.constantFrom('x', 'y', 'z').map((v) => `${quoted(v)} in profile.s`),
  fc.constantFrom('profile.b', 'profile.c', '!profile.b', 'profile.c == false', 'profile.b != true', 'true', 'false'),
);
const expression: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a}) && (${b})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} || ${b})`),
    tie('any').map((a) => `!(${a})`),
  ),
})).any;

const known: fc.Arbitrary<Known> = fc.record({
  n: number,
  m: number,
  b: fc.boolean(),
  c: fc.boolean(),
  e: fc.constantFrom('red', 'green', 'blue'),
  t: fc.constantFrom('a', 'B', 'x"y', ''),
  s: fc.subarray(['x', 'y', 'z']),
});

const compile = (text: string): Condition => {
  const { conjuncts, faults } = compileCondition(text, catalogue);
  if (faults.length > 0) throw new Error(`${text}: ${faults[0]?.reason}`);
  return joined(conjuncts);
};

const literal = (value: Literal): string => (typeof value === 'string' ? quoted(value) : String(value));
const path = (left: Extract<Condition, { op: 'compare' }>['left']): string => (left.kind === 'field' ? left.path : '');

/** A tree as CEL again. */
const print = (condition: Condition): string => {
  switch (condition.op) {
    case 'and':
      return condition.of.map((part) => `(${print(part)})`).join(' && ');
    case 'or':
      return condition.of.map((part) => `(${print(part)})`).join(' || ');
    case 'not':
      return `!(${print(condition.of)})`;
    case 'literal':
      return String(condition.value);
    case 'has':
      return `${quoted(condition.value)} in ${condition.path}`;
    case 'in':
      return `${path(condition.left)} in [${condition.set.map(literal).join(', ')}]`;
    case 'compare':
      return `${path(condition.left)} ${condition.is} ${literal(condition.right)}`;
    case 'said':
      return `said(${quoted(condition.by)}, ${quoted(condition.phrases[0] ?? '')})`;
  }
};

const environment = new Environment({ homogeneousAggregateLiterals: false }).registerVariable('profile', 'map');

describe('the tree of a condition', () => {
  it("means what CEL means, whenever every field is known (differential against the library's evaluator)", () => {
    let looked = 0;
    let held = 0;
    fc.assert(
      fc.property(expression, known, (text, values) => {
        const ours = holds(compile(text), values);
        const theirs: unknown = environment.evaluate(text, { profile: { ...values, s: [...values.s] } });
        looked++;
        if (ours) held++;
        expect(ours, text).toBe(theirs);
      }),
      { numRuns: 5_000, seed: 3 },
    );
    expect(looked).toBeGreaterThanOrEqual(5_000);
    expect(held).toBeGreaterThan(1_000);
    expect(looked - held).toBeGreaterThan(1_000);
  });

  it('printed and compiled again is the same tree', () => {
    fc.assert(
      fc.property(expression, (text) => {
        const tree = compile(text);
        expect(compile(print(tree))).toEqual(tree);
      }),
      { numRuns: 2_000, seed: 5 },
    );
  });

  it('splits into conjuncts whose own texts mean the same', () => {
    fc.assert(
      fc.property(fc.array(expression, { minLength: 1, maxLength: 4 }), known, (parts, values) => {
        const { conjuncts } = compileCondition(parts.map((part) => `(${part})`).join(' && '), catalogue);
        for (const { text, condition, offset } of conjuncts) {
          expect(holds(compile(text), values), text).toBe(holds(condition, values));
          expect(offset).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 2_000, seed: 9 },
    );
  });

  it('is called unreachable only when no customer at all can meet it', () => {
    let unreachable = 0;
    fc.assert(
      fc.property(expression, fc.array(known, { minLength: 30, maxLength: 30 }), (text, customers) => {
        const condition = compile(text);
        if (narrow(EVERYTHING, condition, catalogue.fields) === null) {
          unreachable++;
          expect(
            customers.some((customer) => holds(condition, customer)),
            text,
          ).toBe(false);
        }
        if (narrow(EVERYTHING, condition, catalogue.fields, true) === null)
          expect(
            customers.every((customer) => holds(condition, customer)),
            text,
          ).toBe(true);
      }),
      { numRuns: 4_000, seed: 13 },
    );
    expect(unreachable).toBeGreaterThan(100);
  });

  it('is found unreachable whenever a conjunction of comparisons over few values is', () => {
    const conjunction = fc.array(
      leaf.filter((text) => !text.includes('profile.t')),
      { minLength: 2, maxLength: 6 },
    );
    const halves = Array.from({ length: 13 }, (_, i) => i / 4 - 1.5).concat([-2.25, -2, -1.75, 1.75, 2, 2.25]);
    let unreachable = 0;
    fc.assert(
      fc.property(conjunction, (parts) => {
        const condition = compile(parts.join(' && '));
        const possible = narrow(EVERYTHING, condition, catalogue.fields) !== null;
        // Each part names one field, so the fields can be tried one by one.
        const own = (name: keyof Known) => compile(parts.filter((part) => part.includes(`profile.${name}`)).join(' && ') || 'true');
        const base: Known = { n: 0, m: 0, b: false, c: false, e: 'red', t: '', s: [] };
        const some = (name: keyof Known, values: readonly Known[keyof Known][]): boolean =>
          values.some((value) => holds(own(name), { ...base, [name]: value }));
        const sets = Array.from({ length: 8 }, (_, bits) => ['x', 'y', 'z'].filter((_, i) => (bits >> i) & 1));
        const expected =
          !parts.includes('false') &&
          some('n', halves) &&
          some('m', halves) &&
          some('b', [true, false]) &&
          some('c', [true, false]) &&
          some('e', ['red', 'green', 'blue']) &&
          some('s', sets);
        if (!expected) unreachable++;
        expect(possible, parts.join(' && ')).toBe(expected);
      }),
      { numRuns: 4_000, seed: 17 },
    );
    expect(unreachable).toBeGreaterThan(300);
  });

  it('never makes the checker throw, whatever the text', () => {
    const pieces = fc.constantFrom(
      'profile.n',
      'profile',
      '.',
      '(',
      ')',
      '[',
      ']',
      '"a"',
      "'",
      '&&',
      '||',
      '!',
      '<',
      '==',
      '=',
      '+',
      '-',
      '1',
      '1.5',
      'in',
      'said',
      'count',
      'within',
      ',',
      '?',
      ':',
      '{',
      '}',
      'null',
      'true',
      ' ',
      '\n',
      'r"',
      'b"x"',
      '3u',
      '\\',
      'exists',
      'has',
      '//',
    );
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 14 }), (parts) => {
        const { conjuncts, faults, whole } = compileCondition(parts.join(''), catalogue);
        expect(whole).toBe(faults.length === 0);
        expect(conjuncts.length + faults.length).toBeGreaterThan(0);
        for (const { offset } of faults) expect(offset).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 8_000, seed: 21 },
    );
  });
});
