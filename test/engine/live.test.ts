import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deskTokens } from '../central/device.ts';
import { openCentral, type Opened, Producer, until } from '../central/fixture.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { LiveDesk, newCallId } from './live-desk.ts';

const folder = mkdtempSync(join(tmpdir(), 'sotto-live-'));
let opened: Opened;

beforeAll(async () => {
  opened = await openCentral(null, { folder });
});

afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true });
});

const desk = async (agentId: string, scratch?: Scratch): Promise<LiveDesk> => {
  const { central } = opened;
  const tokens = await deskTokens(central, agentId, `dev-${agentId}`);
  return (await LiveDesk.open({ url: central.url, tokens, agentId, ...(scratch === undefined ? {} : { scratch }) })).ready();
};

const send = async (...events: unknown[]): Promise<void> => {
  for (const event of events) expect(await opened.central.intake(event)).toMatchObject({ result: 'accepted' });
};

const hangUp = (call: Producer) => call.event('sotto.call.ended', { reason: 'customer-hung-up' });

const outcomesAtCentral = (callId: string) =>
  opened.central.store.db.selectFrom('outcomes').selectAll().where('call_id', '=', callId).orderBy('clock').execute();

describe('a desk on central', () => {
  test('an event at central becomes a card; accepting it arrives there exactly once', async () => {
    await using ann = await desk('ann');
    const call = new Producer(newCallId());
    await send(call.offered('ann', 'cust-1'), call.event('sotto.call.connected', { agentId: 'ann' }));
    const [card] = await ann.cards(call.callId);
    if (!card) throw new Error('no card');
    const saved = await ann.answer(card, { kind: 'accepted' });
    expect(saved.saved).toBe(true);
    await ann.drained();
    const outcomes = await outcomesAtCentral(call.callId);
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(ann.store.counts()).toMatchObject({ unsent: 0, refused: 0 });
    expect(ann.logs).toEqual([]);
    expect((await ann.view()).call).toMatchObject({ customerName: 'Mina Park', missing: 0 });
    await send(hangUp(call));
  });

  test('[O2] a desk that stops in the middle of a call has everything of it when it is back', async () => {
    using scratch = new Scratch();
    const call = new Producer(newCallId());
    const before = await desk('ann', scratch);
    await send(call.offered('ann', 'cust-1'), call.event('sotto.call.connected', { agentId: 'ann' }), call.said('hello there'));
    const [card] = await before.cards(call.callId);
    await until('the utterance is here', async () => (await before.view()).call?.transcript.length === 1);
    await before.stop();
    await send(call.said('are you still there'), call.said('I am moving house'));
    await using after = await desk('ann', scratch);
    await until('all three utterances', async () => (await after.view()).call?.transcript.length === 3);
    const view = await after.view();
    expect(view.call?.transcript.map(({ text }) => text)).toEqual(['hello there', 'are you still there', 'I am moving house']);
    expect(view.cards.find(({ decisionId }) => decisionId === card?.decisionId)).toMatchObject({ state: 'open' });
    expect(after.store.callOffsets().find(({ callId }) => callId === call.callId)?.seq).toBe(5);
    await send(hangUp(call));
  });

  test('after a transfer the receiving desk knows what was rejected, and the former one shows nothing of the call', async () => {
    await using ann = await desk('ann');
    await using bob = await desk('bob');
    const call = new Producer(newCallId());
    await send(call.offered('ann', 'cust-1'), call.event('sotto.call.connected', { agentId: 'ann' }));
    const [card] = await ann.cards(call.callId);
    if (!card) throw new Error('no card');
    await ann.answer(card, { kind: 'rejected' });
    await send(call.event('sotto.call.transferred', { fromAgentId: 'ann', toAgentId: 'bob' }));
    const cards = await bob.cards(call.callId);
    expect(cards.map(({ actionId }) => actionId)).not.toContain(card.actionId);
    expect(bob.store.loadCall(call.callId)?.outcomes).toContainEqual(
      expect.objectContaining({ kind: 'rejected', actionId: card.actionId, deviceId: 'dev-ann' }),
    );
    await until('nothing left at the former desk', async () => (await ann.view()).cards.length === 0);
    expect(await ann.answer(card, { kind: 'accepted' })).toMatchObject({ saved: false });
    await send(hangUp(call));
  });

  test('a token that is refused is asked for anew, and a new one connects', async () => {
    const { central } = opened;
    await using ann = await LiveDesk.open({ url: central.url, tokens: { token: 'not-a-token', deviceToken: 'nor-this' }, agentId: 'ann' });
    await until('a token is wanted', () => ann.tokensWanted > 0);
    ann.engine.setTokens(await deskTokens(central, 'ann', 'dev-ann'));
    await ann.ready();
  });
});

describe('without central', () => {
  test('central is stopped for a whole call: the agent is guided all the same, and every outcome arrives afterwards, once', async () => {
    using scratch = new Scratch();
    await using ann = await desk('ann', scratch);
    const first = new Producer(newCallId());
    await send(first.offered('ann', 'cust-1'), hangUp(first));
    await until('the first call is over', async () => (await ann.view()).call?.phase === 'ended');
    const port = Number(new URL(opened.central.url).port);
    await opened.close();
    await until('offline', async () => (await ann.view()).link.state === 'offline');

    const call = new Producer(newCallId());
    let seq = 0;
    const hear = (event: unknown) => ann.engine.deliver({ callId: call.callId, seq: (seq += 1), event });
    await hear(call.offered('ann', 'cust-1'));
    await hear(call.event('sotto.call.connected', { agentId: 'ann' }));
    const [card] = await ann.cards(call.callId);
    if (!card) throw new Error('no card');
    expect(await ann.answer(card, { kind: 'accepted' })).toMatchObject({ saved: true });
    await hear(call.said('thank you, bye'));
    await hear(hangUp(call));
    expect((await ann.view()).outbox.unsent).toBeGreaterThan(3);
    const mine = ann.store
      .loadCall(call.callId)
      ?.outcomes.map(({ id }) => id)
      .toSorted();

    opened = await openCentral(null, { folder, port });
    await ann.drained(20_000);
    expect(ann.store.counts()).toMatchObject({ unsent: 0, refused: 0 });
    expect((await outcomesAtCentral(call.callId)).map(({ id }) => id).toSorted()).toEqual(mine);
  });
});
