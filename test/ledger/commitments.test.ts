/** The chain holds commitments: what they commit to can go, and nothing about it can be found out from what stays. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { applySettings, unlock } from '#adapters/sqlite/connection-settings.ts';
import { migrate } from '#adapters/sqlite/migrations.ts';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { salvage } from '#adapters/sqlite/salvage.ts';
import { MAX_BATCH_BYTES } from '#contract/sync.ts';
import { writeLedger } from '#main/cli/ledger/write-ledger.ts';
import { verifyLedger } from '#main/verify/verify.mjs';
import { CALL, canonical, decision, outcome, sha256 } from '../conformance/samples.ts';
import { KEY, MIGRATIONS, NOW_MS, Scratch } from '../conformance/sqlite-scratch.ts';

const LIMITS = { items: 50, bytes: MAX_BATCH_BYTES };
/** The last schema whose ledger held the bodies themselves. */
const BEFORE_SALTS = 2;

test('once body and salt are gone the chain still verifies, in the store and in the file, and a guess cannot be confirmed', () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const entries = [decision(1), decision(2), decision(3)];
  for (const entry of entries) store.recordDecision({ ...entry, cards: [], outcomes: [] });
  const { head, lines } = store.exportLedger();
  const before = [...lines];
  expect(new Set(before.map(({ salt }) => salt)).size).toBe(3);
  store.close();
  scratch.inside((db) => {
    db.exec('delete from outbox where pos = 2; delete from ledger_body where pos = 2');
    // Only the commitment is left of it, and without the salt it says nothing of the body.
    const left = JSON.stringify(db.prepare('select * from ledger where pos = 2').get());
    expect(left).toContain(before[1]?.commitment);
    for (const guess of [entries[1]?.recordJson ?? '', `${'\0'.repeat(32)}${entries[1]?.recordJson}`])
      expect(left).not.toContain(sha256(guess));
  });
  const again = scratch.open();
  expect(again.verifyLedger()).toEqual({ entries: 3, brokenAt: null });
  expect(again.decisionRecord(entries[1]?.id ?? '')).toBeNull();
  expect(again.decisionRecord(entries[2]?.id ?? '')).toBe(entries[2]?.recordJson);
  again.recordDecision({ ...decision(4), cards: [], outcomes: [] });
  const file = join(scratch.folder, 'ledger.jsonl');
  writeLedger(file, again.exportLedger());
  expect(verifyLedger(file, new Map([[head.entries, head.hash]]))).toMatchObject({ entries: 4, proven: 3, bad: null });
  rmSync(file);
});

test.each(['randomblob(32)', "x''"])('a body beside another salt (%s) is found', (salt) => {
  using scratch = new Scratch();
  const store = scratch.open();
  for (const clock of [1, 2, 3]) store.recordDecision({ ...decision(clock), cards: [], outcomes: [] });
  store.close();
  scratch.inside((db) => db.exec(`update ledger_body set salt = ${salt} where pos = 2`));
  expect(scratch.open().verifyLedger().brokenAt).toBe(2);
});

test('a store from before salts goes on: its chain holds, its rows are sent, and what comes new is salted', () => {
  using scratch = new Scratch();
  const bodies = ['{"a":1}', '{"b":"zwei"}', '{"c":[3]}'];
  const former = fillFormer(scratch, bodies);

  const store = scratch.open();
  expect(store.verifyLedger()).toEqual({ entries: 3, brokenAt: null });
  expect(store.decisionRecord('former-1')).toBe(bodies[0]);
  expect(store.loadCall(CALL)).toMatchObject({ outcomes: [{ id: former.outcome.id }], lastDecision: { decisionId: 'former-1' } });
  expect(store.takeBatch('device-1', LIMITS)?.items.map(({ id, hash, body }) => [id, hash, body])).toEqual([
    ['former-2', sha256(bodies[1] ?? ''), bodies[1]],
    ['former-3', sha256(bodies[2] ?? ''), bodies[2]],
  ]);
  expect(store.counts()).toEqual({ unsent: 2, refused: 1, ledger: 3 });
  store.recordOutcomes([canonical(outcome(9))]);
  const exported = [...store.exportLedger().lines];
  expect(exported.map(({ salt }) => salt?.length)).toEqual([0, 0, 0, 64]);
  expect(exported[2]?.hash).toBe(former.head);
  const file = join(scratch.folder, 'ledger.jsonl');
  writeLedger(file, store.exportLedger());
  expect(verifyLedger(file, new Map([[3, former.head]])).bad).toBeNull();
  store.close();
  scratch.inside((db) => {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
  });
});

test('what a damaged store from before salts had unsent is saved as it is from one of today', () => {
  const bodies = ['{"a":1}', '{"b":"zwei"}', '{"c":[3]}'];
  using former = new Scratch();
  const { outcome: answered } = fillFormer(former, bodies);
  const saved = salvage(former.folder, STORE_FILE, KEY, 2);
  expect(saved.unsent.map(({ id, body }) => [id, body])).toEqual([
    ['former-2', bodies[1]],
    ['former-3', bodies[2]],
  ]);
  expect([saved.lost, saved.outcomes.map(({ value }) => value.id)]).toEqual([0, [answered.id]]);
  // The same after it was brought to today's schema.
  former.open().close();
  expect(salvage(former.folder, STORE_FILE, KEY, 2)).toEqual(saved);
  former.inside((db) => db.exec("update ledger_body set body = x'7b7d' where pos = 3"));
  expect(salvage(former.folder, STORE_FILE, KEY, 2)).toMatchObject({ unsent: [{ id: 'former-2' }], lost: 1 });
});

/** A store as the version before wrote it: one entry a dead letter, two unsent. */
function fillFormer(scratch: Scratch, bodies: readonly string[]): { readonly head: string; readonly outcome: ReturnType<typeof outcome> } {
  const made = outcome(1);
  let head = '0'.repeat(64);
  const db = new Database(join(scratch.folder, STORE_FILE));
  unlock(db, KEY);
  applySettings(db);
  const migrated = migrate(db, MIGRATIONS.slice(0, BEFORE_SALTS), NOW_MS);
  expect(migrated).toEqual({ ok: true, applied: BEFORE_SALTS });
  db.prepare('insert into call (call_id) values (?)').run(CALL);
  const insert = db.prepare('insert into ledger (kind, id, call_id, clock, body_hash, body, hash) values (?, ?, ?, ?, ?, ?, ?)');
  for (const [index, body] of bodies.entries()) {
    const [kind, id] = [index === 0 ? 'decision' : 'repeat', `former-${index + 1}`];
    head = createHash('sha256')
      .update(`${head}\n${kind}\n${id}\n${sha256(body)}`)
      .digest('hex');
    insert.run(kind, id, CALL, index + 1, sha256(body), body, head);
  }
  db.prepare("insert into device (id, epoch, last_seq, clock, head) values (1, 'former', 3, 3, ?)").run(head);
  db.exec(
    "insert into outbox (seq, pos) values (2, 2), (3, 3); insert into dead_letter (pos, seq, reason, at_ms) values (1, 1, 'bad-item', 1)",
  );
  db.prepare("insert into last_decision (call_id, decision_id, fingerprint) values (?, 'former-1', 'f')").run(CALL);
  db.prepare('insert into outcome (id, call_id, customer_id, at_ms, body) values (?, ?, ?, ?, ?)').run(
    made.id,
    CALL,
    made.customerId,
    made.atMs,
    JSON.stringify(made),
  );
  db.close();
  return { head, outcome: made };
}
