/**
 * [D4] Killed after each statement of each use case: all of it is there afterwards, or nothing. What a kill leaves is what
 * the system has of the files at that moment: they are copied there and opened. (kill-engine.test.ts kills real processes.)
 */
import { expect, test } from 'vitest';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { CALL, canonical, decision, outcome, T0 } from '../conformance/samples.ts';
import { NOW_MS } from '../conformance/sqlite-scratch.ts';
import { DamagedStore, profileOf } from './damaged-store.ts';
import { report } from './report.ts';
import { StatementWatch } from './statement-watch.ts';

interface Left {
  readonly ledger: number;
  readonly outbox: number;
  readonly cards: number;
  readonly outcomes: number;
  /** Version of a profile that was there in version 1. */
  readonly profile: number | null;
}

interface UseCase {
  readonly name: string;
  run(store: SqliteStore): void;
  readonly whole: Left;
  readonly leastPoints: number;
}

const NOTHING: Left = { ledger: 0, outbox: 0, cards: 0, outcomes: 0, profile: 1 };

const DECISION: UseCase = {
  name: 'a decision',
  run(store) {
    const entry = decision(2);
    store.recordDecision({ ...entry, outcomes: [...entry.outcomes, canonical(outcome(3, { kind: 'superseded' }))] });
  },
  whole: { ...NOTHING, ledger: 3, outbox: 3, cards: 1, outcomes: 2 },
  leastPoints: 15,
};

const USE_CASES: readonly UseCase[] = [
  DECISION,
  {
    name: 'a repeat',
    run: (store) =>
      void store.recordRepeat(
        canonical({ v: 1 as const, id: 'repeat-1', of: 'decision-1', callId: CALL, clock: 2, atMs: NOW_MS, trigger: 'timer' }),
      ),
    whole: { ...NOTHING, ledger: 1, outbox: 1 },
    leastPoints: 5,
  },
  {
    name: 'answers',
    run: (store) => void store.recordOutcomes([canonical(outcome(2)), canonical(outcome(3))]),
    whole: { ...NOTHING, ledger: 2, outbox: 2, outcomes: 2 },
    leastPoints: 10,
  },
  {
    name: 'what central settled',
    run(store) {
      const batch = store.takeBatch('device-1', { items: 10, bytes: 100_000 });
      if (batch) store.settleBatch(batch, { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })) }, T0);
    },
    whole: { ...NOTHING, outbox: -1 },
    leastPoints: 3,
  },
  {
    name: 'an erasure',
    run: (store) => void store.erase(['customer-1'], NOW_MS),
    whole: { ...NOTHING, profile: null },
    leastPoints: 15,
  },
  { name: 'a profile', run: (store) => void store.saveProfile(profileOf(1, 2)), whole: { ...NOTHING, profile: 2 }, leastPoints: 3 },
];

function leftIn(store: SqliteStore): Left {
  const call = store.loadCall(CALL);
  const { unsent, ledger } = store.counts();
  // The decision that stood before is one ledger entry and one outbox row.
  const cards = call?.cards.length ?? 0;
  return {
    ledger: ledger - 1,
    outbox: unsent - 1,
    cards,
    outcomes: call?.outcomes.length ?? 0,
    profile: store.profile('customer-1')?.version ?? null,
  };
}

interface Found {
  readonly left: Left;
  /** The chain holds, and the store was taken for the one it is. */
  readonly isSound: boolean;
}

/** What is left after each statement of a use case. */
function everyPoint({ run }: UseCase, isWithoutTransactions = false): readonly Found[] {
  using running = new DamagedStore();
  const store = running.open();
  store.recordDecision(decision(1, { cards: [], outcomes: [] }));
  store.saveProfile(profileOf(1, 1));
  const killed: DamagedStore[] = [];
  {
    using _ = new StatementWatch({ after: () => void killed.push(new DamagedStore(running)), isWithoutTransactions });
    run(store);
  }
  return killed.map((files) => {
    using copy = files;
    const opened = copy.tryOpen();
    if (!opened.ok) throw new Error(opened.words);
    return { left: leftIn(opened.store), isSound: opened.salvaged === null && opened.store.verifyLedger().brokenAt === null };
  });
}

test.each(USE_CASES)('[D4] $name killed after any of its statements is there whole or not at all', (useCase) => {
  const found = everyPoint(useCase);
  const halves = found.filter(({ left, isSound }) => !isSound || ![NOTHING, useCase.whole].some((may) => same(may, left)));
  report(
    `[D4] ${useCase.name}`,
    { operations: 1, faults: found.length, lost: halves.length, doubled: 0, phantom: 0 },
    { faults: useCase.leastPoints },
  );
  // Before the commit nothing, after it everything: both were met.
  expect(new Set(found.map(({ left }) => JSON.stringify(left))).size).toBe(2);
});

test('[D4] canary: without the transaction halves are left, and this suite sees them', () => {
  const halves = everyPoint(DECISION, true).filter(({ left }) => !same(left, NOTHING) && !same(left, DECISION.whole));
  expect(halves.length).toBeGreaterThan(3);
});

const same = (a: Left, b: Left): boolean => JSON.stringify(a) === JSON.stringify(b);
