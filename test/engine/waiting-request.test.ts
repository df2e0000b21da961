/** A significant request of a real desk: what it waits for survives a restart, and whoever decides sees the record it came from. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Scene, scene } from '../central/approval-scene.ts';
import { DECIDERS } from '../central/deciding.ts';
import { deskTokens } from '../central/device.ts';
import { pglite } from '../central/engines.ts';
import { Producer, until } from '../central/fixture.ts';
import { smallPolicy } from '../central/small-policy.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { LiveDesk, newCallId } from './live-desk.ts';

let around: Scene;
beforeAll(async () => {
  around = await scene(await pglite.open(), null);
  // Worth the most, so that it is what the desk shows; the others stay what they are, or are for others.
  const policyFiles = smallPolicy(2).map((file) => {
    if (file.path.endsWith('big-credit.yaml')) return { ...file, text: file.text.replace('value: 30', 'value: 900') };
    if (!file.path.endsWith('change-plan.yaml')) return file;
    return { ...file, text: file.text.replace('reasons:', 'eligibility:\n  - profile.plan == "gold"\nreasons:') };
  });
  await around.opened.central.loadOrganisation({ agents: DECIDERS, customers: [], policyFiles, models: [] });
  around.desk.close();
});
afterAll(() => around[Symbol.asyncDispose]());

const open = async (scratch: Scratch): Promise<LiveDesk> => {
  const { central } = around.opened;
  const tokens = await deskTokens(central, 'ann', 'dev-live');
  return (await LiveDesk.open({ url: central.url, tokens, agentId: 'ann', deviceId: 'dev-live', scratch })).ready();
};

test('the answered card is there after a restart, with who has it, until it is decided; the evidence, the reasons and the why-not list are the record’s', async () => {
  using scratch = new Scratch();
  const { people, opened } = around;
  const call = new Producer(newCallId());
  const before = await open(scratch);
  for (const event of [call.offered('ann', 'cust-1'), call.event('sotto.call.connected', { agentId: 'ann' })])
    expect(await opened.central.intake(event)).toMatchObject({ result: 'accepted' });
  const card = (await before.cards(call.callId)).find(({ actionId }) => actionId === 'big-credit');
  if (card === undefined) throw new Error('the significant action is not shown');
  const saved = await before.answer(card, { kind: 'accepted' });
  if (!saved.saved) throw new Error(saved.detail);
  await before.drained();
  await until('it waits at central, and is not said to be sent', async () => {
    const answered = (await before.view()).cards.find(({ outcomeId }) => outcomeId === saved.outcomeId);
    return answered?.request === 'waiting' && answered.approval !== undefined;
  });
  await before.stop();

  await using after = await open(scratch);
  const waiting = async () => (await after.view()).cards.find(({ outcomeId }) => outcomeId === saved.outcomeId);
  await until('it waits, and who has it is known', async () => typeof (await waiting())?.approval?.withName === 'string');
  const there = await waiting();
  expect(there).toMatchObject({ state: 'accepted', request: 'waiting', significant: true, undoUntilMs: null });
  const approvalId = there?.approval?.approvalId ?? '';
  expect(approvalId).toBe(await people.approvalOf(saved.outcomeId));
  expect(around.system.received()).toEqual([]);

  const view = await people.view('one', approvalId);
  expect(view.asked?.recordHash).toMatch(/^[0-9a-f]{64}$/);
  expect(view.evidence.facts).toContainEqual({ label: 'Plan', value: 'basic' });
  expect(view.evidence.policy).toEqual({ revision: 'Small 2', action: 'Action big-credit' });
  expect(view.evidence.call.map(({ kind }) => kind)).toContain('sotto.call.offered');
  expect(view.recommendation).toBeNull();
  const judged = await people.word('one', approvalId, 'judge', { judgement: 'unsure' });
  expect(judged.body).toMatchObject({
    recommendation: {
      recommends: true,
      reasons: ['It helps now'],
      whyNot: expect.arrayContaining([
        {
          actionId: 'change-plan',
          name: 'Action change-plan',
          stage: 'eligibility',
          code: expect.any(String),
          rule: 'profile.plan == "gold"',
        },
        expect.objectContaining({ actionId: 'explain-bill' }),
      ]),
    },
  });
  expect((await people.word('one', approvalId, 'message', { text: 'Which month?' })).status).toBe(200);
  await until('asked', async () => (await waiting())?.approval?.question === 'Which month?');
  expect((await people.word('ann', approvalId, 'change', { amount: 200 })).status).toBe(200);
  await until('the new request', async () => {
    const standing = (await waiting())?.approval;
    return standing !== undefined && standing.approvalId !== approvalId && standing.state !== 'changed';
  });
  const changed = (await waiting())?.approval?.approvalId ?? '';
  expect(await people.say('two', changed, 'approved')).toMatch(/approved|executed/);
  await until('done', () => around.system.received().length === 1);
  expect(around.system.received()).toMatchObject([{ request: { outcomeId: saved.outcomeId, request: { amount: 200 } } }]);
});

test('[C5] without central it waits, over a restart too, and nothing is done; taken back or with the call over it is gone', async () => {
  using scratch = new Scratch();
  const { opened, system } = around;
  const done = system.received().length;
  const call = new Producer(newCallId());
  const first = await open(scratch);
  for (const event of [call.offered('ann', 'cust-1'), call.event('sotto.call.connected', { agentId: 'ann' })])
    expect(await opened.central.intake(event)).toMatchObject({ result: 'accepted' });
  const card = (await first.cards(call.callId)).find(({ actionId }) => actionId === 'big-credit');
  if (card === undefined) throw new Error('the significant action is not shown');
  await first.stop();

  const away = { url: 'http://127.0.0.1:1', tokens: { token: '', deviceToken: '' }, agentId: 'ann', deviceId: 'dev-live', scratch };
  let outcomeId = '';
  {
    await using alone = await LiveDesk.open(away);
    const saved = await alone.answer(card, { kind: 'accepted' });
    if (!saved.saved) throw new Error(saved.detail);
    ({ outcomeId } = saved);
    expect((await alone.view()).cards).toContainEqual(expect.objectContaining({ outcomeId, request: 'waiting' }));
  }
  await using again = await LiveDesk.open(away);
  expect((await again.view()).cards).toContainEqual(expect.objectContaining({ outcomeId, state: 'accepted', request: 'waiting' }));
  expect(system.received()).toHaveLength(done);
});
