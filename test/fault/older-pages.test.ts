/**
 * [D7] What authenticated pages cannot catch: an older page, an older file, a log that was deleted or is another
 * store's. All of them were written by us once; only the anchor beside the store knows that they are not the newest.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database, { type Database as Connection } from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { Anchor } from '#adapters/sqlite/anchor.ts';
import { AnchoredConnection } from '#adapters/sqlite/anchored-connection.ts';
import { beginEpoch } from '#adapters/sqlite/begin-epoch.ts';
import { applySettings, unlock } from '#adapters/sqlite/connection-settings.ts';
import { DiskReserve } from '#adapters/sqlite/disk-reserve.ts';
import { GateRows } from '#adapters/sqlite/gate-rows.ts';
import { anchorFile, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import type { SettingName } from '#ports/store.ts';
import { canonical, delivery, outcome } from '../conformance/samples.ts';
import { KEY, NOW_MS } from '../conformance/sqlite-scratch.ts';
import { counts } from './counts.ts';
import { CUSTOMERS, DamagedStore, filledStore, profileOf, unsentIds } from './damaged-store.ts';
import { randomFrom } from './random-from.ts';
import { report } from './report.ts';

const PAGE = 4_096;
const OLDER_PAGES = counts(30, 1_000);
const OLDER_FILES = counts(25, 500);

const whole = filledStore();
afterAll(() => whole[Symbol.dispose]());

interface Gate {
  readonly name: string;
  write(store: SqliteStore, version: number): void;
  /** The version that would be believed; null: the gate is closed. */
  read(store: SqliteStore): number | null;
}

const setting = (name: SettingName): Gate => ({
  name,
  write: (store, version) => void store.saveSetting(name, { version, padding: 'x'.repeat(60) }),
  read: (store) => (store.setting(name) as { version: number } | null)?.version ?? null,
});

const GATES: readonly Gate[] = [
  {
    name: 'profile',
    write: (store, version) => void store.saveProfile(profileOf(7, version)),
    read: (store) => store.profile('customer-7')?.version ?? null,
  },
  setting('versions'),
  setting('usage'),
  setting('slots'),
];

/** Reads, starting again when told to, as the engine process does. */
function believed(copy: DamagedStore, gate: Gate): number | null {
  for (let start = 0; start < 3; start++) {
    const store = copy.open();
    const told = copy.told.length;
    try {
      const version = gate.read(store);
      if (copy.told.length === told) return version;
    } catch (error) {
      if (copy.told.length === told) throw error;
    }
    copy.close();
  }
  throw new Error('damage was met three times running');
}

/** Puts single pages of an older file back under a newer one; how often the older value would have been believed. */
function olderPages(gate: Gate, withAnchor: boolean): { readonly believedOlder: number; readonly faults: number } {
  let believedOlder = 0;
  let faults = 0;
  for (let round = 0; faults < OLDER_PAGES; round++) {
    using newer = new DamagedStore(whole);
    gate.write(newer.open(), 2 * round + 2);
    newer.close();
    const old = newer.bytes();
    gate.write(newer.open(), 2 * round + 3);
    newer.close();
    const bytes = newer.bytes();
    const pages = Math.min(old.length, bytes.length) / PAGE;
    const changed = Array.from({ length: pages }, (_, page) => page).filter(
      (page) => old.compare(bytes, page * PAGE, (page + 1) * PAGE, page * PAGE, (page + 1) * PAGE) !== 0,
    );
    // Every page that changed for itself, then all together: the whole older file.
    for (const put of [...changed.map((page) => [page]), changed]) {
      using copy = new DamagedStore(newer);
      const mixed = Buffer.from(bytes);
      for (const page of put) old.copy(mixed, page * PAGE, page * PAGE, (page + 1) * PAGE);
      writeFileSync(copy.file, mixed);
      const version = withAnchor ? believed(copy, gate) : readWithoutAnchor(copy, gate);
      if (version !== null && version < 2 * round + 3) believedOlder += 1;
      faults += 1;
    }
  }
  return { believedOlder, faults };
}

function connect(db: Connection, anchor: Anchor, gates: GateRows, told: string[] = []): AnchoredConnection {
  const reserve = new DiskReserve('', 0);
  return new AnchoredConnection({ db, anchor, gates, reserve, after: () => () => undefined, onFault: (words) => void told.push(words) });
}

/** The canary's store takes its rows' digests from the file as it finds it. */
function readWithoutAnchor(copy: DamagedStore, gate: Gate): number | null {
  const db = new Database(copy.file);
  unlock(db, KEY);
  applySettings(db);
  const anchor = new Anchor(anchorFile(copy.folder), KEY);
  const store = new SqliteStore(connect(db, anchor, new GateRows(db)));
  try {
    return gate.read(store);
  } finally {
    store.close();
  }
}

test.each(GATES)('[D7] an older page under $name closes the gate', { timeout: 600_000 }, (gate) => {
  const { believedOlder, faults } = olderPages(gate, true);
  report(
    `[D7] older pages under ${gate.name}`,
    { operations: faults, faults, lost: 0, doubled: 0, phantom: believedOlder },
    { faults: OLDER_PAGES },
  );
});

test('[D7] canary: without the anchor the older page is believed', { timeout: 600_000 }, () => {
  const [profile] = GATES;
  if (profile === undefined) throw new Error('no gate');
  expect(olderPages(profile, false).believedOlder).toBeGreaterThan(10);
});

test('[D7] a row that changes under an open store is as if it were not there, and the store says so', () => {
  using copy = new DamagedStore(whole);
  const db = new Database(copy.file);
  unlock(db, KEY);
  applySettings(db);
  const anchor = new Anchor(anchorFile(copy.folder), KEY);
  const gates = beginEpoch(db, anchor, { folder: copy.folder, storeFile: STORE_FILE, keyHex: KEY, nowMs: NOW_MS });
  const told: string[] = [];
  const store = new SqliteStore(connect(db, anchor, gates, told));
  expect(store.profile('customer-1')).not.toBeNull();
  db.prepare(
    'update profile set body = seal(wrapped, ?) from person_key where profile.person = person_key.person and profile.person = person(?)',
  ).run(JSON.stringify(profileOf(1, 9)), 'customer-1');
  expect(store.profile('customer-1')).toBeNull();
  expect(told).toHaveLength(1);
  store.close();
  const again = copy.tryOpen();
  expect(again).toMatchObject({ ok: true, salvaged: { what: 'older-copy', lost: 0 } });
  if (again.ok) expect(again.store.profile('customer-2')).toBeNull();
});

/** Something on a store that is still open: what it wrote last is in its log only. */
function running(random: (below: number) => number): {
  readonly copy: DamagedStore;
  readonly snapshot: DamagedStore;
  readonly added: number;
} {
  const copy = new DamagedStore(whole);
  const store = copy.open();
  const added = 1 + random(20);
  for (let index = 0; index < added; index++) {
    store.recordOutcomes([canonical(outcome(1_000 + index))]);
    store.journalDelivery(delivery(41 + index));
    store.saveProfile(profileOf(random(CUSTOMERS), 2 + index));
  }
  // The machine is stopped here: files as they are.
  const snapshot = new DamagedStore(copy);
  return { copy, snapshot, added };
}

const OLDER = {
  'a deleted log': (snapshot: DamagedStore) => rmSync(`${snapshot.file}-wal`),
  'an older file': (snapshot: DamagedStore) => {
    rmSync(`${snapshot.file}-wal`);
    cpSync(whole.file, snapshot.file);
  },
  'another store’s log': (snapshot: DamagedStore, random: (below: number) => number) => {
    using other = new DamagedStore();
    const store = other.open();
    for (let index = 0; index <= random(10); index++) store.recordOutcomes([canonical(outcome(1 + index))]);
    cpSync(`${other.file}-wal`, `${snapshot.file}-wal`);
  },
  'a store that vanished': (snapshot: DamagedStore) => {
    rmSync(snapshot.file);
    rmSync(`${snapshot.file}-wal`);
  },
} as const;

test.each(Object.entries(OLDER))('[D7] %s is found by the anchor, told, and no number is used twice', { timeout: 600_000 }, (name, put) => {
  const random = randomFrom(11);
  let lost = 0;
  let phantom = 0;
  for (let fault = 0; fault < OLDER_FILES; fault++) {
    const { copy, snapshot } = running(random);
    const before = copy.running === null ? [] : unsentIds(copy.running);

    const { epoch } = anchorOf(snapshot);
    put(snapshot, random);
    const opened = snapshot.tryOpen();
    if (!opened.ok) throw new Error(`${name}: ${opened.words}`);
    expect(opened.salvaged, `${name}, fault ${fault}`).not.toBeNull();
    const after = new Set(unsentIds(opened.store));
    const missing = before.filter((id) => !after.has(id)).length;
    lost += Math.max(0, missing - (opened.salvaged?.lost ?? 0));
    if (anchorOf(snapshot).epoch === epoch) phantom += 1;
    for (let customer = 0; customer < CUSTOMERS; customer++) if (opened.store.profile(`customer-${customer}`) !== null) phantom += 1;
    expect(opened.store.loadCalls(), 'central sends the calls under way again').toEqual([]);
    snapshot[Symbol.dispose]();
    copy[Symbol.dispose]();
  }
  report(`[D7] ${name}`, { operations: OLDER_FILES, faults: OLDER_FILES, lost, doubled: 0, phantom }, { faults: OLDER_FILES });
});

const anchorOf = (store: DamagedStore): { readonly epoch: string } => {
  const anchor = new Anchor(anchorFile(store.folder), KEY);
  const { state } = anchor;
  anchor.close();
  if (state === null) throw new Error('no anchor');
  return state;
};

test('an interrupted setting aside is taken up by the next open', () => {
  for (const renamed of [false, true]) {
    using copy = new DamagedStore(whole);
    const anchor = new Anchor(anchorFile(copy.folder), KEY);
    const { state } = anchor;
    if (state === null) throw new Error('no anchor');
    anchor.write({ ...state, setAside: 'store.damaged-then' }, 'synced');
    anchor.close();
    if (renamed) {
      cpSync(copy.folder, `${copy.folder}.damaged-then`, { recursive: true });
      rmSync(copy.file);
    }
    const opened = copy.tryOpen();
    expect(opened).toMatchObject({ ok: true, salvaged: { what: 'damaged', saved: state.unsent, lost: 0 } });
    expect(readFileSync(join(`${copy.folder}.damaged-then`, STORE_FILE)).equals(whole.bytes())).toBe(true);
  }
});
