import { CloudEvent, HTTP } from 'cloudevents';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventReceipt } from '#contract/call-events.ts';
import { onEachEngine } from './engines.ts';
import { agentToken } from './device.ts';
import { type Opened, openCentral, Producer, producerSocket, producerToken, type SentEvent } from './fixture.ts';

const sdk = (event: SentEvent) => new CloudEvent({ ...event, sequence: String(event.sequence) });

const at = (ms: number) => new Date(Date.now() + ms).toISOString();

onEachEngine((engine) => {
  let opened: Opened;
  let bearer: string;
  beforeAll(async () => {
    opened = await openCentral(await engine.open(), { live: { reorderMs: 150 } });
    bearer = await producerToken(opened.central);
  });
  afterAll(() => opened.close());

  const post = (path: string, headers: Record<string, string>, body: BodyInit) =>
    fetch(opened.central.url + path, { method: 'POST', headers: { authorization: `Bearer ${bearer}`, ...headers }, body });
  const get = async (path: string) =>
    (await (await fetch(opened.central.url + path, { headers: { authorization: `Bearer ${bearer}` } })).json()) as never;
  const take = (event: unknown): Promise<EventReceipt> => opened.central.intake(event);
  const takeAll = async (events: readonly unknown[]) => {
    for (const event of events) expect(await take(event)).toMatchObject({ result: 'accepted' });
  };
  const counts = async () => ((await get('/api/intake')) as { counts: Record<string, number> }).counts;
  const stored = async (callId: string) =>
    await opened.central.store.db
      .selectFrom('call_events')
      .select(['seq', 'event_id', 'body'])
      .where('call_id', '=', callId)
      .orderBy('seq')
      .execute();

  test('the official SDK is understood in binary, structured and batched mode', async () => {
    const producer = new Producer();
    const binary = HTTP.binary(sdk(producer.offered('ann')));
    const first = await post('/api/events', binary.headers as Record<string, string>, binary.body as string);
    expect([first.status, await first.json()]).toMatchObject([200, { result: 'accepted' }]);
    const structured = HTTP.structured(sdk(producer.event('sotto.call.connected', { agentId: 'ann' })));
    const second = await post('/api/events', structured.headers as Record<string, string>, structured.body as string);
    expect([second.status, await second.json()]).toMatchObject([200, { result: 'accepted' }]);
    const batch = [producer.said('one'), { ...producer.said('two'), type: 'sotto.nonsense' }, producer.said('three')];
    const third = await post('/api/events', { 'content-type': 'application/cloudevents-batch+json' }, JSON.stringify(batch));
    expect(third.status).toBe(200);
    expect(await third.json()).toMatchObject([
      { result: 'accepted' },
      { result: 'refused', reason: 'unknown-type' },
      { result: 'accepted' },
    ]);
    expect((await stored(producer.callId)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    // What came in binary mode is what came in the others.
    expect((await stored(producer.callId))[0]?.body).toMatchObject({ subject: producer.callId, sequence: 1, data: { agentId: 'ann' } });
  });

  test('an event by socket is acknowledged with its receipt after the commit', async () => {
    const socket = await producerSocket(opened.central);
    const producer = new Producer();
    const receipt = (await socket.timeout(5_000).emitWithAck('event', producer.offered('ann'))) as EventReceipt;
    expect(receipt).toMatchObject({ result: 'accepted' });
    expect(await stored(producer.callId)).toHaveLength(1);
    expect(await socket.timeout(5_000).emitWithAck('event', 'rubbish')).toMatchObject({ result: 'refused', reason: 'not-a-cloud-event' });
    socket.disconnect();
  });

  test('[X1] concurrent copies of one batch store each event once, with delivery numbers from 1 without holes', async () => {
    const producer = new Producer();
    const events = [producer.offered('ann'), ...Array.from({ length: 30 }, (_, i) => producer.said(`words ${i}`))];
    const send = async () =>
      (await (
        await post('/api/events', { 'content-type': 'application/cloudevents-batch+json' }, JSON.stringify(events))
      ).json()) as EventReceipt[];
    const receipts = await Promise.all([send(), send(), send(), send()]);
    const results = events.map((_, i) => receipts.map((each) => String(each[i]?.result)).toSorted((a, b) => a.localeCompare(b)));
    expect(results).toEqual(events.map(() => ['accepted', 'duplicate', 'duplicate', 'duplicate']));
    expect((await stored(producer.callId)).map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  });

  test("[O1] a producer's events that overtook each other are put in order; one that stays away is a gap, seen by everyone", async () => {
    const producer = new Producer();
    await takeAll([producer.offered('ann')]);
    const [a, b, c, lost, e] = [producer.said('a'), producer.said('b'), producer.said('c'), producer.said('lost'), producer.said('e')];
    expect(await Promise.all([take(c), take(b), take(a)])).toMatchObject([
      { result: 'accepted' },
      { result: 'accepted' },
      { result: 'accepted' },
    ]);
    await takeAll([e]);
    const texts = (await stored(producer.callId)).slice(1).map(({ body }) => (body.data as { text: string }).text);
    expect(texts).toEqual(['a', 'b', 'c', 'e']);
    expect(await get(`/api/calls/${producer.callId}`)).toMatchObject({
      producers: [{ source: '/telephony', highest: 6, gaps: [{ from: 5, to: 5 }] }],
    });
    await takeAll([lost]);
    expect(await get(`/api/calls/${producer.callId}`)).toMatchObject({ seq: 6, producers: [{ gaps: [] }] });
  });

  test('an event that overtook the opening of its call is taken', async () => {
    const producer = new Producer();
    const [offered, connected] = [producer.offered('ann'), producer.event('sotto.call.connected', { agentId: 'ann' })];
    expect(await Promise.all([take(connected), take(offered)])).toMatchObject([{ result: 'accepted' }, { result: 'accepted' }]);
  });

  test('a reused number, a number too far ahead and an event that is not JSON are refused, each with its reason', async () => {
    const producer = new Producer();
    await takeAll([producer.offered('ann')]);
    expect(await take(producer.said('x', { id: 'another', sequence: 1 }))).toMatchObject({ reason: 'sequence-reused' });
    expect(await take(producer.said('x', { id: 'far', sequence: 1_000_000_000 }))).toMatchObject({ reason: 'sequence-too-far' });
    const response = await post('/api/events', { 'content-type': 'application/cloudevents+json' }, '{"specversion": "1.0", ');
    expect([response.status, await response.json()]).toMatchObject([400, { reason: 'not-json' }]);
    expect(await stored(producer.callId)).toHaveLength(1);
  });

  test('every hostile or broken event is refused with a closed reason, counted, and leaves the call as it was', async () => {
    const producer = new Producer();
    await takeAll([producer.offered('ann', 'cust-1')]);
    const said = () => ({ ...producer.said('fine') }) as Record<string, unknown>;
    const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
    const utterance = (more: object) => ({
      ...said(),
      data: { utteranceId: 'u', speaker: 'customer', text: 'x', startMs: 0, endMs: 1, ...more },
    });
    const bad: readonly (readonly [string, unknown])[] = [
      ['not-a-cloud-event', null],
      ['not-a-cloud-event', []],
      ['not-a-cloud-event', 'text'],
      ['not-a-cloud-event', { ...said(), specversion: '0.3' }],
      ['not-a-cloud-event', { ...said(), id: '' }],
      ['not-a-cloud-event', { ...said(), id: 'with space' }],
      ['not-a-cloud-event', { ...said(), subject: undefined }],
      ['not-a-cloud-event', { ...said(), sequence: -1 }],
      ['not-a-cloud-event', { ...said(), sequence: 1.5 }],
      ['not-a-cloud-event', { ...said(), sequence: 2 ** 53 }],
      ['not-a-cloud-event', { ...said(), sequence: Number.NaN }],
      ['unknown-type', { ...said(), type: 'sotto.call.exploded' }],
      ['unknown-type', { ...said(), type: 'connect' }],
      ['unknown-type', { ...said(), type: 'toString' }],
      ['bad-time', { ...said(), time: '1970-01-01T00:00:00Z' }],
      ['bad-time', { ...said(), time: '2099-12-31T00:00:00Z' }],
      ['bad-time', { ...said(), time: 'yesterday' }],
      ['bad-data', { ...said(), data: undefined }],
      ['bad-data', utterance({ text: 42 })],
      ['bad-data', utterance({ text: 'x'.repeat(9_000) })],
      ['bad-data', utterance({ speaker: 'supervisor' })],
      ['bad-data', utterance({ text: 'nul \u0000' })],
      ['bad-data', utterance({ text: 'half \ud800' })],
      ['bad-data', utterance({ startMs: -0.5 })],
      ['bad-data', { ...said(), extra: deep(200) }],
      ['bad-data', JSON.parse(JSON.stringify(said()).replace('"data":{', '"data":{"__proto__":{"isAdmin":true},'))],
      ['bad-data', JSON.parse(JSON.stringify(said()).replace('"data":{', '"data":{"constructor":{},'))],
      ['too-large', { ...said(), padding: 'x'.repeat(70_000) }],
      ['unknown-call', { ...said(), subject: 'never-offered' }],
      ['foreign-call', producer.event('sotto.call.accepted', { agentId: 'bob' }, { sequence: 500 })],
      ['foreign-call', producer.event('sotto.call.transferred', { fromAgentId: 'bob', toAgentId: 'cy' }, { sequence: 501 })],
      ['foreign-call', producer.event('sotto.wrapup.ended', { agentId: 'cy' }, { sequence: 502 })],
    ];
    const before = await counts();
    for (const [reason, event] of bad) expect([reason, await take(event)]).toMatchObject([reason, { result: 'refused', reason }]);
    const after = await counts();
    for (const reason of new Set(bad.map(([each]) => each))) {
      const n = bad.filter(([each]) => each === reason).length;
      expect([reason, (after[`events: refused ${reason}`] ?? 0) - (before[`events: refused ${reason}`] ?? 0)]).toEqual([reason, n]);
    }
    expect(await stored(producer.callId)).toHaveLength(1);
    expect({}).not.toHaveProperty('isAdmin');
    await takeAll([producer.event('sotto.call.connected', { agentId: 'ann' })]);
  });

  test('unknown keys are left out and counted', async () => {
    const producer = new Producer();
    const before = (await counts())['events: unknown keys ignored'] ?? 0;
    const event = producer.offered('ann');
    await takeAll([{ ...event, traceparent: '00-1', data: { ...event.data, mood: 'angry', score: 1 } }]);
    expect((await counts())['events: unknown keys ignored']).toBe(before + 3);
    expect(JSON.stringify(await stored(producer.callId))).not.toMatch(/traceparent|mood|score/);
  });

  test('whole requests are refused for who asks, for size and for form', async () => {
    const event = JSON.stringify(new Producer().offered('ann'));
    const type = { 'content-type': 'application/cloudevents+json' };
    expect((await post('/api/events', { ...type, authorization: '' }, event)).status).toBe(401);
    const agent = await agentToken(opened.central, 'ann', 'dev-ann');
    expect((await post('/api/events', { ...type, authorization: `Bearer ${agent}` }, event)).status).toBe(403);
    expect((await post('/api/events', { 'content-type': 'text/plain' }, event)).status).toBe(415);
    expect((await post('/api/events', { ...type, 'content-encoding': 'gzip' }, event)).status).toBe(415);
    expect((await post('/api/events', type, `"${'x'.repeat(3_000_000)}"`)).status).toBe(413);
    expect((await post('/api/events', type, new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400);
    const many = JSON.stringify(Array.from({ length: 501 }, () => 1));
    expect((await post('/api/events', { 'content-type': 'application/cloudevents-batch+json' }, many)).status).toBe(413);
    expect((await post('/api/events', { ...type, origin: 'https://evil.example' }, event)).status).toBe(403);
  });

  test('while capture is paused nothing said is stored anywhere, and what is left out on purpose is no gap', async () => {
    const producer = new Producer();
    const speech = new Producer(producer.callId, '/speech');
    await takeAll([producer.offered('ann'), speech.said('before'), producer.event('sotto.capture.paused', { reason: 'card-data' })]);
    expect(await take(speech.said('pineapple secret'))).toMatchObject({ result: 'refused', reason: 'capture-paused' });
    expect(
      await take(
        speech.event('sotto.utterance.partial', { utteranceId: 'p', speaker: 'customer', text: 'pineapple', startMs: 0, endMs: 1 }),
      ),
    ).toMatchObject({
      reason: 'capture-paused',
    });
    const partial = speech.event('sotto.utterance.partial', { utteranceId: 'q', speaker: 'customer', text: 'aft', startMs: 0, endMs: 1 });
    await takeAll([producer.event('sotto.capture.resumed', {}), partial, speech.said('after')]);
    const { rows } = await sql<{ hits: number }>`select count(*) as hits from call_events where body::text like '%pineapple%'`.execute(
      opened.central.store.db,
    );
    expect(Number(rows[0]?.hits)).toBe(0);
    const call = (await get(`/api/calls/${producer.callId}`)) as {
      seq: number;
      producers: { source: string; gaps: { from: number; to: number }[] }[];
    };
    expect(call.seq).toBe(5);
    expect(call.producers.map(({ gaps }) => gaps)).toEqual([[], []]);
  });

  test('after the end only what belongs there is taken', async () => {
    const producer = new Producer();
    await takeAll([producer.offered('ann', 'cust-1'), producer.event('sotto.call.connected', { agentId: 'ann' })]);
    await takeAll([producer.event('sotto.call.ended', { reason: 'customer-hung-up' })]);
    const in5s = new Date(Date.now() + 5_000).toISOString();
    const in20s = new Date(Date.now() + 20_000).toISOString();
    await takeAll([producer.said('recognised late', { time: in5s })]);
    expect(await take(producer.said('much later', { time: in20s, sequence: 90 }))).toMatchObject({ reason: 'call-ended' });
    expect(await take(producer.event('sotto.call.held', { agentId: 'ann' }, { time: in5s, sequence: 91 }))).toMatchObject({
      reason: 'call-ended',
    });
    await takeAll([
      producer.event('sotto.wrapup.started', { agentId: 'ann' }),
      producer.event('sotto.wrapup.ended', { agentId: 'ann' }),
      producer.event('sotto.consent.changed', { customerId: 'cust-1', purpose: 'marketing', granted: false }),
      producer.event('sotto.contact.made', { customerId: 'cust-1', channel: 'email' }),
    ]);
    expect(await take(producer.event('sotto.wrapup.started', { agentId: 'ann' }, { sequence: 92 }))).toMatchObject({
      reason: 'call-ended',
    });
  });

  test('consents, fields and contacts change the customer; older ones change nothing', async () => {
    const { db } = opened.central.store;
    const producer = new Producer();
    await takeAll([producer.offered('ann', 'cust-2')]);
    await takeAll([
      producer.event('sotto.profile.updated', { customerId: 'cust-2', version: 5, fields: { plan: 'max', usage: 7 } }),
      producer.event('sotto.profile.updated', { customerId: 'cust-2', version: 4, fields: { plan: 'old' } }),
      producer.event('sotto.consent.changed', { customerId: 'cust-2', purpose: 'marketing', granted: false }, { time: at(0) }),
      producer.event('sotto.consent.changed', { customerId: 'cust-2', purpose: 'marketing', granted: true }, { time: at(-60_000) }),
      producer.event('sotto.contact.made', { customerId: 'cust-2', channel: 'letter', actionId: 'change-plan' }),
    ]);
    expect(await db.selectFrom('customers').select(['fields', 'source_version']).where('customer_id', '=', 'cust-2').execute()).toEqual([
      { fields: { plan: 'max', usage: 7 }, source_version: 5 },
    ]);
    expect(await db.selectFrom('consents').select('granted').where('customer_id', '=', 'cust-2').execute()).toEqual([{ granted: false }]);
    expect(
      await db.selectFrom('interactions').select(['kind', 'channel', 'action_id']).where('customer_id', '=', 'cust-2').execute(),
    ).toEqual([{ kind: 'seen', channel: 'letter', action_id: 'change-plan' }]);
  });

  test('a withdrawal on a call central never heard of still holds', async () => {
    const { db } = opened.central.store;
    const producer = new Producer();
    expect(
      await take(producer.event('sotto.consent.changed', { customerId: 'cust-3', purpose: 'marketing', granted: false })),
    ).toMatchObject({ result: 'accepted' });
    expect(await db.selectFrom('consents').select('granted').where('customer_id', '=', 'cust-3').execute()).toEqual([{ granted: false }]);
  });
});
