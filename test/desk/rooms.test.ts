/** Who does not take calls signs in at the desk, and reaches central by the one door there is. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CENTRAL_CHANNEL_NAMES, CENTRAL_CHANNELS } from '#contract/central-channels.ts';
import type { IpcResponse } from '#contract/ipc.ts';
import type { News } from '#contract/news.ts';
import { ENDPOINTS } from '#central/access/endpoints.ts';
import { requestOf } from '#main/shell/central-door/request-of.ts';
import { type Scene, scene } from '../central/approval-scene.ts';
import { Producer, until } from '../central/fixture.ts';
import { pglite } from '../central/engines.ts';
import { HotDesk } from './hot-desk.ts';

let around: Scene;
let desk: HotDesk;
beforeAll(async () => {
  around = await scene(await pglite.open(), '{ role: approver, within: 10m }');
});
afterAll(() => around[Symbol.asyncDispose]());
beforeEach(async () => {
  desk = await HotDesk.open(around.opened.central.url);
  return () => desk[Symbol.asyncDispose]();
});

const here = async () => (await desk.sessions.roster()).here;
const queue = (): Promise<IpcResponse<'approvals:queue'>> | undefined => desk.sessions.door?.ask('approvals:queue', {});
type Bodies = { readonly [N in News as N['kind']]: N['body'] };
const heard = <K extends keyof Bodies>(kind: K): readonly Bodies[K][] =>
  desk.news.filter((news) => news.kind === kind).map(({ body }) => body as Bodies[K]);

test('every question of the window has an endpoint at central, of the same path', () => {
  expect(CENTRAL_CHANNEL_NAMES.length).toBeGreaterThan(10);
  const asked = CENTRAL_CHANNEL_NAMES.map((channel) => `${CENTRAL_CHANNELS[channel].method} ${CENTRAL_CHANNELS[channel].path}`);
  expect(asked.filter((endpoint) => !Object.hasOwn(ENDPOINTS, endpoint))).toEqual([]);
});

test('what a question names stays a name in its path', () => {
  const route = { method: 'POST', path: '/api/approvals/:approvalId/judge' } as const;
  expect(requestOf(route, { approvalId: 'a/../b?c#d', body: { judgement: 'for' } })).toEqual({
    method: 'POST',
    path: '/api/approvals/a%2F..%2Fb%3Fc%23d/judge',
    body: { judgement: 'for' },
  });
  for (const approvalId of ['', '.', '..']) expect(requestOf(route, { approvalId, body: {} })).toBeNull();
  expect(requestOf({ method: 'GET', path: '/api/x' }, { days: 30, of: 'a b' })).toEqual({ method: 'GET', path: '/api/x?days=30&of=a+b' });
});

test('a supervisor is told of running calls while the wall is open, and not when it is closed', async () => {
  expect(await desk.sessions.enter('sup')).toEqual({ ok: true });
  expect((await here())?.rooms).toEqual(['approvals', 'wall', 'overrides', 'contests', 'oversight']);
  const call = new Producer();
  await around.opened.central.intake(call.offered('ann'));
  expect(heard('wall')).toEqual([]);
  desk.sessions.door?.watchWall(true);
  await until('told', () => heard('wall').some(({ rows }) => rows.some(({ callId }) => callId === call.callId)));
  expect(heard('wall-link')).toEqual([{ live: true }]);
  expect(heard('wall')[0]?.isWhole).toBe(true);
  const told = await desk.sessions.door?.ask('supervision:coach', { callId: call.callId, body: { text: 'Offer to call back' } });
  expect(told).toMatchObject({ told: true });
  await until('shown', () => around.desk.supervised(call.callId)?.notes.length === 1);
  desk.sessions.door?.watchWall(false);
  await around.opened.central.intake(call.event('sotto.call.ended', { reason: 'customer-hung-up' }));
  await pause(1_000);
  expect(heard('wall').some(({ gone }) => gone.includes(call.callId))).toBe(false);
});

test('an approver who takes no calls sits down: no engine, no store, and what waits for them comes live', async () => {
  expect(await desk.sessions.enter('one')).toEqual({ ok: true });
  expect(await here()).toEqual({ agentId: 'one', name: 'Name of one', language: 'en', rooms: ['approvals'] });
  expect(desk.sessions.engine).toBeNull();
  expect(desk.of('engine-process.js')).toEqual([]);
  await until('heard', () => heard('queue').length > 0 && heard('link').at(-1)?.live === true);
  const { approvalId } = await around.people.ask(around.desk, 'call-live');
  await until('told', () => heard('item').some((item) => item.approvalId === approvalId));
  expect(await queue()).toMatchObject({ told: true, answer: { items: [{ approvalId, amount: 500 }] } });
  const view = await desk.sessions.door?.ask('approvals:view', { approvalId });
  expect(view).toMatchObject({ told: true, answer: { approvalId, judgement: null, recommendation: null } });
  const verdict = { verdict: 'approved' as const, askedHash: view?.told === true ? view.answer.askedHash : '' };
  expect(await desk.sessions.door?.ask('approvals:verdict', { approvalId, body: verdict })).toEqual({
    told: false,
    reason: 'not-judged-yet',
  });
  expect(await desk.sessions.door?.ask('approvals:view', { approvalId: 'no-such' })).toEqual({ told: false, reason: 'not-found' });
  expect((await desk.people.find('one'))?.unsent).toBe(false);
  await desk.sessions.leave();
  expect(desk.sessions.door).toBeNull();
  expect(await here()).toBeNull();
});

test('an agent who also decides has both rooms; an agent has calls alone, and opens no second lane to central', async () => {
  await desk.enter('bob');
  expect((await here())?.rooms).toEqual(['calls', 'approvals']);
  await until('heard', () => heard('queue').length > 0);
  await desk.enter('ann');
  expect((await here())?.rooms).toEqual(['calls']);
  expect(desk.sessions.door?.isLive).toBe(false);
  expect(await queue()).toMatchObject({ told: true });
});

test('a role that is taken away is gone at once, and given back it is there again; nothing is asked of a central that is away', async () => {
  const { db } = around.opened.central.store;
  await desk.enter('bob');
  await until('heard', () => heard('queue').length > 0);
  await db.deleteFrom('person_roles').where('person_id', '=', 'bob').where('role', '=', 'approver').execute();
  await until('told', () => heard('rooms').at(-1)?.rooms.join() === 'calls');
  expect((await here())?.rooms).toEqual(['calls']);
  await db.insertInto('person_roles').values({ person_id: 'bob', role: 'approver', granted_at_ms: 1 }).execute();
  await desk.sessions.leave();
  const away = await HotDesk.open('http://127.0.0.1:1', desk.userData);
  await using _ = away;
  expect(await away.sessions.enter('one')).toEqual({ ok: false, words: expect.stringContaining('Central cannot be reached') });
  await away.enter('bob');
  expect(await away.sessions.door?.ask('approvals:queue', {})).toEqual({ told: false, reason: 'away' });
});
