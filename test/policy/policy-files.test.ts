/** The two quick ways to read a policy file against the slow ones everybody trusts: the YAML library and JSON.parse. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatedRevision } from '../bench/generated-revision.ts';
import { FaultList } from '../../engine/policy/fault-list.ts';
import type { PolicySource, SourcePath } from '../../engine/policy/policy-source.ts';
import { readJson } from '../../engine/policy/read-json.ts';
import { readPlainYaml } from '../../engine/policy/read-plain-yaml.ts';
import { readPolicyFile } from '../../engine/policy/read-policy-file.ts';
import { readYaml } from '../../engine/policy/read-yaml.ts';
import { readRevision } from './read-revision.ts';

const people = [
  ...readRevision(join(import.meta.dirname, 'fixtures/small')),
  ...readRevision(join(import.meta.dirname, '../../central/demo/policy')),
];

const byLibrary = (text: string): PolicySource | readonly string[] => {
  const faults = new FaultList();
  const source = readYaml('x.yaml', text, faults);
  return source ?? faults.sorted().map(({ reason }) => reason);
};

/** Every path into a value, the value's own first. */
const pathsOf = (value: unknown): readonly SourcePath[] => [
  [],
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, part]: [string, unknown]) =>
        pathsOf(part).map((path) => [Array.isArray(value) ? Number(key) : key, ...path]),
      )
    : []),
];

const expectSame = (text: string, ours: PolicySource): void => {
  const theirs = byLibrary(text);
  if (!('value' in theirs)) throw new Error(`read without a fault, but the library says ${theirs.join('; ')}:\n${text}`);
  expect(ours.value, text).toEqual(theirs.value);
  for (const path of pathsOf(theirs.value)) {
    expect([path, ours.lineAt(path)], text).toEqual([path, theirs.lineAt(path)]);
    const key = path.at(-1);
    if (typeof key === 'string') {
      expect(ours.lineOfKey(path.slice(0, -1), key), `${key}\n${text}`).toBe(theirs.lineOfKey(path.slice(0, -1), key));
    }
  }
};

const read = (path: string, text: string): PolicySource | null => readPolicyFile({ path, text }, new FaultList());

/** One small change anywhere in a text. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.constantFrom(0, 0, 1, 1, 2, 7),
  put: fc.constantFrom(
    '',
    '',
    ' ',
    '  ',
    '\n',
    '\n  ',
    '\n- ',
    ':',
    ': ',
    ' #',
    '#',
    '- ',
    '-',
    "'",
    "''",
    '"',
    '\\',
    '[',
    ']',
    '{',
    '}',
    ',',
    ', ',
    '&a ',
    '*a',
    '!x ',
    '|',
    '>',
    '%',
    '@',
    '`',
    '?',
    '? ',
    '~',
    '\t',
    '\r\n',
    '.',
    '0',
    '-0',
    '1e3',
    '0x1f',
    '.5',
    '5.',
    '+1',
    '012',
    'null',
    'True',
    'true',
    '\u00e9',
    '\u00a0',
    '\u0085',
    '\u2028',
    '\ufeff',
    '---\n',
    '...\n',
    '\n\n',
    '\n# x\n',
    'a: 1\n',
    '"a": 1',
    '2026-01-01',
    '7d',
    '<<: x',
  ),
});

const changed = (text: string, changes: readonly { at: number; cut: number; put: string }[]): string =>
  changes.reduce((now, { at, cut, put }) => {
    const from = Math.floor(at * now.length);
    return now.slice(0, from) + put + now.slice(from + cut);
  }, text);

const byPlatform = (text: string): { readonly value: unknown } | null => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
};

describe('plain YAML read line by line', () => {
  it('gives the value and lines the library gives, for every file people and the generator wrote', () => {
    let plain = 0;
    for (const { path, text } of [...people, ...generatedRevision(40, 'yaml')]) {
      const ours = read(path, text);
      if (ours === null) throw new Error(`${path} was not read`);
      expectSame(text, ours);
      if (readPlainYaml(text) !== null) plain++;
    }
    expect(people.length).toBeGreaterThan(140);
    // Text in blocks and escapes are left to the library.
    expect(plain).toBeGreaterThan((people.length + 40) * 0.9);
  });

  it('is left to the library, or read as the library reads it, after any changes', () => {
    let looked = 0;
    let plain = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...people.filter(({ text }) => text.length < 2_500)),
        fc.array(change, { minLength: 1, maxLength: 2 }),
        (file, changes) => {
          const text = changed(file.text, changes);
          looked++;
          const ours = readPlainYaml(text);
          if (ours === null) return;
          plain++;
          const source = read('x.yaml', text);
          if (source === null) throw new Error('read and not read');
          expectSame(text, source);
        },
      ),
      { numRuns: 12_000, seed: 11 },
    );
    expect(looked).toBeGreaterThanOrEqual(12_000);
    expect(plain).toBeGreaterThan(1_000);
  });

  it('is left to the library, or read as the library reads it, however short and odd', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      'a:',
      'b:',
      'a: ',
      'b: 1',
      '- ',
      '-',
      '  ',
      ' ',
      '\n',
      '\n',
      '\n  ',
      '\n    ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      ',',
      "'",
      '"',
      "'x'",
      '"y"',
      '#',
      ' # c',
      'x y',
      '1',
      '-1',
      '-0',
      '1.50',
      '01',
      '1e3',
      '.5',
      '~',
      'null',
      'true',
      'no',
      'null: 1',
      'x:y',
      'a b: c',
      '? ',
      '& ',
      '\u00e9',
      '7d',
      "it's",
    );
    let plain = 0;
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const ours = readPlainYaml(text);
        if (ours === null) return;
        plain++;
        const source = read('x.yaml', text);
        if (source === null) throw new Error('read and not read');
        expectSame(text, source);
      }),
      { numRuns: 40_000, seed: 12 },
    );
    expect(plain).toBeGreaterThan(1_000);
  });
});

describe('JSON', () => {
  it('gives the value JSON.parse gives and the lines the YAML library gives', () => {
    for (const { text } of people) {
      const yaml = byLibrary(text);
      if (!('value' in yaml)) throw new Error('a file people wrote was not read');
      for (const json of [
        JSON.stringify(yaml.value, null, 2),
        JSON.stringify(yaml.value),
        JSON.stringify(yaml.value, null, 1).replaceAll('\n', '\n\n'),
      ]) {
        const ours = readJson('x.json', json, new FaultList());
        if (ours === null) throw new Error(`not read: ${json}`);
        expectSame(json, ours);
        expect(ours.value).toEqual(JSON.parse(json));
      }
    }
  });

  it('is read where JSON.parse reads it, and refused where it refuses, after any changes', () => {
    const texts = [
      ...people.slice(0, 60).map(({ text }) => JSON.stringify((byLibrary(text) as PolicySource).value, null, 2)),
      '"a\\"\\\\\\u00e9"',
      '[]',
      ' {} ',
      '[1, -0.5e3]',
    ];
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(change, { minLength: 0, maxLength: 2 }), (original, changes) => {
        const text = changed(original, changes);
        const faults = new FaultList();
        const ours = readJson('x.json', text, faults);
        const theirs = byPlatform(text);
        if (ours === null) {
          refused++;
          expect(faults.count).toBe(1);
          if (theirs !== null) expect(faults.sorted()[0]?.reason).toMatch(/is there twice/);
          return;
        }
        accepted++;
        expect(ours.value, text).toEqual(theirs?.value);
      }),
      { numRuns: 6_000, seed: 14 },
    );
    expect(accepted).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(1_000);
  });

  it('of any kind comes back as it was written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const ours = readJson('x.json', text, new FaultList());
        if (text.includes('"__proto__"')) return;
        expect(ours?.value, text).toEqual(JSON.parse(text));
      }),
      { numRuns: 3_000, seed: 15 },
    );
  });
});
