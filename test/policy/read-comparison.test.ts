import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALL_FIELDS } from '#contract/built-in-fields.ts';
import type { CheckedField } from '#contract/checked-policy.ts';
import type { Catalogue } from '../../engine/policy/catalogue.ts';
import { compileCondition } from '../../engine/policy/compile-condition.ts';
import { ComparisonReader } from '../../engine/policy/read-comparison.ts';
import { catalogue, field } from './condition-catalogue.ts';

const ROOTS = ['profile', 'call', 'model', 'history', 'in'] as const;
const NAMES = ['f1', 'plan', 'in', 'true', 'null', 'inside', 'x_y', 'as', 'for', 'F', 'package', 'e1'] as const;
const TYPES = ['number', 'text', 'enum', 'text', 'boolean'] as const;
const FIELDS = ROOTS.flatMap((root) =>
  NAMES.flatMap((name, i) => {
    const type = TYPES[i % TYPES.length] ?? 'text';
    return field(`${root}.${name}`, type, type === 'enum' ? ['', 'a', 'b', 'a]'] : undefined);
  }),
);
const [set, time] = [field('profile.set', 'set', ['a']), field('profile.time', 'time')];
const secret: CheckedField = { ...field('profile.secret', 'text'), kind: 'protected' };
const many: Catalogue = { ...catalogue, fields: new Map([...CALL_FIELDS, ...FIELDS, set, time, secret].map((one) => [one.path, one])) };
const reader = new ComparisonReader(many.fields);

const number = fc.integer({ min: -4, max: 4 }).map((n) => n / 2);
const written = (n: number): string => (Number.isInteger(n) ? String(n) : n.toFixed(1));

const agreesWithLibrary = (text: string): boolean => {
  const ours = reader.read(text);
  if (ours === null) return false;
  expect(ours, text).toEqual(compileCondition(text, many));
  return true;
};

describe('the short cut for single comparisons', () => {
  it('gives what the library’s tree compiles to', () => {
    const odd = fc.constantFrom(
      '0',
      '12',
      '012',
      '1.5',
      '1.',
      '.5',
      '0x1F',
      '5u',
      '1e3',
      '123456789012345',
      '9007199254740993',
      '-3',
      'true',
      '[]',
      '[1]',
      "['a']",
      '["a",  "b"]',
      '[ "a"]',
      '"a]"',
      '["a]", ","]',
      '["a","b"]',
      '["a]", "a"]',
      '"a"',
      '"\\u00e9é"',
      '"""a"""',
      '""',
      '"a" ',
      '["", ""]',
      '["""", "a"]',
      `[${Array.from({ length: 256 }, () => '"a"').join(',')}]`,
      `[${Array.from({ length: 257 }, () => '"a"').join(',')}]`,
    );
    const quotedText = fc.oneof(fc.constantFrom('a', 'b', ''), fc.string({ maxLength: 4 })).map((text) => `"${text}"`);
    const list = fc.array(quotedText, { minLength: 1, maxLength: 3 }).map((texts) => `[${texts.join(', ')}]`);
    const right = fc.oneof(odd, quotedText, list, number.map(written));
    let [taken, lists] = [0, 0];
    fc.assert(
      fc.property(
        fc.constantFrom(...ROOTS),
        fc.constantFrom(...NAMES),
        fc.constantFrom('<', '<=', '==', '!=', '>=', '>', 'in', '='),
        right,
        (root, name, is, value) => {
          if (!agreesWithLibrary(`${root}.${name} ${is} ${value}`)) return;
          taken++;
          if (is === 'in') lists++;
        },
      ),
      { numRuns: 20_000, seed: 31 },
    );
    expect(taken).toBeGreaterThan(700);
    expect(lists).toBeGreaterThan(100);
  });

  it('takes what conditions mostly are, and nothing more', () => {
    for (const text of ['profile.f1 >= 12', 'profile.as in ["a", "b"]', 'call.phase != "held"', 'model.f1 < 0.5', 'call.plan == ""'])
      expect(agreesWithLibrary(text), text).toBe(true);
    for (const text of [
      'profile.f1 > 1 && profile.in',
      '1 < profile.f1',
      'profile.in == true',
      'profile.f1.b > 1',
      'profile.as in profile.set',
      'profile.as == "c"',
      'profile.set == "a"',
      'profile.set in ["a"]',
      'profile.time > 1',
      'profile.null == "a"',
      'profile.F in ["a"]',
      'profile.f1 > "a"',
      'profile.secret == "a"',
      'profile.gone > 1',
      'profile.f1 >  1',
      'profile.f1 > 1 ',
      ' profile.f1 > 1',
      'profile.f1',
      '',
    ])
      expect(reader.read(text), text).toBeNull();
  });
});
