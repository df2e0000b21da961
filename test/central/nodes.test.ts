/** Several nodes on one PostgreSQL: whoever is connected where, everything reaches everybody, and no notification is needed for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { counts } from '../fault/counts.ts';
import { randomFrom } from '../fault/random-from.ts';
import { report } from '../fault/report.ts';
import { onPostgres } from './engines.ts';
import { batch, item, outcome, Producer, TestDesk, until } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';
import { type Deafen, NOT_AT_ALL, POLL_MS, twoNodes, type TwoNodes } from './two-nodes.ts';

/** As rarely as central allows, and later than any test waits: whatever arrives was brought by a notification. */
const NEVER_MS = 60_000;

onPostgres((engine) => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-nodes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (deafen: Deafen = NOT_AT_ALL, pollMs = POLL_MS): Promise<TwoNodes> => twoNodes(engine, folder, pollMs, deafen);

  test('a desk gets the events of its call whichever node takes them, in order, without waiting for the poll', async () => {
    const { a, b, close } = await open(NOT_AT_ALL, NEVER_MS);
    const desk = await TestDesk.connect(b, 'ann');
    const producer = new Producer();
    await a.intake(producer.offered('ann', 'cust-1'));
    await until('the first event arrived', () => desk.seqs(producer.callId).length === 1);
    for (let i = 0; i < 10; i++) await (i % 2 === 0 ? a : b).intake(producer.said(`words ${i}`));
    await until('all arrived', () => desk.seqs(producer.callId).length === 11);
    expect(desk.seqs(producer.callId)).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
    await a.intake(
      producer.event('sotto.utterance.partial', { utteranceId: 'u99', speaker: 'customer', text: 'I am', startMs: 0, endMs: 9 }),
    );
    await until('what is being said arrived', () => desk.named('partial').length === 1);
    desk.close();
    await close();
  });

  test('what changes for everybody reaches the desks of every node: revisions, erasures, a consent', async () => {
    const { a, b, close } = await open(NOT_AT_ALL, NEVER_MS);
    const desk = await TestDesk.connect(b, 'ann');
    const producer = new Producer();
    await b.intake(producer.offered('ann', 'cust-1'));
    await until('the call is there', () => desk.contexts(producer.callId).length === 1);
    const versions = desk.named('versions').length;
    await a.publishRevision(smallPolicy(2));
    await until('the revision is named', () => desk.named('versions').length > versions);
    expect((await a.erase('cust-9')).ok).toBe(true);
    await until('the order is carried out', () => desk.ordersKept === 1);
    const consent = new Producer('elsewhere', '/crm').event('sotto.consent.changed', {
      customerId: 'cust-1',
      purpose: 'marketing',
      granted: false,
    });
    await a.intake(consent);
    const withdrawn = () =>
      desk.contexts(producer.callId).some(({ profile }) => profile?.consents.some(({ granted }) => !granted) === true);
    await until('the withdrawal is known', withdrawn);
    desk.close();
    await close();
  });

  test('a call that is transferred to a desk of another node waits there for what the former desk still has', async () => {
    const { a, b, close } = await open();
    const [ann, bob] = [await TestDesk.connect(a, 'ann'), await TestDesk.connect(b, 'bob')];
    const producer = new Producer();
    await a.intake(producer.offered('ann', 'cust-1'));
    await until('the call is at the first desk', () => ann.seqs(producer.callId).length === 1);
    const given = outcome({ callId: producer.callId, kind: 'rejected' });
    ann.onRelease = async () => {
      await ann.send(batch('dev-ann', [item(1, 'outcome', given)]));
    };
    await a.intake(producer.event('sotto.call.transferred', { fromAgentId: 'ann', toAgentId: 'bob' }));
    const complete = () => bob.contexts(producer.callId).find((context) => context.complete);
    await until('the other desk has all', () => complete() !== undefined);
    expect(complete()?.outcomes.map(({ id }) => id)).toEqual([given.id]);
    expect(ann.named('release')).toHaveLength(1);
    // An answer that comes later than that is told too.
    const late = outcome({ callId: producer.callId, kind: 'seen' });
    await ann.send(batch('dev-ann', [item(2, 'outcome', late)]));
    await until(
      'the late one is known',
      () =>
        bob
          .contexts(producer.callId)
          .at(-1)
          ?.outcomes.some(({ id }) => id === late.id) === true,
    );
    ann.close();
    bob.close();
    await close();
  });

  const ROUNDS = counts(20, 100);
  test(`[X7] ${ROUNDS} rounds of lost, late and doubled notifications, and of listeners cut off, lose nothing: the poll finds it`, {
    timeout: 300_000,
  }, async () => {
    const random = randomFrom(7);
    let faults = 0;
    const { a, b, close } = await open((hear) => (text) => {
      faults++;
      const what = random(100) / 100;
      if (what < 0.6) return;
      if (what < 0.8) setTimeout(() => hear(text), random(3_000));
      else for (let times = 0; times < 2; times++) hear(text);
    });
    const desk = await TestDesk.connect(b, 'ann');
    let sent = 0;
    for (let round = 0; round < ROUNDS; round += 10) {
      // Ten calls at once, so that the rounds of a run wait together.
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const producer = new Producer();
          await a.intake(producer.offered('ann'));
          await a.intake(producer.said('words'));
          sent += 2;
          await until('both events arrived', () => desk.seqs(producer.callId).length === 2);
        }),
      );
      const { rows } = await sql<{ n: number }>`
        select count(pg_terminate_backend(pid))::integer as n from pg_stat_activity
        where datname = current_database() and application_name = 'sotto-central-listener'`.execute(a.store.db);
      faults += rows[0]?.n ?? 0;
    }
    const arrived = desk.named('delivery').length;
    report(
      '[X7] lost, late and doubled notifications',
      { operations: sent, faults, lost: Math.max(0, sent - arrived), doubled: Math.max(0, arrived - sent), phantom: 0 },
      { faults: ROUNDS / 5 },
    );
    desk.close();
    await close();
  });

  test('[X7] canary: without the poll a lost notification does lose an event, and this suite sees it', async () => {
    const { a, b, close } = await open(() => () => {}, NEVER_MS);
    const desk = await TestDesk.connect(b, 'ann');
    const before = new Producer();
    await b.intake(before.offered('ann'));
    await until('it has resumed', () => desk.seqs(before.callId).length === 1);
    const producer = new Producer();
    await a.intake(producer.offered('ann'));
    await expect(until('it arrived', () => desk.seqs(producer.callId).length === 1, 2 * POLL_MS)).rejects.toThrow('still not');
    desk.close();
    await close();
  });
});
