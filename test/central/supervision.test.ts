/** Supervisors on two nodes: the wall, alerts, words to an agent, reading along. The desk is always at the other node. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byNeed, type CallSupervision, type Reading, type WallRow } from '#contract/supervision.ts';
import { alertsOf, type Watched } from '#central/supervision/alerts.ts';
import type { AlertRuleView } from '#contract/supervision.ts';
import type { Deciders } from './deciding.ts';
import { onPostgres } from './engines.ts';
import { batch, item, type Opened, outcome, TestDesk, until } from './fixture.ts';
import { must, state, supervisedNodes, type SupervisedNodes } from './supervised.ts';
import { TestSupervisor } from './watching.ts';

onPostgres((engine) => {
  let a: Opened;
  let b: Opened;
  let people: Deciders;
  let atB: Deciders;
  let begin: SupervisedNodes['begin'];
  let end: SupervisedNodes['end'];
  let close: SupervisedNodes['close'];
  beforeAll(async () => {
    ({ a, b, people, atB, begin, end, close } = await supervisedNodes(engine));
  });
  afterAll(() => close());

  const watch = async (who = 'sup'): Promise<TestSupervisor> => TestSupervisor.connect(a.central.url, await people.token(who));

  test('a call is on the wall with what its desk at another node shows, changes alone are told, and it goes when the call ends', async () => {
    const wall = await watch();
    const desk = await TestDesk.connect(b.central, 'ann');
    const call = await begin('ann');
    await until('the call is there', () => wall.rows.get(call.callId)?.awaySinceMs === null);
    expect(wall.rows.get(call.callId)).toMatchObject({ agentName: 'Ann', phase: 'offered', rung: null, prompt: null, alerts: [] });
    const atMs = Date.now();
    desk.states([state(call.callId, { prompt: must(atMs), topic: { intent: 'moving', atMs }, connectedAtMs: atMs })]);
    await until('the prompt is there', () => wall.rows.get(call.callId)?.prompt !== null);
    expect(wall.rows.get(call.callId)).toMatchObject({
      rung: 'model',
      connectedAtMs: atMs,
      topic: 'moving',
      prompt: { actionId: 'explain-bill', name: 'Action explain-bill', urgency: 'must', sinceMs: atMs },
    });
    const other = await begin('bob');
    await until('the other is there', () => wall.rows.has(other.callId));
    const told = wall.told;
    await a.central.intake(call.said('Something that changes no row'));
    desk.states([state(call.callId, { prompt: null })]);
    await until('the prompt is gone', () => wall.rows.get(call.callId)?.prompt === null);
    expect(wall.told - told).toBe(1);
    await end(call);
    await until('the call is gone', () => !wall.rows.has(call.callId));
    await end(other);
    desk.close();
    wall.close();
  });

  test('a wall holds the calls of its own teams, and nothing of the customer', async () => {
    const [wall, south] = [await watch(), await watch('nix')];
    const calls = { ann: await begin('ann'), zoe: await begin('zoe') };
    await until('each has its own', () => wall.rows.has(calls.ann.callId) && south.rows.has(calls.zoe.callId));
    expect([wall.rows.has(calls.zoe.callId), south.rows.has(calls.ann.callId)]).toEqual([false, false]);
    const row = JSON.stringify(wall.rows.get(calls.ann.callId));
    expect(row).not.toMatch(/customer|cust-/);
    await a.central.store.db.deleteFrom('person_roles').where('person_id', '=', 'nix').execute();
    await until('whoever may not any more is cut', () => !south.socket.connected);
    await a.central.store.db
      .insertInto('person_roles')
      .values({ person_id: 'nix', role: 'supervisor', granted_at_ms: 1, granted_by: null })
      .execute();
    for (const call of Object.values(calls)) await end(call);
    wall.close();
  });

  test('a desk that is away is seen to be, also where its whole node dies; what it says of a call that is not its own is nothing', async () => {
    const wall = await watch();
    const desk = await TestDesk.connect(b.central, 'ann');
    const [mine, bobs] = [await begin('ann'), await begin('bob')];
    await until('the desk is here', () => wall.rows.get(mine.callId)?.awaySinceMs === null);
    expect(wall.rows.get(bobs.callId)?.awaySinceMs).not.toBeNull();
    desk.states([state(mine.callId), state(bobs.callId, { prompt: must(Date.now()) })]);
    await until('it said something', () => wall.rows.get(mine.callId)?.rung === 'model');
    expect(wall.rows.get(bobs.callId)).toMatchObject({ rung: null, prompt: null });
    desk.emit('desk-state', { calls: [{ callId: mine.callId, rung: 'happy' }] });
    desk.close();
    await until('it left', () => wall.rows.get(mine.callId)?.awaySinceMs !== null);
    const again = await TestDesk.connect(b.central, 'ann');
    await until('it is back', () => wall.rows.get(mine.callId)?.awaySinceMs === null);
    // As it is when a node was killed: its row grows old. The next beat says otherwise again.
    await until('its node is not heard of', async () => {
      await sql`update live_nodes set seen_at_ms = 1`.execute(a.central.store.db);
      return wall.rows.get(mine.callId)?.awaySinceMs !== null;
    });
    await until('its node is heard of', () => wall.rows.get(mine.callId)?.awaySinceMs === null);
    // As it is when the database crashed: tables that are not logged are empty.
    again.states([state(mine.callId)]);
    await until('it is known', () => wall.rows.get(mine.callId)?.rung === 'model');
    await sql`truncate live_nodes, desk_seats, desk_states`.execute(a.central.store.db);
    const said = async () =>
      (await sql<{ n: number }>`select count(*)::int as n from desk_states join desk_seats using (agent_id)`.execute(a.central.store.db))
        .rows[0]?.n;
    await until('everything was said again', async () => (await said()) !== 0);
    await until('all is as it was', () => wall.rows.get(mine.callId)?.rung === 'model' && wall.rows.get(mine.callId)?.awaySinceMs === null);
    for (const call of [mine, bobs]) await end(call);
    again.close();
    wall.close();
  });

  test('alerts are defined once for a team or for all, by whom it is theirs, and the call with the most urgent comes first', async () => {
    const desk = await TestDesk.connect(b.central, 'ann');
    const wall = await watch();
    const [calm, hot] = [await begin('bob'), await begin('ann')];
    const alert = (who: string, more: object) =>
      people.post(who, '/api/supervision/alerts', { name: 'An alert', teamId: 'north', severity: 'attention', ...more });
    const long = await alert('sup', { kind: 'call-longer', afterS: 0, name: 'Long call' });
    const said = await alert('coun', { kind: 'must-unanswered', afterS: 0, teamId: null, severity: 'urgent', name: 'Not said' });
    expect([long.status, said.status]).toEqual([201, 201]);
    expect((await alert('sup', { kind: 'topic', topic: 'moving', teamId: 'south' })).body).toMatchObject({ error: 'not-your-team' });
    expect((await alert('sup', { kind: 'topic', topic: 'moving', teamId: null })).body).toMatchObject({ error: 'not-your-team' });
    expect((await alert('coun', { kind: 'topic', topic: 'moving', teamId: 'nowhere' })).body).toMatchObject({ error: 'unknown-team' });
    for (const kind of ['agent-mood', 'sentiment', 'stress', 'call-longer']) expect((await alert('sup', { kind })).status, kind).toBe(400);
    desk.states([state(hot.callId, { prompt: must(Date.now()) })]);
    await until('both are raised', () => wall.rows.get(hot.callId)?.alerts.length === 2 && wall.rows.get(calm.callId)?.alerts.length === 1);
    expect(wall.rows.get(hot.callId)?.alerts.map(({ name, severity }) => [name, severity])).toEqual([
      ['Not said', 'urgent'],
      ['Long call', 'attention'],
    ]);
    const order = [...wall.rows.values()].filter(({ callId }) => callId === hot.callId || callId === calm.callId).toSorted(byNeed);
    expect(order.map(({ callId }) => callId)).toEqual([hot.callId, calm.callId]);
    const { body } = await people.get('sup', '/api/supervision');
    expect(body).toMatchObject({
      teams: [{ teamId: 'north' }],
      rules: [{ name: 'Long call', madeBy: 'Sue Pervisor' }, { name: 'Not said' }],
    });
    expect((body as { actions: unknown[] }).actions).toHaveLength(3);
    const ended = (who: string, id: unknown) => people.post(who, `/api/supervision/alerts/${String(id)}/end`);
    expect((await ended('sup', said.body['ruleId'])).status).toBe(403);
    expect((await ended('sup', long.body['ruleId'])).status).toBe(200);
    expect((await ended('sup', long.body['ruleId'])).status).toBe(404);
    expect((await ended('coun', said.body['ruleId'])).status).toBe(200);
    await until('nothing is raised', () => [hot, calm].every(({ callId }) => wall.rows.get(callId)?.alerts.length === 0));
    for (const call of [calm, hot]) await end(call);
    desk.close();
    wall.close();
  });

  test('an approval that waits is on the row, and is gone when it was decided', async () => {
    const wall = await watch();
    const desk = await TestDesk.connect(b.central, 'ann');
    const call = await begin('ann');
    const accepted = outcome({ callId: call.callId, kind: 'accepted', actionId: 'big-credit' });
    await desk.send(batch('dev-ann', [item(1, 'outcome', accepted)], 'supervision'));
    await until('it waits', () => wall.rows.get(call.callId)?.approvals?.waiting === 1);
    expect(wall.rows.get(call.callId)?.approvals?.deadlineAtMs).toBeGreaterThan(Date.now());
    await end(call);
    desk.close();
    wall.close();
  });

  test('whoever does not take what they are told is told no more than once at a time, and then how it is by then', async () => {
    const wall = await watch();
    const desk = await TestDesk.connect(b.central, 'ann');
    const call = await begin('ann');
    await until('it is there', () => wall.rows.get(call.callId)?.awaySinceMs === null);
    const { promise, resolve } = Promise.withResolvers<void>();
    wall.gate = promise;
    const before = wall.messages;
    for (let i = 0; i < 10; i++) {
      desk.states([state(call.callId, { prompt: must(1_760_000_000_000 + i) })]);
      await new Promise((next) => setTimeout(next, 150));
    }
    expect(wall.messages - before).toBe(1);
    resolve();
    await until('it is as it is', () => wall.rows.get(call.callId)?.prompt?.sinceMs === 1_760_000_000_009);
    expect(wall.messages - before).toBe(2);
    await end(call);
    desk.close();
    wall.close();
  });

  test('words to an agent are on their desk at the other node, and stay as they were said', async () => {
    const call = await begin('ann');
    const path = `/api/calls/${call.callId}/coach`;
    const { db } = a.central.store;
    await until(
      'no desk of hers is here',
      async () => (await db.selectFrom('desk_seats').select('node').where('left_at_ms', 'is', null).execute()).length === 0,
    );
    expect((await people.post('sup', path, { text: 'Offer to call back' })).body).toMatchObject({ error: 'desk-away' });
    const desk = await TestDesk.connect(b.central, 'ann');
    await until('the desk is here', async () => (await people.post('sup', path, { text: 'Offer to call back' })).status === 201);
    await until('it is shown', () => desk.supervised(call.callId)?.notes[0]?.text === 'Offer to call back');
    expect(desk.supervised(call.callId)?.notes).toMatchObject([{ by: 'Sue Pervisor' }]);
    expect((await people.post('nix', path, { text: 'Hello' })).status).toBe(404);
    expect((await people.post('sup', path, { text: 'x'.repeat(301) })).status).toBe(400);
    const audit = async (who: string) => (await people.get(who, `/api/calls/${call.callId}/supervision`)).body as CallSupervision;
    await until('that it is shown is known', async () => (await audit('sup')).notes[0]?.shownAtMs !== null);
    expect((await audit('ann')).notes).toMatchObject([{ authorId: 'sup', text: 'Offer to call back' }]);
    // A desk that starts again is told again.
    desk.close();
    const again = await TestDesk.connect(b.central, 'ann');
    await until('it is shown again', () => again.supervised(call.callId)?.notes.length === 1);
    await expect(db.updateTable('coaching_notes').set({ text: 'Never mind' }).execute()).rejects.toThrow(/stays as it was said/);
    await expect(db.updateTable('coaching_notes').set({ author: 'nix' }).execute()).rejects.toThrow(/stays as it was said/);
    await end(call);
    await until('it is over', async () => (await people.post('sup', path, { text: 'Well done' })).body['error'] === 'call-over');
    again.close();
  });

  test('nothing is read before the agent’s desk shows who reads; who read, and when, stays, and the agent sees it end', async () => {
    const desk = await TestDesk.connect(b.central, 'ann');
    desk.shows = false;
    const call = await begin('ann');
    await a.central.intake(call.said('I am moving house'));
    const read = async (who = 'sup', after = 0) =>
      (await people.get(who, `/api/calls/${call.callId}/transcript?after=${after}`)) as { status: number; body: Reading };
    await until('the desk is here', async () => (await read()).status === 200);
    await until('the desk was told', () => desk.supervised(call.callId)?.readers[0]?.by === 'Sue Pervisor');
    for (let i = 0; i < 5; i++) {
      expect((await read()).body).toMatchObject({ state: 'telling-the-agent', lines: [] });
      await new Promise((next) => setTimeout(next, 100));
    }
    desk.shows = true;
    await until('it is read', async () => (await read()).body.state === 'reading');
    const { lines } = (await read()).body;
    expect(lines).toMatchObject([{ speaker: 'customer', text: 'I am moving house' }]);
    expect((await read('sup', lines[0]?.seq)).body.lines).toEqual([]);
    expect((await read('nix')).status).toBe(404);
    const audit = (await people.get('ann', `/api/calls/${call.callId}/supervision`)).body as CallSupervision;
    expect(audit.readings).toMatchObject([{ readerId: 'sup' }]);
    expect(audit.readings[0]?.shownAtMs).not.toBeNull();
    await until('the agent sees that it is over', () => desk.supervised(call.callId)?.readers.length === 0);
    const { db } = a.central.store;
    await expect(db.updateTable('transcript_reads').set({ until_ms: 1 }).execute()).rejects.toThrow(/stays as it was/);
    await end(call);
    desk.close();
  });

  test('a supervisor takes an action out for everybody at once, with a reason and an end', async () => {
    const desk = await TestDesk.connect(b.central, 'ann');
    const untilMs = Date.now() + 3_600_000;
    const out = { actionId: 'change-plan', reason: 'The price list is wrong', untilMs };
    const { body, status } = await people.post('sup', '/api/exclusions', out);
    expect(status).toBe(201);
    await until('the desk hears of it', () => desk.named('versions').at(-1)?.excluded.includes('change-plan') === true);
    expect((await atB.get('sup', '/api/supervision')).body).toMatchObject({ exclusions: [{ ...out, isInForce: true, excludedBy: 'sup' }] });
    expect((await people.post('sup', '/api/exclusions', { ...out, untilMs: undefined })).status).toBe(400);
    expect((await people.post('sup', `/api/exclusions/${String(body['exclusionId'])}/lift`)).status).toBe(200);
    await until('the desk hears of it', () => desk.named('versions').at(-1)?.excluded.length === 0);
    desk.close();
  });
});

const rule = (more: Partial<AlertRuleView>): AlertRuleView => ({
  ruleId: 'r',
  name: 'Rule',
  teamId: null,
  severity: 'attention',
  kind: 'call-longer',
  afterS: 60,
  topic: null,
  madeBy: 'Sue',
  madeAtMs: 1,
  ...more,
});
const CALL: Watched = { teams: ['north'], startedAtMs: 1_000, mustSinceMs: null, approvalSinceMs: null, awaySinceMs: null, topic: null };

test('each kind of alert begins when what it is about has lasted so long, and not before', () => {
  const kinds = [
    [rule({ kind: 'call-longer' }), CALL],
    [rule({ kind: 'must-unanswered' }), { ...CALL, mustSinceMs: 1_000 }],
    [rule({ kind: 'approval-waiting' }), { ...CALL, approvalSinceMs: 1_000 }],
    [rule({ kind: 'desk-offline' }), { ...CALL, awaySinceMs: 1_000 }],
  ] as const;
  for (const [one, call] of kinds) {
    expect(alertsOf(call, [one], 60_999), one.kind).toEqual([]);
    expect(alertsOf(call, [one], 61_000), one.kind).toMatchObject([{ kind: one.kind, sinceMs: 61_000 }]);
    if (one.kind !== 'call-longer') expect(alertsOf(CALL, [one], 9_999_999), one.kind).toEqual([]);
  }
  const topic = rule({ kind: 'topic', topic: 'moving', afterS: null });
  expect(alertsOf({ ...CALL, topic: { intent: 'moving', atMs: 5_000 } }, [topic], 5_000)).toMatchObject([{ sinceMs: 5_000 }]);
  expect(alertsOf({ ...CALL, topic: { intent: 'other', atMs: 5_000 } }, [topic], 5_000)).toEqual([]);
  expect(alertsOf(CALL, [rule({ teamId: 'south' }), rule({ teamId: 'north' })], 99_000)).toHaveLength(1);
});

const row = (callId: string, more: Partial<WallRow>): WallRow => ({
  callId,
  agentId: 'a',
  agentName: 'A',
  phase: 'active',
  offeredAtMs: 1_760_000_000_000,
  rung: null,
  topic: null,
  prompt: null,
  awaySinceMs: null,
  approvals: null,
  alerts: [],
  ...more,
});
const raised = (severity: 'urgent' | 'attention') => ({
  ruleId: severity,
  name: severity,
  kind: 'call-longer' as const,
  severity,
  sinceMs: 1_760_000_000_000,
});

test('the wall is sorted by need: urgent before any number of others it can hold, then who waits, then the longest', () => {
  const rows = [
    row('calm', {}),
    row('older', { offeredAtMs: 1_755_000_000_000 }),
    // Rang for long, and talks since a moment: what counts is the talk.
    row('rang', { offeredAtMs: 1_750_000_000_000, connectedAtMs: 1_760_000_000_001 }),
    row('must', { prompt: { actionId: 'x', name: 'X', urgency: 'must', sinceMs: 1_760_000_000_000 } }),
    row('waits', { approvals: { waiting: 1, sinceMs: 1_760_000_000_000, deadlineAtMs: 1_760_000_000_000 } }),
    row('urgent', { alerts: [raised('urgent')] }),
    row('five', { alerts: Array.from({ length: 5 }, () => raised('attention')) }),
  ];
  expect(rows.toSorted(byNeed).map(({ callId }) => callId)).toEqual(['urgent', 'five', 'waits', 'must', 'older', 'calm', 'rang']);
});
