import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openStore } from '#central/store/open-store.ts';
import type { Delivery } from '#contract/live.ts';
import { onEachEngine, embeddedFolder } from './engines.ts';
import { batch, CUSTOMER, item, type Opened, openCentral, outcome, Producer, TestDesk, until } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

const words = (count: number, producer: Producer) => Array.from({ length: count }, (_, i) => producer.said(`words ${i}`));

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

onEachEngine((engine) => {
  let opened: Opened;
  const desks: TestDesk[] = [];
  beforeAll(async () => {
    opened = await openCentral(await engine.open(), { live: { pollMs: 200, transferWaitMs: 2_000, reorderMs: 50 } });
  });
  afterAll(() => opened.close());
  beforeEach(() => {
    for (const desk of desks.splice(0)) desk.close();
  });

  const connect = async (agentId: string, ...more: [string?, { callId: string; seq: number }[]?]): Promise<TestDesk> => {
    const desk = await TestDesk.connect(opened.central, agentId, ...more);
    desks.push(desk);
    return desk;
  };
  const takeAll = async (events: readonly unknown[]) => {
    for (const event of events) expect(await opened.central.intake(event)).toMatchObject({ result: 'accepted' });
  };

  test('a desk gets the versions, then the context with the customer, then every event in order, and central knows what it processed', async () => {
    const desk = await connect('ann');
    const producer = new Producer();
    await takeAll([producer.offered('ann', 'cust-1'), ...words(40, producer)]);
    await opened.central.whenProcessed(producer.callId, 41);
    expect(desk.named('versions')[0]).toMatchObject({ models: [], excluded: [] });
    expect(desk.seqs(producer.callId)).toEqual(upTo(41));
    const names = desk.messages.filter(({ body }) => (body as { callId?: string }).callId === producer.callId).map(({ name }) => name);
    expect(names[0]).toBe('context');
    expect(desk.contexts(producer.callId)[0]).toMatchObject({
      complete: true,
      outcomes: [],
      profile: { customerId: 'cust-1', displayName: 'Mina Park', fields: CUSTOMER.fields, history: [{ kind: 'seen', channel: 'email' }] },
    });
    expect(opened.central.delivered(producer.callId)).toEqual({ seq: 41, ackedSeq: 41 });
  });

  test('[O2] after a disconnect mid-call the desk gets what it lacks, from its own offset, and nothing it has', async () => {
    const first = await connect('ann');
    const producer = new Producer();
    await takeAll([producer.offered('ann'), ...words(3, producer)]);
    await opened.central.whenProcessed(producer.callId, 4);
    first.close();
    await takeAll(words(3, producer));
    const second = await connect('ann', 'dev-ann', [{ callId: producer.callId, seq: 4 }]);
    await opened.central.whenProcessed(producer.callId, 7);
    expect(second.seqs(producer.callId)).toEqual([5, 6, 7]);
    // A gap the desk sees itself: it asks again, and gets again.
    second.resume([{ callId: producer.callId, seq: 5 }]);
    await until('asked again', () => second.seqs(producer.callId).length === 5);
    expect(second.seqs(producer.callId)).toEqual([5, 6, 7, 6, 7]);
  });

  test('a slow desk is sent a few events ahead and no more; it gets the rest in order when it goes on', async () => {
    const desk = await connect('bob');
    const { promise, resolve } = Promise.withResolvers<void>();
    desk.gate = promise;
    const producer = new Producer();
    await takeAll([producer.offered('bob'), ...words(60, producer)]);
    await until('begun', () => desk.seqs(producer.callId).length > 0);
    await pause(300);
    expect(desk.seqs(producer.callId).length).toBeLessThanOrEqual(16);
    resolve();
    await opened.central.whenProcessed(producer.callId, 61);
    expect(desk.seqs(producer.callId)).toEqual(upTo(61));
  });

  test('a desk that acknowledges nothing is cut off', async () => {
    const impatient = await openCentral(await engine.open(), { live: { pollMs: 100, ackTimeoutMs: 500 } });
    const desk = await TestDesk.connect(impatient.central, 'bob');
    desk.gate = new Promise(() => {});
    const producer = new Producer();
    for (const event of [producer.offered('bob'), producer.said('hello')]) await impatient.central.intake(event);
    await until('cut off', () => !desk.isConnected);
    await impatient.close();
  });

  test('a transfer: the former desk lets go and hands back its answers, the receiving desk has them before its first event', async () => {
    const [ann, bob] = [await connect('ann'), await connect('bob')];
    const producer = new Producer();
    await takeAll([producer.offered('ann', 'cust-1'), producer.said('hello')]);
    await opened.central.whenProcessed(producer.callId, 2);
    const rejection = outcome({ callId: producer.callId, kind: 'rejected', reason: 'customer-said-no' });
    ann.onRelease = async () => {
      await pause(100);
      await ann.send(batch('dev-ann', [item(1, 'outcome', rejection)], `epoch-${producer.callId}`));
    };
    await takeAll([producer.event('sotto.call.transferred', { fromAgentId: 'ann', toAgentId: 'bob' }), producer.said('again')]);
    await opened.central.whenProcessed(producer.callId, 4);
    expect(ann.named('release')).toMatchObject([{ callId: producer.callId, reason: 'transferred' }]);
    expect(ann.seqs(producer.callId)).toEqual([1, 2]);
    expect(bob.seqs(producer.callId)).toEqual([1, 2, 3, 4]);
    expect(bob.contexts(producer.callId)[0]).toMatchObject({ complete: false, outcomes: [] });
    const firstDelivery = bob.messages.findIndex(({ name, body }) => name === 'delivery' && (body as Delivery).callId === producer.callId);
    const before = bob.messages
      .slice(0, firstDelivery)
      .filter(({ name, body }) => name === 'context' && (body as { callId: string }).callId === producer.callId);
    expect(before.at(-1)?.body).toMatchObject({ complete: true, outcomes: [{ id: rejection.id, kind: 'rejected' }] });
  });

  test('a transfer from a desk that is away waits a moment, goes on, and passes on what arrives later', async () => {
    const bob = await connect('bob');
    const producer = new Producer();
    await takeAll([producer.offered('ann', 'cust-1'), producer.event('sotto.call.transferred', { fromAgentId: 'ann', toAgentId: 'bob' })]);
    await opened.central.whenProcessed(producer.callId, 2);
    expect(bob.contexts(producer.callId).map(({ complete }) => complete)).toEqual([false, true]);
    const ann = await connect('ann', 'dev-ann', [{ callId: producer.callId, seq: 1 }]);
    await until('let go', () => ann.named('release').some(({ callId }) => callId === producer.callId));
    const late = outcome({ callId: producer.callId, kind: 'rejected' });
    await ann.send(batch('dev-ann', [item(1, 'outcome', late)], `epoch-${producer.callId}`));
    await until('passed on', () => bob.contexts(producer.callId).at(-1)?.outcomes[0]?.id === late.id);
  });

  test('the context comes again, before the event, when the caller is identified and when the profile changes', async () => {
    const desk = await connect('cy');
    const producer = new Producer();
    await takeAll([producer.offered('cy')]);
    await opened.central.whenProcessed(producer.callId, 1);
    expect(desk.contexts(producer.callId).at(-1)?.profile).toBeNull();
    await takeAll([producer.event('sotto.call.identified', { customerId: 'cust-1', identity: 'verified' })]);
    await opened.central.whenProcessed(producer.callId, 2);
    expect(desk.messages.slice(-2).map(({ name }) => name)).toEqual(['context', 'delivery']);
    expect(desk.contexts(producer.callId).at(-1)?.profile?.customerId).toBe('cust-1');
    const version = desk.contexts(producer.callId).at(-1)?.profile?.version ?? 0;
    // From a system that knows nothing of the call.
    const crm = new Producer('no-call-at-all', '/crm');
    expect(
      await opened.central.intake(crm.event('sotto.consent.changed', { customerId: 'cust-1', purpose: 'marketing', granted: false })),
    ).toMatchObject({ result: 'accepted' });
    await until('told', () => (desk.contexts(producer.callId).at(-1)?.profile?.version ?? 0) > version);
    expect(desk.contexts(producer.callId).at(-1)?.profile?.consents).toMatchObject([{ purpose: 'marketing', granted: false }]);
    await takeAll([producer.event('sotto.call.identified', { identity: 'unknown' })]);
    await opened.central.whenProcessed(producer.callId, 3);
    expect(desk.contexts(producer.callId).at(-1)?.profile).toBeNull();
  });

  test('an utterance in progress is shown, redacted, and stored nowhere', async () => {
    const desk = await connect('ann');
    const producer = new Producer();
    await takeAll([producer.offered('ann')]);
    await opened.central.whenProcessed(producer.callId, 1);
    const said = { utteranceId: 'p1', speaker: 'customer', text: 'card 4111 1111 1111 1111', startMs: 0, endMs: 1 };
    await takeAll([producer.event('sotto.utterance.partial', said)]);
    await until('shown', () => desk.named('partial').length === 1);
    expect(desk.named('partial')[0]).toMatchObject({ callId: producer.callId, event: { data: { text: 'card [card]' } } });
    const rows = await opened.central.store.db.selectFrom('call_events').select('seq').where('call_id', '=', producer.callId).execute();
    expect(rows).toHaveLength(1);
  });

  test('[X7] a wake-up that is lost costs a poll, and no event', async () => {
    if (engine.name === 'PGlite') return;
    const desk = await connect('ann');
    const producer = new Producer();
    await takeAll([producer.offered('ann')]);
    await opened.central.whenProcessed(producer.callId, 1);
    // Another node stores the event: this one is told nothing.
    const other = await openCentral(await engine.again(opened.central.store), { live: { reorderMs: 0 } });
    expect(await other.central.intake(producer.said('from elsewhere'))).toMatchObject({ result: 'accepted' });
    await until('polled', () => desk.seqs(producer.callId).length === 2);
    await other.close();
  });

  test('the virtual clock reaches every desk and comes back acknowledged; a new revision is announced', async () => {
    const [ann, bob] = [await connect('ann'), await connect('bob')];
    await opened.central.tick(1_800_000_000_000);
    expect([ann, bob].map((desk) => desk.named('clock'))).toEqual([[{ nowMs: 1_800_000_000_000 }], [{ nowMs: 1_800_000_000_000 }]]);
    const published = await opened.central.publishRevision(smallPolicy(2));
    expect(published.ok).toBe(true);
    await until('announced', () => ann.named('versions').at(-1)?.revision === (published.ok ? published.hash : ''));
    const refused = await opened.central.publishRevision(smallPolicy(3).filter(({ path }) => path !== 'care.yaml'));
    expect(refused).toMatchObject({ ok: false });
    if (!refused.ok) expect(refused.faults.length).toBeGreaterThan(0);
  });
});

test('[O2] central is killed and started again mid-call: the desk resumes by offset, from the folder', async () => {
  const embedded = await embeddedFolder();
  const { folder } = embedded;
  const first = await openCentral(null, { folder });
  const producer = new Producer();
  const desk = await TestDesk.connect(first.central, 'ann');
  for (const event of [producer.offered('ann', 'cust-1'), producer.said('one'), producer.said('two')]) await first.central.intake(event);
  await first.central.whenProcessed(producer.callId, 3);
  desk.close();
  await first.central.intake(producer.said('three'));
  await first.close();
  const second = await openCentral(null, { folder });
  await second.central.intake(producer.said('four'));
  const again = await TestDesk.connect(second.central, 'ann', 'dev-ann', [{ callId: producer.callId, seq: 3 }]);
  await second.central.whenProcessed(producer.callId, 5);
  expect(again.seqs(producer.callId)).toEqual([4, 5]);
  again.close();
  await expect(openStore({ folder })).rejects.toThrow(/is in use by process/);
  await second.close();
  embedded.remove();
});
