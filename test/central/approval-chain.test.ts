/** How significant requests go up a chain and end, what rules make significant, and several nodes. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { ACTIONS, scene } from './approval-scene.ts';
import { Deciders, TestApprover } from './deciding.ts';
import { onPostgres } from './engines.ts';
import { openCentral, producerToken, until } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

const rule = (text: string) => [
  ...smallPolicy(2).filter(({ path }) => path !== 'fields.yaml'),
  { path: 'fields.yaml', text: '- path: profile.frail\n  type: boolean\n  label: Frail\n  subject: customer\n  kind: fact\n' },
  { path: 'significance.yaml', text: `- { id: rule, name: A rule, ${text}, route: { role: approver, within: 5m } }\n` },
];

onPostgres((engine) => {
  test('goal, deadline, up the chain, and at its end expired: never approved', async () => {
    await using staged = await scene(
      await engine.open(),
      '{ role: approver, within: 10m, escalate: [{ role: supervisor, within: 20m }], expiresAfter: 1h, afterCall: keep }',
    );
    const { people, desk, system } = staged;
    const { approvalId, outcomeId } = await people.ask(desk, 'call-1');
    const { db } = staged.opened.central.store;
    const supervisor = await TestApprover.connect(staged.opened.central.url, await people.token('sup'));
    expect(await people.queue('sup')).toEqual([]);
    const view = await people.view('one', approvalId);
    expect([view.goalAtMs, view.deadlineAtMs, view.expiresAtMs].map((atMs) => Math.round((atMs - view.requestedAtMs) / 60_000))).toEqual([
      5, 10, 60,
    ]);
    const late = (id: string) =>
      db
        .updateTable('approval_requests')
        .set({ deadline_at_ms: Date.now() - 60_000 })
        .where('approval_id', '=', id)
        .execute();
    await late(approvalId);
    await people.becomes(approvalId, 'escalated');
    expect(await people.queue('sup')).toMatchObject([{ approvalId, level: 1, assigneeId: 'sup' }]);
    await until('on the screen', () => supervisor.last(approvalId)?.level === 1);
    await until('told', () => desk.named('approval').findLast((one) => one.approvalId === approvalId)?.withName === 'Name of sup');
    const escalated = await people.view('sup', approvalId);
    expect(Math.round((escalated.deadlineAtMs - Date.now()) / 60_000)).toBe(19);
    // Who could decide before still can; when the last deadline passed it stays where it is, overdue, until its end.
    expect((await people.queue('one')).map((one) => one.approvalId)).toEqual([approvalId]);
    await late(approvalId);
    await pause(600);
    expect(await people.stateOf(approvalId)).toBe('escalated');
    await expect(sql`update approval_requests set expires_at_ms = 1 where approval_id = ${approvalId}`.execute(db)).rejects.toThrow(
      /as it was asked/,
    );
    await sql`alter table approval_requests disable trigger approval_change_checked`.execute(db);
    await sql`update approval_requests set requested_at_ms = requested_at_ms - 7200000, expires_at_ms = requested_at_ms - 1 where approval_id = ${approvalId}`.execute(
      db,
    );
    await sql`alter table approval_requests enable trigger approval_change_checked`.execute(db);
    await people.becomes(approvalId, 'expired');
    expect(await people.say('sup', approvalId, 'approved')).toBe('over');
    await until('told', () => desk.named('answer').some((one) => one.outcomeId === outcomeId && one.result === 'expired'));
    // Up a level in time, it is decided there.
    const second = await people.ask(desk, 'call-2');
    await late(second.approvalId);
    await people.becomes(second.approvalId, 'escalated');
    expect(await people.say('sup', second.approvalId, 'approved')).toMatch(/approved|executed/);
    await until('sent', () => system.received().length === 1);
    expect(system.received()[0]?.request.outcomeId).toBe(second.outcomeId);
    supervisor.close();
  });

  test('who is erased is asked nothing for any more: what was asked and said of them is gone, who decided and when stays', async () => {
    await using staged = await scene(await engine.open(), null);
    const { people, desk, opened } = staged;
    const { db } = opened.central.store;
    const over = await people.ask(desk, 'call-1');
    expect(await people.say('one', over.approvalId, 'declined')).toBe('declined');
    const open = await people.ask(desk, 'call-2');
    await people.view('one', open.approvalId);
    expect((await people.word('one', open.approvalId, 'message', { text: 'Is Mina well?' })).status).toBe(200);
    await opened.central.erase('cust-1');
    const rows = await db
      .selectFrom('approval_requests')
      .select(['state', 'end_reason', 'asked', 'customer_id', 'end_detail'])
      .orderBy('state')
      .execute();
    const gone = { asked: null, customer_id: null, end_detail: null };
    expect(rows).toEqual([
      { state: 'declined', end_reason: 'declined', ...gone },
      { state: 'withdrawn', end_reason: 'erased', ...gone },
    ]);
    expect(await db.selectFrom('approval_messages').select('text').execute()).toEqual([{ text: null }]);
    expect(await db.selectFrom('approval_verdicts').select(['approver', 'verdict', 'reason']).execute()).toEqual([
      { approver: 'one', verdict: 'declined', reason: null },
    ]);
    expect(await people.queue('one')).toEqual([]);
    await expect(sql`update approval_verdicts set verdict = 'approved'`.execute(db)).rejects.toThrow(/stays/);
    await expect(sql`delete from approval_verdicts`.execute(db)).rejects.toThrow(/stays/);
  });

  test('rules make significant what the catalogue does not flag: by amount, by kind, by whom it is for', async () => {
    await using staged = await scene(await engine.open(), null);
    const { people, desk, opened } = staged;
    const needsApproval = async (text: string, more: object = {}) => {
      const published = await opened.central.publishRevision(rule(text));
      expect(published).toMatchObject({ ok: true });
      return (await people.ask(desk, `call-${randomUUID()}`, { actionId: 'change-plan', ...more })).approvalId !== 'none';
    };
    expect(await needsApproval('amountFrom: 13')).toBe(false);
    expect(await needsApproval('amountFrom: 12')).toBe(true);
    expect(await needsApproval('kinds: [change-plan]')).toBe(true);
    // Not known is as if it were so.
    expect(await needsApproval('anyOf: [profile.frail]')).toBe(true);
    const { db } = opened.central.store;
    await sql`update customers set fields = '{"frail": false}'::jsonb`.execute(db);
    expect(await needsApproval('anyOf: [profile.frail]')).toBe(false);
    expect(await needsApproval('anyOf: [profile.frail]', { customerId: null })).toBe(true);
    await sql`update customers set fields = '{"frail": true}'::jsonb`.execute(db);
    expect(await needsApproval('anyOf: [profile.frail]')).toBe(true);
  });

  test('four people on two nodes: whoever is connected where hears of it at once, and one node’s end ends nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-approve-'));
    const first = await engine.open();
    // Before the policy is published: opening a node publishes the plain one, which the other would follow for a moment.
    const b = await openCentral(await engine.again(first), { folder, actions: ACTIONS });
    await using a = await scene(first, '{ role: approver, within: 10m, quorum: [{ from: 100, people: 2 }] }', { folder });
    try {
      const there = new Deciders(() => b.central);
      const approver = await TestApprover.connect(b.central.url, await there.token('two'));
      const { approvalId, outcomeId } = await a.people.ask(a.desk, 'call-1');
      await until('at the other node', () => approver.last(approvalId) !== undefined);
      expect(await a.people.say('one', approvalId, 'approved')).toBe('assigned');
      expect(await there.say('two', approvalId, 'approved')).toMatch(/approved|executed/);
      await until('the agent’s node hears of it', () => a.desk.named('approval').some((one) => one.state === 'executed'));
      await until('sent', () => a.system.received().length === 1);
      expect(a.system.received()[0]?.request.outcomeId).toBe(outcomeId);
      expect(a.system.duplicates()).toBe(0);
      // A role that goes closes the lane.
      await b.central.store.db.deleteFrom('person_roles').where('person_id', '=', 'two').execute();
      await until('cut', () => !approver.socket.connected);
      expect(await producerToken(b.central)).not.toBe('');
    } finally {
      await b.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
