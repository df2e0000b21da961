/** What is personal is sealed inside the encrypted database, under keys whose end is the end of it. */
import { join } from 'node:path';
import Database, { type Database as Connection } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { applySettings, unlock } from '#adapters/sqlite/connection-settings.ts';
import { GateRows } from '#adapters/sqlite/gate-rows.ts';
import { migrate } from '#adapters/sqlite/migrations.ts';
import { Anchor } from '#adapters/sqlite/anchor.ts';
import { anchorFile, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { canonical, card, decision, delivery, event, outcome, T0 } from '../conformance/samples.ts';
import { KEY, MIGRATIONS, NOW_MS, Scratch } from '../conformance/sqlite-scratch.ts';
import { rawPages } from './raw-pages.ts';

const WORDS = ['Quillfeather', 'cust-zx-4471', 'Butterscotch', 'Penzance', 'Wilhelmina'] as const;
const CALL = 'call-1';

const profile = (version = 1) => ({
  customerId: 'cust-zx-4471',
  version,
  asOfMs: NOW_MS,
  displayName: 'Persephone Quillfeather',
  language: 'en',
  fields: { town: 'Penzance' },
  consents: [],
  history: [],
});

/** One call with everything personal a store ever holds. */
function fill(store: SqliteStore): string {
  if (store.callOffsets().length === 0) store.journalDelivery(delivery(1, 'I live in Butterscotch Lane'));
  const entry = decision(1);
  store.recordDecision({
    ...entry,
    recordJson: '{"facts":["Wilhelmina"]}',
    cards: [card(entry.id, { name: 'Ask after Wilhelmina' })],
    outcomes: [canonical(outcome(1, { decisionId: entry.id, customerId: null, note: 'of Quillfeather' }))],
  });
  store.journalDelivery({
    callId: CALL,
    seq: 2,
    event: event('sotto.call.identified', { customerId: 'cust-zx-4471', identity: 'verified' }, T0, CALL),
  });
  store.recordOutcomes([canonical(outcome(2, { customerId: 'cust-zx-4471' }))]);
  store.saveProfile(profile());
  return entry.id;
}

const foundIn = (bytes: Buffer): readonly string[] => WORDS.filter((word) => bytes.includes(word));

test('no personal word is in any page of the database or its log, decrypted, while all of it can be read', () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const decisionId = fill(store);
  const raw = rawPages(join(scratch.folder, STORE_FILE), KEY);
  // The pages were read: what is not personal is there in plain words.
  expect([raw.includes(decisionId), raw.includes('CREATE TABLE person_key')]).toEqual([true, true]);
  expect(foundIn(raw)).toEqual([]);
  store.close();
  const again = scratch.open();
  const read = [again.loadCall(CALL), again.profile('cust-zx-4471'), [...again.exportLedger().lines]];
  expect(foundIn(Buffer.from(JSON.stringify(read)))).toEqual([...WORDS]);
});

test('a store from before is sealed when it is opened, leaves no word behind, and is taken for the one it is', () => {
  using scratch = new Scratch();
  const file = join(scratch.folder, STORE_FILE);
  const made = outcome(1, { customerId: 'cust-zx-4471', note: 'of Butterscotch Lane' });
  const said = [delivery(1, 'I live in Butterscotch Lane'), delivery(2, 'With Wilhelmina')];
  {
    const db = new Database(file);
    unlock(db, KEY);
    applySettings(db);
    expect(migrate(db, MIGRATIONS.slice(0, 4), NOW_MS).ok).toBe(true);
    db.exec(`insert into device values (1, 'former', 0, 0, '${'0'.repeat(64)}'); insert into call (call_id) values ('${CALL}')`);
    for (const { seq, event: one } of said)
      db.prepare('insert into call_event values (?, ?, ?, ?)').run(CALL, seq, one.id, JSON.stringify(one));
    db.prepare('insert into outcome values (?, ?, ?, ?, ?)').run(made.id, CALL, made.customerId, made.atMs, JSON.stringify(made));
    db.prepare('insert into profile values (?, 1, ?, ?)').run('cust-zx-4471', JSON.stringify(profile()), NOW_MS);
    const anchor = new Anchor(anchorFile(scratch.folder), KEY);
    anchor.write(
      {
        epoch: 'former',
        lastSeq: 0,
        sentSeq: 0,
        entries: 0,
        head: '0'.repeat(64),
        clock: 0,
        unsent: 0,
        events: 2,
        gates: formerDigest(JSON.stringify(profile())),
        gatesNext: null,
        latestMs: 0,
        isSuspect: false,
        setAside: null,
      },
      'synced',
    );
    anchor.close();
    db.close();
    expect(foundIn(rawPages(file, KEY)).length).toBeGreaterThan(3);
  }
  const opened = scratch.tryOpen();
  expect(opened).toMatchObject({ ok: true, salvaged: null });
  if (!opened.ok) return;
  const { store } = opened;
  expect(store.profile('cust-zx-4471')).toEqual(profile());
  expect(store.loadCall(CALL)).toMatchObject({ events: said.map(({ seq, event: one }) => ({ seq, event: one })), outcomes: [made] });
  expect(store.outcomesOfCustomer('cust-zx-4471', 0, 'another')).toEqual([made]);
  // Still open: neither the pages that were given up nor the log hold a word.
  expect(foundIn(rawPages(file, KEY))).toEqual([]);
});

/** What the version before kept in the anchor of one profile. */
function formerDigest(body: string): string {
  const none = { prepare: () => ({ iterate: () => [], get: () => undefined }) } as unknown as Pick<Connection, 'prepare'>;
  return new GateRows(none).digestWith('profile cust-zx-4471', body);
}

test('an unknown caller’s call gets the key of the person it turns out to be, and is as unreadable as them once that is gone', () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.journalDelivery(delivery(1, 'I live in Butterscotch Lane'));
  store.close();
  const keyOf = (): unknown => scratch.inside((db) => db.prepare('select person, wrapped from call_key').get());
  const unknown = keyOf() as { readonly person: string | null; readonly wrapped: Buffer };
  expect(unknown.person).toBeNull();
  const again = scratch.open();
  fill(again);
  again.close();
  const known = keyOf() as typeof unknown;
  expect([known.person === null, known.wrapped.equals(unknown.wrapped)]).toEqual([false, false]);
  const before = scratch.open();
  // What was said before is read with the new wrapping.
  expect(JSON.stringify(before.loadCall(CALL))).toContain('Butterscotch');
  before.close();
  scratch.inside((db) => {
    db.pragma('foreign_keys = OFF');
    expect(db.prepare('delete from person_key where person = person(?)').run('cust-zx-4471').changes).toBe(1);
    const sealed = ['call_event', 'display', 'outcome', 'ledger_body join ledger using (pos)'];
    for (const from of sealed) {
      const read = db
        .prepare(`select count(*) as n, count(unseal(secret, body)) as opened from ${from} join call_secret using (call_id)`)
        .get();
      expect(read).toMatchObject({ n: expect.toSatisfy((n: number) => n > 0), opened: 0 });
    }
  });
});

test('a sealed value that was changed is no other value but none', () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  store.close();
  scratch.inside((db) => {
    const sql = 'select unseal(secret, body) as body from call_event join call_secret using (call_id) where seq = 1';
    const read = db.prepare<[], { body: string }>(sql);
    const { body } = db.prepare<[], { body: Buffer }>('select body from call_event where seq = 1').get() ?? { body: Buffer.alloc(0) };
    expect(read.get()?.body).toContain('Butterscotch');
    for (let at = 0; at < body.length; at += 7) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 1;
      db.prepare('update call_event set body = ? where seq = 1').run(changed);
      expect(read.get()?.body, `byte ${at}`).toBe('');
    }
  });
});
