/** Lists of texts, sent as PostgreSQL's bytes: what comes back is what went. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '#central/store/open-store.ts';
import { onPostgres } from './engines.ts';

/** What a literal would have to escape, and what is longer in bytes than in characters. */
const AWKWARD = [
  '',
  ' ',
  '"',
  '\\',
  '\\"',
  "'",
  '{',
  '}',
  ',',
  '{a,b}',
  'NULL',
  'null',
  '\n\t\r',
  'é',
  '漢字',
  '👩‍👩‍👧',
  '\u0001',
  'x'.repeat(100_000),
];
const text = fc.oneof(
  fc.constantFrom(...AWKWARD),
  // PostgreSQL has no place for a zero byte in a text.
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((some) => some.replaceAll('\0', '').toWellFormed()),
);

onPostgres((engine) => {
  let store: Store;
  beforeAll(async () => {
    store = await engine.openEmpty();
  });
  afterAll(() => store.close());
  const back = async (sent: readonly unknown[], type: string): Promise<unknown> =>
    (await sql<{ it: unknown }>`select ${sent}::${sql.raw(type)} as it`.execute(store.db)).rows[0]?.it;

  test('any list of texts and nulls comes back as it went', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text, { freq: 5 }), { maxLength: 30 }), async (sent) => {
        expect(await back(sent, 'text[]')).toEqual(sent);
      }),
      { numRuns: 300 },
    );
    expect(await back(AWKWARD, 'text[]')).toEqual(AWKWARD);
  });

  test('element by element it is in its place, and lists of numbers go as ever', async () => {
    const { rows } = await sql<{ n: number; it: string }>`
      select n::int as n, it from unnest(${AWKWARD}::text[]) with ordinality as t (it, n) order by n`.execute(store.db);
    expect(rows.map(({ it }) => it)).toEqual(AWKWARD);
    expect(rows.map(({ n }) => n)).toEqual(AWKWARD.map((_, n) => n + 1));
    expect(await back([1, 2, 3], 'integer[]')).toEqual([1, 2, 3]);
  });
});
