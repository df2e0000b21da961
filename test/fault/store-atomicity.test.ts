/** [D4] kill -9 after each statement of each use case: all of it is there afterwards, or nothing. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { CALL } from '../conformance/samples.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { COMPILED_ONCE } from './compiled-once.ts';

const CHILD = fileURLToPath(new URL('store-child.ts', import.meta.url));
const exec = promisify(execFile);

interface Left {
  readonly ledger: number;
  readonly outbox: number;
  readonly cards: number;
  readonly outcomes: number;
}

/** Runs one use case up to the point; null when it was killed, else how many statements it has. */
async function runTo(scratch: Scratch, useCase: string, point: number, variant = ''): Promise<number | null> {
  try {
    const { stdout } = await exec(process.execPath, [CHILD, scratch.folder, useCase, String(point), variant], {
      env: { ...process.env, ...COMPILED_ONCE },
    });
    return Number(stdout);
  } catch (error) {
    if ((error as { signal?: string }).signal === 'SIGKILL') return null;
    throw error;
  }
}

function leftIn(store: SqliteStore): Left {
  const call = store.loadCall(CALL);
  const { unsent, ledger } = store.counts();
  // The decision that stood before is one ledger entry and one outbox row.
  return { ledger: ledger - 1, outbox: unsent - 1, cards: call?.cards.length ?? 0, outcomes: call?.outcomes.length ?? 0 };
}

const NOTHING: Left = { ledger: 0, outbox: 0, cards: 0, outcomes: 0 };

const USE_CASES: readonly { readonly useCase: string; readonly whole: Left; readonly leastPoints: number }[] = [
  { useCase: 'decision', whole: { ledger: 3, outbox: 3, cards: 1, outcomes: 2 }, leastPoints: 15 },
  { useCase: 'repeat', whole: { ledger: 1, outbox: 1, cards: 0, outcomes: 0 }, leastPoints: 5 },
  { useCase: 'outcomes', whole: { ledger: 2, outbox: 2, cards: 0, outcomes: 2 }, leastPoints: 10 },
];

async function everyPoint(
  useCase: string,
  judge: (left: Left, brokenAt: number | null, point: number) => void,
  variant = '',
): Promise<number> {
  for (let point = 1; ; point++) {
    using scratch = new Scratch();
    const statements = await runTo(scratch, useCase, point, variant);
    if (statements !== null) return statements;
    const store = scratch.open();
    judge(leftIn(store), store.verifyLedger().brokenAt, point);
  }
}

for (const { useCase, whole, leastPoints } of USE_CASES) {
  test(`[D4] writing ${useCase} killed after any of its statements is there whole or not at all`, { timeout: 120_000 }, async () => {
    const seen = new Set<string>();
    const statements = await everyPoint(useCase, (left, brokenAt, point) => {
      expect([NOTHING, whole], `after statement ${point}`).toContainEqual(left);
      expect(brokenAt, `after statement ${point}`).toBeNull();
      seen.add(JSON.stringify(left));
    });
    expect(statements).toBeGreaterThanOrEqual(leastPoints);
    // Before the commit nothing, after it everything: both were met.
    expect(seen.size).toBe(2);
  });
}

test('[D4] canary: without the transaction halves are left, and this suite sees them', { timeout: 120_000 }, async () => {
  const [first] = USE_CASES;
  let halves = 0;
  await everyPoint(
    'decision',
    (left) => {
      if (JSON.stringify(left) !== JSON.stringify(NOTHING) && JSON.stringify(left) !== JSON.stringify(first?.whole)) halves += 1;
    },
    'no-transaction',
  );
  expect(halves).toBeGreaterThan(3);
});
