/** What a store said yes to, what it was asked for, and whether it has it. */
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import type { Written } from '#ports/store.ts';
import { canonical, decision, delivery, outcome, T0, uniqueId } from '../../conformance/samples.ts';
import { profileOf, unsentIds } from '../damaged-store.ts';

const CUSTOMERS = 5;

export interface Promises {
  /** Ledger ids said to be saved. */
  readonly saved: string[];
  /** All ledger ids that were ever to be saved. */
  readonly asked: string[];
  /** Per customer, the newest version said to be saved. */
  readonly profiles: Record<number, number>;
  /** Said to be settled: they need not be sent again. */
  readonly settled: string[];
  /** Ever to be settled. */
  readonly settling: string[];
  events: number;
}

export const noPromises = (): Promises => ({ saved: [], asked: [], profiles: {}, settled: [], settling: [], events: 0 });

const saidYes = (written: Written): boolean => written.ok;

/** Does one thing a desk does and notes what was promised; whether the store said yes. */
export function doSomething(store: SqliteStore, promises: Promises, random: (below: number) => number, clock: number): boolean {
  switch (random(6)) {
    case 0: {
      const entry = decision(clock);
      const ids = [entry.id, ...entry.outcomes.map(({ value }) => value.id)];
      promises.asked.push(...ids);
      const ok = saidYes(store.recordDecision(entry));
      if (ok) promises.saved.push(...ids);
      return ok;
    }
    case 1: {
      const [a, b] = [canonical(outcome(clock)), canonical(outcome(clock, { id: uniqueId('second') }))];
      promises.asked.push(a.value.id, b.value.id);
      const ok = saidYes(store.recordOutcomes([a, b]));
      if (ok) promises.saved.push(a.value.id, b.value.id);
      return ok;
    }
    case 2: {
      const customer = random(CUSTOMERS);
      const version = clock;
      const ok = saidYes(store.saveProfile(profileOf(customer, version)));
      if (ok) promises.profiles[customer] = version;
      return ok;
    }
    case 3: {
      const kept = store.journalDelivery(delivery(promises.events + 1));
      if (kept === 'conflict' || kept === 'duplicate' || kept === 'new') promises.events += 1;
      return kept === 'new';
    }
    case 4: {
      const batch = store.takeBatch('device-1', { items: 1 + random(3), bytes: 100_000 });
      if (batch === null) return false;
      const ids = batch.items.map(({ id }) => id);
      promises.settling.push(...ids);
      const ok = saidYes(store.settleBatch(batch, { items: ids.map((id) => ({ id, result: 'stored' as const })) }, T0));
      if (ok) promises.settled.push(...ids);
      return ok;
    }
    default:
      return saidYes(store.saveSetting('usage', { at: clock }));
  }
}

export interface Kept {
  readonly lost: number;
  readonly doubled: number;
  readonly phantom: number;
}

/** Holds a store to its promises. */
export function judge(store: SqliteStore, promises: Promises): Kept {
  const ledger = Array.from(store.exportLedger().lines, ({ id }) => id);
  const there = new Set(ledger);
  const asked = new Set(promises.asked);
  const settling = new Set(promises.settling);
  const chain = store.verifyLedger();
  let lost = promises.saved.filter((id) => !there.has(id)).length;
  // Neither settled nor to be sent: it would never leave.
  const waiting = new Set(unsentIds(store));
  lost += promises.saved.filter((id) => there.has(id) && !settling.has(id) && !waiting.has(id)).length;
  lost += Object.entries(promises.profiles).filter(
    ([customer, version]) => (store.profile(`customer-${customer}`)?.version ?? 0) < version,
  ).length;
  lost += Math.max(0, promises.events - (store.loadCall('call-1')?.events.length ?? 0));
  if (chain.brokenAt !== null || chain.entries !== ledger.length) lost += 1;
  const sentAgain = promises.settled.filter((id) => waiting.has(id)).length;
  return { lost, doubled: ledger.length - there.size + sentAgain, phantom: ledger.filter((id) => !asked.has(id)).length };
}
