import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PolicyFile } from '#contract/policy.ts';
import { checkRevision } from '#policy';
import { readRevision } from './read-revision.ts';

const hash = '0'.repeat(64);
const inYaml = readRevision(join(import.meta.dirname, 'fixtures/small'));
const inJson: readonly PolicyFile[] = inYaml.map(({ path, text }) => ({
  path: path.replace(/\.yaml$/, '.json'),
  text: `${JSON.stringify(parse(text), null, 2)}\n`,
}));
const OFFER = 'actions/growth/plans/bigger-plan.json';

/** Without where a condition stands, which is all that may differ. */
const meaningOf = (files: readonly PolicyFile[]): unknown => {
  const check = checkRevision(files, { hash });
  return check.ok
    ? JSON.parse(
        JSON.stringify(check.revision, (key, value: unknown) => (key === 'file' || key === 'line' || key === 'text' ? undefined : value)),
      )
    : check.faults;
};

const faultsAfter = (path: string, find: string, put: string): readonly string[] => {
  const text = inJson.find((file) => file.path === path)?.text;
  if (text?.includes(find) !== true) throw new Error(`${path} has no ${find}`);
  const check = checkRevision(
    inJson.map((file) => (file.path === path ? { path, text: text.replace(find, () => put) } : file)),
    { hash },
  );
  return check.ok ? [] : check.faults.map(({ file, line, reason }) => `${file}:${line} ${reason}`);
};

describe('a revision in JSON', () => {
  it('means what the same revision in YAML means, file by file mixed or all in one', () => {
    expect(meaningOf(inJson)).toEqual(meaningOf(inYaml));
    expect(meaningOf(inYaml)).toHaveProperty('actions');
    for (const [i, { path }] of inYaml.entries()) {
      const mixed = inYaml.map((file, j) => (i === j ? inJson[j] : file)).filter((file) => file !== undefined);
      expect(meaningOf(mixed), path).toEqual(meaningOf(inYaml));
    }
  });

  it('gives each condition its own line', () => {
    const check = checkRevision(inJson, { hash });
    const offer = check.ok ? check.revision.actions.find(({ id }) => id === 'bigger-plan') : undefined;
    const lines = inJson.find(({ path }) => path === OFFER)?.text.split('\n') ?? [];
    const own = offer?.eligibility.filter(({ file }) => file === OFFER) ?? [];
    expect(own).toHaveLength(2);
    for (const { text, line } of own) expect(lines[line - 1]).toContain(JSON.stringify(text).slice(1, -1));
  });

  it.each([
    ['unknown field', OFFER, '12 <= profile.tenureMonths', '12 <= profile.tenureMonth', 19, 'did you mean "profile.tenureMonths"'],
    ['misspelt key', OFFER, '"startingEvidence"', '"startingEvidance"', 9, 'unknown key "startingEvidance"'],
    ['missing key', OFFER, '  "purpose": "marketing",\n', '', 1, '"purpose" is missing: selling needs a lawful basis'],
    ['key twice', OFFER, '"sales": true,', '"sales": true,\n  "sales": false,', 5, 'key "sales" is there twice: keep one'],
    ['comma too many', 'care.json', '"when": "profile.hardship"', '"when": "profile.hardship",', 6, 'a comma stands before "}"'],
    ['comma too few', 'care.json', '"id": "hardship",', '"id": "hardship"', 4, '"," or "}" is expected'],
    ['comment', 'care.json', '"id": "hardship",', '// first\n    "id": "hardship",', 3, 'it has no comments'],
    ['key without quotes', 'care.json', '"id"', 'id', 3, 'a key in double quotes is expected'],
    ['comment before a value', 'care.json', '[\n', '[\n  # first\n', 2, 'it has no comments'],
    ['single quotes', 'care.json', '"hardship"', "'hardship'", 3, "cannot start with '"],
    ['text without an end', 'care.json', '"hardship"', '"hardship', 3, 'must end with a double quote on its line'],
    ['backslash alone', 'care.json', '"hardship"', '"hard\\ship"', 3, 'write \\\\ for "\\"'],
    ['something behind the end', 'care.json', ']\n', ']\n[]\n', 13, 'behind the end'],
    ['end too early', 'care.json', '\n]', '\n', 13, 'the file ends before "]"'],
    ['number with a leading zero', OFFER, '"value": 140', '"value": 0140', 7, '"," or "}" is expected before 1'],
    ['no number', OFFER, '"value": 140', '"value": NaN', 7, 'cannot start with N'],
    ['id that differs', OFFER, '"id": "bigger-plan"', '"id": "larger-plan"', 2, 'the file is named bigger-plan.json'],
    ['prototype key', 'phrases.json', '"leaving"', '"__proto__"', 9, 'a key must be a plain word'],
  ])('is refused with file and line: %s', (_, path, find, put, line, says) => {
    const faults = faultsAfter(path, find, put);
    expect(
      faults.filter((fault) => fault.startsWith(`${path}:${line} `) && fault.includes(says)),
      faults.join('\n'),
    ).toHaveLength(1);
  });

  it('is refused when a file is there in both notations', () => {
    const files = [...inYaml, ...inJson.filter(({ path }) => path === 'care.json' || path === OFFER)];
    const check = checkRevision(files, { hash });
    expect(check.ok ? [] : check.faults).toEqual([
      { file: 'actions/growth/plans/bigger-plan.yaml', line: 1, reason: `${OFFER} is there too: keep one of the two` },
      { file: 'care.yaml', line: 1, reason: 'care.json is there too: keep one of the two' },
    ]);
  });

  it('made to hurt is refused', () => {
    for (const text of [
      '['.repeat(200_000),
      '{"a":'.repeat(40_000),
      '"'.repeat(200_000),
      `"${'\\'.repeat(200_001)}`,
      '-',
      '1'.repeat(200_000),
    ]) {
      const start = process.cpuUsage();
      const check = checkRevision([...inYaml.filter(({ path }) => path !== 'care.yaml'), { path: 'care.json', text }], { hash });
      expect(process.cpuUsage(start).user / 1_000).toBeLessThan(10_000);
      expect(check.ok ? [] : check.faults.map(({ file }) => file)).toContain('care.json');
    }
  });
});
