/** Each promise that docs/SECURITY.md claims is held has a test whose name carries its id. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const LEAST_IDS = 30;

/** Ids in the last cell of each row of the table of who and what stops them. */
function claimedIn(text: string): ReadonlySet<string> {
  const table = text.slice(text.indexOf('## Who, and what stops them'), text.indexOf('## Keys'));
  const rows = table.split('\n').filter((line) => line.startsWith('|'));
  return new Set(
    rows.flatMap(
      (row) =>
        row
          .split('|')
          .at(-2)
          ?.match(/\b[A-Z]\d+\b/g) ?? [],
    ),
  );
}

/** Ids in square brackets at the beginning of a test's or a group's name: the first argument of a call that prints nothing. */
const heldIn = (source: string): readonly string[] =>
  [...source.matchAll(/(?<!\.log)\(\s*['"`]\[((?:[A-Z]\d+)(?: [A-Z]\d+)*)\] /g)].flatMap(([, ids = '']) => ids.split(' '));

test('every promise SECURITY.md claims has a test with its id', () => {
  const claimed = claimedIn(readFileSync(path.join(ROOT, 'docs', 'SECURITY.md'), 'utf8'));
  const sources = globSync('test/**/*.test.{ts,tsx}', { cwd: ROOT });
  const held = new Set(sources.flatMap((file) => heldIn(readFileSync(path.join(ROOT, file), 'utf8'))));
  expect(claimed.size).toBeGreaterThanOrEqual(LEAST_IDS);
  expect([...claimed].filter((id) => !held.has(id)).toSorted()).toEqual([]);
});

test('the check sees ids in names and nowhere else', () => {
  expect(claimedIn('## Who, and what stops them\n| who | could | X1 stops | A1 B2 |\n## Keys\n| C3 |')).toEqual(new Set(['A1', 'B2']));
  expect(
    heldIn("test('[A1 B2] holds', f);\n// [C3] no\ntest.skipIf(a())('[D4] too', f);\nconst text = '[E5] no';\nconsole.log(`[F6] no`);"),
  ).toEqual(['A1', 'B2', 'D4']);
});
