import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { readSettings, unlock, wrongSettings } from '#adapters/sqlite/connection-settings.ts';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, OutboxBatch } from '#contract/sync.ts';
import { CALL, T0, canonical, card, decision, delivery, event, outcome, sha256 } from './samples.ts';
import { KEY, MIGRATIONS, NOW_MS, Scratch } from './sqlite-scratch.ts';

const LIMITS = { items: MAX_BATCH_ITEMS, bytes: MAX_BATCH_BYTES };
const OK = { ok: true };

describe('opening', () => {
  test('[D3] three opens in a row each read back every setting durability hangs on', () => {
    using scratch = new Scratch();
    for (let open = 0; open < 3; open++) {
      const store = scratch.open();
      expect(store.settings()).toEqual({
        cipher: 'chacha20',
        journal_mode: 'wal',
        synchronous: 2,
        foreign_keys: 1,
        trusted_schema: 0,
        secure_delete: 1,
        locking_mode: 'exclusive',
        temp_store: 2,
        journal_size_limit: 4_194_304,
        sqlite: expect.stringMatching(/^3\.\d+\.\d+$/),
      });
      store.close();
    }
  });

  test('[D3] canary: a connection nobody set up is recognised as unsafe, as is an old SQLite', () => {
    using scratch = new Scratch();
    scratch.open().close();
    const db = new Database(join(scratch.folder, STORE_FILE));
    unlock(db, KEY);
    const found = readSettings(db);
    db.close();
    expect(wrongSettings(found)).toContain('synchronous is 1 instead of 2');
    expect(wrongSettings({ ...found, sqlite: '3.51.2' })).toContain('SQLite is 3.51.2');
    expect(wrongSettings({ ...found, sqlite: '3.51.3' })).not.toContain('SQLite is');
    expect(wrongSettings({ ...found, sqlite: '4.0.0' })).not.toContain('SQLite is');
  });

  test('another key, a second instance and a missing folder are told apart in words, and nothing is deleted', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    for (let clock = 1; clock < 40; clock++) store.recordDecision(decision(clock));
    expect(scratch.tryOpen()).toMatchObject({ ok: false, reason: 'locked', words: expect.stringContaining('another Sotto') });
    store.close();
    expect(scratch.tryOpen('f'.repeat(64))).toMatchObject({
      ok: false,
      reason: 'unreadable',
      words: expect.stringContaining('left as it is'),
    });
    expect(readdirSync(join(scratch.folder, '..')).toSorted()).toEqual(['store', 'store.anchor']);
    expect(scratch.open().counts().ledger).toBe(78);
    using missing = new Scratch();
    Object.assign(missing, { folder: join(missing.folder, 'nowhere') });
    expect(missing.tryOpen()).toMatchObject({ ok: false, reason: 'unreachable' });
    Object.assign(missing, { folder: join(missing.folder, '..') });
  });

  test('nothing is readable in the files at rest', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    for (let seq = 1; seq < 50; seq++) store.journalDelivery(delivery(seq, `canary-${seq} said something private`));
    store.close();
    const files = [...readdirSync(scratch.folder).map((name) => join(scratch.folder, name)), `${scratch.folder}.anchor`];
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const name of files) {
      const bytes = readFileSync(name);
      expect(bytes.includes('canary-'), name).toBe(false);
      expect(bytes.includes('SQLite format 3'), name).toBe(false);
    }
  });

  test('a store of a newer version and a migration changed after the fact are refused', () => {
    using scratch = new Scratch();
    const added = { number: MIGRATIONS.length + 1, name: '9999-later.sql', sql: 'create table later (a) ' };
    const newer = scratch.tryOpen(KEY, [...MIGRATIONS, added]);
    expect(newer.ok).toBe(true);
    if (newer.ok) newer.store.close();
    expect(scratch.tryOpen()).toMatchObject({ ok: false, reason: 'newer-schema' });
    const changed = [...MIGRATIONS, { ...added, sql: `${added.sql} -- another` }];
    expect(scratch.tryOpen(KEY, changed)).toMatchObject({ ok: false, reason: 'changed-migration', words: expect.stringContaining('9999') });
  });
});

describe('journal', () => {
  test('an event is kept once; the same number with another event is a conflict', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    const first = delivery(1);
    expect(store.journalDelivery(first)).toBe('new');
    expect(store.journalDelivery(first)).toBe('duplicate');
    expect(store.journalDelivery(delivery(1))).toBe('conflict');
    expect(store.loadCall(CALL)?.events).toEqual([{ seq: 1, event: first.event }]);
  });

  test('an offset stops before the first hole, whatever lies behind it', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    for (const seq of [1, 2, 5, 6]) store.journalDelivery(delivery(seq));
    store.journalDelivery(delivery(3, 'late start', 'call-2'));
    expect(store.callOffsets()).toEqual([
      { callId: CALL, seq: 2 },
      { callId: 'call-2', seq: 0 },
    ]);
    for (const seq of [3, 4]) store.journalDelivery(delivery(seq));
    expect(store.callOffsets()[0]).toEqual({ callId: CALL, seq: 6 });
  });

  test('a call comes back whole after a restart, and not at all once finished', () => {
    using scratch = new Scratch();
    let store = scratch.open();
    const offered = event('sotto.call.offered', { agentId: 'agent-1', direction: 'inbound', queue: 'q', identity: 'unknown' });
    store.journalDelivery({ callId: CALL, seq: 1, event: offered });
    const shown = decision(1);
    const elsewhere = outcome(9, { deviceId: 'device-2' });
    expect(store.recordDecision(shown)).toEqual(OK);
    expect(store.setQuiet(CALL, true)).toEqual(OK);
    expect(store.saveContext(CALL, false, [elsewhere])).toEqual(OK);
    store.close();
    store = scratch.open();
    const [call] = store.loadCalls();
    expect(call).toEqual({
      callId: CALL,
      events: [{ seq: 1, event: offered }],
      outcomes: expect.arrayContaining([elsewhere, shown.outcomes[0]?.value]),
      cards: shown.cards,
      quiet: true,
      finished: false,
      context: { complete: false },
      lastDecision: { decisionId: shown.id, fingerprint: shown.fingerprint },
    });
    expect(store.finishCall(CALL, T0)).toEqual(OK);
    expect(store.loadCalls()).toEqual([]);
    expect(store.callOffsets()).toEqual([]);
    expect(store.counts().unsent).toBe(2);
  });
});

describe('ledger and outbox', () => {
  test('decision, cards, outcomes, chain entries and outbox rows come together, numbered without holes', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    const first = decision(1);
    store.recordDecision(first);
    store.recordRepeat(canonical({ v: 1, id: 'repeat-1', of: first.id, callId: CALL, clock: 2, atMs: T0, trigger: 'timer' }));
    store.recordOutcomes([canonical(outcome(3))]);
    expect(store.counts()).toEqual({ unsent: 4, refused: 0, ledger: 4 });
    const batch = OutboxBatch.parse(store.takeBatch('device-1', LIMITS));
    expect(batch.items.map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'decision'],
      [2, 'outcome'],
      [3, 'repeat'],
      [4, 'outcome'],
    ]);
    for (const item of batch.items) expect(item.hash).toBe(sha256(item.body));
    expect(store.verifyLedger()).toEqual({ entries: 4, brokenAt: null });
    expect(store.lastClock()).toBe(3);
    expect(store.decisionRecord(first.id)).toBe(first.recordJson);
  });

  test('a decision that cannot be written whole is not written at all', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    const entry = decision(1);
    expect(() => store.recordDecision({ ...entry, cards: [card(entry.id), card(entry.id)] })).toThrow(/UNIQUE/);
    expect(store.counts()).toEqual({ unsent: 0, refused: 0, ledger: 0 });
    expect(store.loadCalls()).toEqual([]);
    expect(store.verifyLedger()).toEqual({ entries: 0, brokenAt: null });
  });

  test('an outcome said twice is kept once', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    store.recordDecision(decision(1));
    const once = canonical(outcome(2));
    expect(store.recordOutcomes([once])).toEqual(OK);
    expect(store.recordOutcomes([once])).toEqual(OK);
    expect(store.counts().ledger).toBe(3);
  });

  test('[X5] stored and duplicate items leave the outbox, refused ones become dead letters, unnamed ones stay', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    store.recordDecision(decision(1));
    store.recordOutcomes([canonical(outcome(2)), canonical(outcome(3)), canonical(outcome(4))]);
    const batch = store.takeBatch('device-1', LIMITS);
    if (!batch) throw new Error('nothing to send');
    const [a, b, c] = batch.items.map((item) => item.id);
    const receipt = {
      items: [
        { id: a ?? '', result: 'stored' as const },
        { id: b ?? '', result: 'duplicate' as const },
        { id: c ?? '', result: 'refused' as const, reason: 'conflict' as const },
        { id: 'never-sent', result: 'stored' as const },
      ],
    };
    expect(store.settleBatch(batch, receipt, T0)).toEqual(OK);
    expect(store.counts()).toEqual({ unsent: 2, refused: 1, ledger: 5 });
    expect(store.takeBatch('device-1', LIMITS)?.items.map((item) => item.seq)).toEqual([4, 5]);
  });

  test('a batch ends before its limits; a larger item comes alone', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    const large = { ...decision(1, { cards: [], outcomes: [] }), recordJson: JSON.stringify({ large: 'x'.repeat(200_000) }) };
    store.recordDecision(large);
    for (let clock = 2; clock <= 70; clock++) {
      store.recordDecision({ ...decision(clock, { cards: [], outcomes: [] }), recordJson: JSON.stringify({ some: '"é'.repeat(1_500) }) });
    }
    const sizes: number[] = [];
    for (let batch = store.takeBatch('device-1', LIMITS); batch; batch = store.takeBatch('device-1', LIMITS)) {
      sizes.push(batch.items.length);
      if (batch.items.length > 1) expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThanOrEqual(MAX_BATCH_BYTES);
      store.settleBatch(batch, { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })) }, T0);
    }
    expect(sizes[0]).toBe(1);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(70);
    expect(sizes.length).toBeGreaterThan(3);
  });

  test('[X4] an older copy put back begins a new epoch, and what it has unsent is numbered anew', () => {
    using scratch = new Scratch();
    let store = scratch.open();
    store.recordDecision(decision(1));
    store.close();
    cpSync(join(scratch.folder, STORE_FILE), join(scratch.folder, 'copy'));
    store = scratch.open();
    store.recordOutcomes([canonical(outcome(2)), canonical(outcome(3))]);
    const before = store.takeBatch('device-1', LIMITS);
    store.close();
    cpSync(join(scratch.folder, 'copy'), join(scratch.folder, STORE_FILE));
    store = scratch.open();
    store.recordOutcomes([canonical(outcome(2))]);
    const after = store.takeBatch('device-1', LIMITS);
    expect(before?.items.map((item) => item.seq)).toEqual([1, 2, 3, 4]);
    expect(after?.epoch).not.toBe(before?.epoch);
    expect(after?.items.map((item) => item.seq)).toEqual([1, 2, 3]);
    if (before) store.settleBatch(before, { items: before.items.map(({ id }) => ({ id, result: 'stored' as const })) }, T0);
    expect(store.counts().unsent).toBe(3);
  });

  test('[X4] an ordinary restart keeps the epoch and goes on counting', () => {
    using scratch = new Scratch();
    let store = scratch.open();
    store.recordDecision(decision(1));
    const before = store.takeBatch('device-1', LIMITS);
    store.close();
    store = scratch.open();
    store.recordOutcomes([canonical(outcome(2))]);
    const after = store.takeBatch('device-1', LIMITS);
    expect(after?.epoch).toBe(before?.epoch);
    expect(after?.items.at(-1)?.seq).toBe(3);
  });

  test('an entry changed behind its back breaks the chain at its position', () => {
    using scratch = new Scratch();
    let store = scratch.open();
    for (let clock = 1; clock <= 5; clock++) store.recordDecision(decision(clock, { cards: [], outcomes: [] }));
    store.close();
    const db = new Database(join(scratch.folder, STORE_FILE));
    unlock(db, KEY);
    db.exec("update ledger_body set body = x'7b7d' where pos = 3");
    db.close();
    store = scratch.open();
    expect(store.verifyLedger()).toEqual({ entries: 2, brokenAt: 3 });
  });
});

describe('profiles and settings', () => {
  test('an older profile never replaces a newer one', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    const profile = {
      customerId: 'c-1',
      version: 4,
      asOfMs: NOW_MS,
      displayName: 'Ada',
      language: 'en',
      fields: {},
      consents: [],
      history: [],
    };
    store.saveProfile(profile);
    store.saveProfile({ ...profile, version: 3, displayName: 'Older' });
    expect(store.profile('c-1')?.displayName).toBe('Ada');
    store.saveProfile({ ...profile, version: 5, displayName: 'Newer' });
    expect(store.profile('c-1')?.displayName).toBe('Newer');
    expect(store.profile('c-2')).toBeNull();
  });

  test('outcomes of other calls count until central can have told of them', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    const entry = decision(1, { callId: 'call-0', outcomes: [] });
    store.recordDecision(entry);
    store.recordOutcomes([canonical(outcome(1, { callId: 'call-0' })), canonical(outcome(5_000, { callId: 'call-0' }))]);
    store.recordOutcomes([canonical(outcome(6_000, { callId: CALL }))]);
    const times = (): readonly number[] => store.outcomesOfCustomer('customer-1', T0 + 1_000, CALL).map(({ clock }) => clock);
    expect(times()).toEqual([1, 5_000]);
    const batch = store.takeBatch('device-1', LIMITS);
    if (batch) store.settleBatch(batch, { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })) }, T0);
    expect(times()).toEqual([5_000]);
  });

  test('a setting is null until it is set', () => {
    using scratch = new Scratch();
    const store = scratch.open();
    expect(store.setting('level')).toBeNull();
    store.saveSetting('level', 'minimal');
    expect(store.setting('level')).toBe('minimal');
  });
});
