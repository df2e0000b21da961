/** [P1] After erasure nothing of a person can be read, wherever it lies on the desk; the chain holds, and what is owed to central is sent without them. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { restoreBackup } from '#adapters/sqlite/backup.ts';
import { AFTER_DELETION_MS } from '#adapters/sqlite/checkpoint-timer.ts';
import { writeLedger } from '#main/cli/ledger/write-ledger.ts';
import { verifyLedger } from '#main/verify/verify.mjs';
import { canonical, decision, delivery, outcome } from '../conformance/samples.ts';
import { KEY, NOW_MS } from '../conformance/sqlite-scratch.ts';
import { counts } from '../fault/counts.ts';
import { ErasedDesk, hits, type Planted } from './erased-desk.ts';
import { rawPages } from './raw-pages.ts';

const PERSONS = counts(30, 1_000);
const WITNESSES = 5;
const ALL = { items: 100_000, bytes: 2 ** 30 };

/** A desk on which so many persons were erased, and some were not. */
function desk(persons: number): { readonly desk: ErasedDesk; readonly gone: readonly Planted[]; readonly stay: readonly Planted[] } {
  const made = new ErasedDesk();
  made.plant(persons + WITNESSES);
  return { desk: made, gone: made.persons.slice(0, persons), stay: made.persons.slice(persons) };
}

const erase = (made: ErasedDesk, gone: readonly Planted[]): void => {
  const erased = made.store.erase(
    gone.map(({ customerId }) => customerId),
    NOW_MS,
  );
  expect(erased).toEqual({ ok: true });
};

const wordsOf = (persons: readonly Planted[]): readonly string[] => persons.flatMap(({ words }) => words);

test(`[P1] of ${PERSONS} erased persons no word and no key is left on the desk, and the chain verifies`, { timeout: 600_000 }, () => {
  const { desk: made, gone, stay } = desk(PERSONS);
  using _ = made;
  const before = made.store.exportLedger().head;
  const backup = made.backup();
  made.close();
  const keys = made.keysOf(gone);
  const witnessKeys = made.keysOf(stay);
  expect([keys.length, hits(made.bytes(), keys)]).toEqual([3 * PERSONS, 3 * PERSONS]);
  expect(hits(rawPages(backup, KEY), wordsOf(gone))).toBe(0);

  erase(made, gone);
  // At the latest after this long the log is emptied.
  const [timer] = made.timers.filter(({ ms }) => ms === AFTER_DELETION_MS).slice(-1);
  timer?.call();
  const bytes = made.bytes();
  expect([hits(bytes, wordsOf(gone)), hits(bytes, keys)]).toEqual([0, 0]);
  expect(hits(bytes, witnessKeys)).toBe(3 * WITNESSES);

  const { store } = made;
  expect(store.verifyLedger().brokenAt).toBeNull();
  const file = join(made.home, 'ledger.jsonl');
  const exported = store.exportLedger();
  writeLedger(file, exported);
  expect(verifyLedger(file, new Map([[before.entries, before.hash]]))).toMatchObject({ proven: before.entries, bad: null });
  for (const { customerId, callIds, decisionIds } of gone) {
    expect([store.profile(customerId), store.isErased({ customerId }), store.outcomesOfCustomer(customerId, 0, '')]).toEqual([
      null,
      true,
      [],
    ]);
    for (const callId of callIds) expect(store.loadCall(callId)).toMatchObject({ events: [], outcomes: [], cards: [], lastDecision: null });
    for (const decisionId of decisionIds) expect([store.decisionRecord(decisionId), store.isErased({ decisionId })]).toEqual([null, true]);
  }
  const batch = store.takeBatch('device-1', ALL)?.items ?? [];
  const owed = [...gone, ...stay].flatMap(({ unsent }) => unsent);
  const sent = batch.filter(({ kind }) => kind === 'outcome');
  expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(owed));
  expect(hits(Buffer.from(JSON.stringify(batch)), wordsOf(gone))).toBe(0);
  for (const { customerId, callIds, decisionIds, words } of stay) {
    const read = [store.profile(customerId), callIds.map((id) => store.loadCall(id)), decisionIds.map((id) => store.decisionRecord(id))];
    expect(hits(Buffer.from(JSON.stringify(read)), words)).toBe(words.length);
  }
  made.close();
  // Opened again it is the same store, not an older copy of one.
  expect(made.open().counts().unsent).toBe(batch.length);
  made.close();

  // A backup from before knows nothing of it: the list of the erased is replayed before anything is read.
  expect(restoreBackup(backup, made.folder, KEY, NOW_MS).ok).toBe(true);
  const restored = made.open({ erased: gone.map(({ customerId }) => customerId) });
  expect(gone.filter(({ customerId }) => restored.profile(customerId) !== null)).toEqual([]);
  expect(restored.verifyLedger().brokenAt).toBeNull();
  expect(hits(rawPages(join(made.folder, 'sotto.db'), KEY), [...wordsOf(gone), ...keys])).toBe(0);
  console.log(`[P1]: ${made.operations} operations, ${gone.length} persons erased, ${wordsOf(gone).length + keys.length} canaries, 0 hits`);
});

test('[P1] canary: keys that stay in the log, or in a backup put back without the list, are seen', () => {
  const { desk: made, gone } = desk(10);
  using _ = made;
  const backup = made.backup();
  made.close();
  const keys = made.keysOf(gone);
  made.open();
  erase(made, gone);
  // Nobody empties the log.
  expect(hits(made.bytes(), keys)).toBeGreaterThan(0);
  made.close();
  restoreBackup(backup, made.folder, KEY, NOW_MS);
  const restored = made.open();
  expect(hits(made.bytes(), keys)).toBe(keys.length);
  expect(gone.filter(({ callIds: [callId = ''] }) => (restored.loadCall(callId)?.outcomes.length ?? 0) > 0)).toHaveLength(gone.length);
});

test('what comes later of an erased person, or of a call with them, is not taken', () => {
  const { desk: made, gone } = desk(1);
  using _ = made;
  const [person] = gone;
  if (person === undefined) throw new Error('nobody was planted');
  const { customerId, callIds } = person;
  const profile = made.store.profile(customerId);
  erase(made, gone);
  const { store } = made;
  if (profile === null) throw new Error('no profile was planted');
  expect(store.saveProfile({ ...profile, version: 9 })).toEqual({ ok: true });
  expect(store.profile(customerId)).toBeNull();
  const [callId = ''] = callIds;
  expect(store.journalDelivery(delivery(9, 'I am back', callId))).toBe('duplicate');
  store.saveContext('call-new', true, [outcome(7, { callId: 'call-new', customerId })]);
  const answer = outcome(8, { callId: 'call-new', customerId, note: 'words' });
  store.recordOutcomes([canonical(answer)]);
  expect(store.loadCall('call-new')?.outcomes).toMatchObject([{ id: answer.id, customerId: null }]);
  const sent = store.takeBatch('device-1', ALL)?.items.find(({ id }) => id === answer.id)?.body;
  expect(sent).toBe(canonical((({ note: _note, ...rest }) => ({ ...rest, customerId: null }))(answer)).json);
  expect(store.verifyLedger().brokenAt).toBeNull();
  // Twice is once.
  erase(made, gone);
  // Another person's call goes on as before.
  store.recordDecision(decision(99, { callId: 'call-of-another', outcomes: [] }));
  expect(store.isErased({ callId: 'call-of-another' })).toBe(false);
});
