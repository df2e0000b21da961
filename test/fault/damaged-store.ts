/** A store with something of every kind in it, closed, and copies of it that can be damaged and opened. */
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anchorFile, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { canonical, decision, delivery, outcome, T0 } from '../conformance/samples.ts';
import { NOW_MS, Scratch } from '../conformance/sqlite-scratch.ts';

export const CUSTOMERS = 30;
const LIMITS = { items: 50, bytes: 256 * 1_024 };

export const profileOf = (number: number, version = 1) => ({
  customerId: `customer-${number}`,
  version,
  asOfMs: NOW_MS,
  displayName: `Name ${number} of version ${version}`,
  language: 'en',
  fields: { note: 'x'.repeat(250) },
  consents: [],
  history: [],
});

export class DamagedStore extends Scratch {
  constructor(from?: DamagedStore) {
    super();
    if (from === undefined) return;
    cpSync(from.folder, this.folder, { recursive: true });
    cpSync(anchorFile(from.folder), anchorFile(this.folder));
  }

  get file(): string {
    return join(this.folder, STORE_FILE);
  }

  /** The store opened last and not closed since. */
  get running(): SqliteStore | null {
    return this.stores.at(-1) ?? null;
  }

  /** Folders that were set aside. */
  aside(): readonly string[] {
    return readdirSync(this.home)
      .filter((name) => name.startsWith('store.damaged-'))
      .map((name) => join(this.home, name));
  }

  bytes(): Buffer {
    return readFileSync(this.file);
  }
}

const recorded: string[] = [];

/** Two hundred entries, a third of them sent; journal, cards, answers, profiles and settings; several pages of each. */
export function filledStore(): DamagedStore {
  const filled = new DamagedStore();
  const store = filled.open();
  for (let seq = 1; seq <= 40; seq++) store.journalDelivery(delivery(seq));
  for (let clock = 1; clock <= 60; clock++) {
    const entry = decision(clock);
    recorded.push(entry.id);
    store.recordDecision(entry);
  }
  for (let batches = 0; batches < 2; batches++) {
    const batch = store.takeBatch('device-1', LIMITS);
    if (batch) store.settleBatch(batch, { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })) }, T0);
  }
  store.recordOutcomes(Array.from({ length: 80 }, (_, index) => canonical(outcome(100 + index))));
  for (let customer = 0; customer < CUSTOMERS; customer++) store.saveProfile(profileOf(customer));
  store.saveSetting('versions', { revision: null, models: [], excluded: [] });
  store.saveSetting('level', 'standard');
  filled.close();
  return filled;
}

/** Everything a desk ever reads of its store, in one text. */
export function walk(store: SqliteStore): string {
  const unsent = unsentIds(store);
  const profiles = Array.from({ length: CUSTOMERS }, (_, customer) => store.profile(`customer-${customer}`));
  const records = recorded.map((id) => store.decisionRecord(id));
  const settings = [store.setting('versions'), store.setting('level')];
  return JSON.stringify([
    store.loadCalls(),
    store.callOffsets(),
    unsent,
    store.counts(),
    profiles,
    records,
    settings,
    store.verifyLedger(),
  ]);
}

/** Ids of everything unsent, oldest first. */
export const unsentIds = (store: SqliteStore): readonly string[] =>
  store.takeBatch('device-1', { items: 10_000, bytes: 2 ** 30 })?.items.map(({ id }) => id) ?? [];
