import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudEvent, HTTP } from 'cloudevents';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyBody } from '#central/actions/signature.ts';
import { ACTION_ACTED, ACTION_FAILED, ActionRequest, SIGNATURE_HEADER } from '#contract/system-of-record.ts';
import { onPostgres } from './engines.ts';
import { batch, decision, item, type Opened, openCentral, outcome, Producer, producerToken, TestDesk, until } from './fixture.ts';

interface Received {
  readonly key: string;
  readonly isSigned: boolean;
  readonly type: string;
  readonly request: ActionRequest;
}

/** A system of record that keeps every request it is sent and can be told to fail. */
class SystemOfRecord {
  readonly received: Received[] = [];
  /** What it does with the requests under a key, in turn; afterwards it takes them. */
  readonly moods = new Map<string, ((response: ServerResponse) => void)[]>();
  publicKeyPem = '';
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/actions`;
  }

  of(outcomeId: string): readonly Received[] {
    return this.received.filter(({ key }) => key === outcomeId);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const event = HTTP.toEvent<unknown>({ headers: request.headers, body: body.toString() }) as CloudEvent<unknown>;
    this.received.push({
      key: String(request.headers['idempotency-key']),
      isSigned: verifyBody(body, String(request.headers[SIGNATURE_HEADER]), this.publicKeyPem),
      type: event.type,
      request: ActionRequest.parse(event.data),
    });
    const mood = this.moods.get(String(request.headers['idempotency-key']))?.shift();
    if (mood === undefined) response.writeHead(202).end();
    else mood(response);
  }
}

const status = (code: number) => (response: ServerResponse) => response.writeHead(code).end();
const hangUp = (response: ServerResponse) => response.destroy();
const silence = () => {};

onPostgres((engine) => {
  const system = new SystemOfRecord();
  let opened: Opened;
  let desk: TestDesk;
  let seq = 0;
  beforeAll(async () => {
    const url = await system.start();
    opened = await openCentral(await engine.open(), {
      systemOfRecord: { url },
      actions: { undoMs: 0, retryMs: 20, timeoutMs: 3_000, expireAfterMs: 60_000 },
    });
    system.publicKeyPem = opened.central.publicKeyPem;
    desk = await TestDesk.connect(opened.central, 'ann');
  });
  afterAll(async () => {
    desk.close();
    await opened.close();
    await system.stop();
  });

  const send = async (...outcomes: readonly ReturnType<typeof outcome>[]) => {
    const receipt = await desk.send(
      batch(
        'dev-ann',
        outcomes.map((each) => item(++seq, 'outcome', each)),
      ),
    );
    expect(receipt.items.map(({ result }) => result)).toEqual(outcomes.map(() => 'stored'));
  };
  const stateOf = async (outcomeId: string) =>
    (await opened.central.store.db.selectFrom('action_requests').select('state').where('outcome_id', '=', outcomeId).executeTakeFirst())
      ?.state;
  const answer = async (type: string, outcomeId: string, id: string = randomUUID()) => {
    const event = HTTP.structured(new CloudEvent({ id, source: '/crm', type, data: { outcomeId, detail: 'order 17' } }));
    return await fetch(`${opened.central.url}/api/actions/answers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await producerToken(opened.central, 'crm')}`, ...(event.headers as Record<string, string>) },
      body: event.body as string,
    });
  };
  const answers = () => desk.named('answer');

  test('accepting an action that asks for something sends one signed CloudEvent; its answer reaches the desk and the outcomes', async () => {
    const accepted = outcome({ callId: 'call-1', kind: 'accepted' });
    await send(accepted);
    await until('requested', async () => (await stateOf(accepted.id)) === 'requested');
    expect(system.of(accepted.id)).toEqual([
      {
        key: accepted.id,
        isSigned: true,
        type: 'sotto.action.requested',
        request: expect.objectContaining({
          outcomeId: accepted.id,
          actionId: 'change-plan',
          request: { kind: 'change-plan', amount: 12.5 },
          significant: false,
        }),
      },
    ]);
    expect((await answer(ACTION_ACTED, accepted.id)).status).toBe(200);
    await until('told', () => answers().some(({ outcomeId }) => outcomeId === accepted.id));
    expect(answers().find(({ outcomeId }) => outcomeId === accepted.id)).toMatchObject({
      result: 'acted',
      detail: 'order 17',
      callId: 'call-1',
    });
    expect(await (await answer(ACTION_ACTED, accepted.id)).json()).toEqual({ result: 'duplicate' });
    expect(await (await answer(ACTION_FAILED, accepted.id)).json()).toMatchObject({ result: 'refused', reason: 'answered-otherwise' });
    const acted = await opened.central.store.db
      .selectFrom('outcomes')
      .select('kind')
      .where('decision_id', '=', accepted.decisionId)
      .orderBy('pos')
      .execute();
    expect(acted.map(({ kind }) => kind)).toEqual(['accepted', 'acted']);
  });

  test('an action taken instead is asked for, one that asks nothing is not', async () => {
    const [instead, nothing] = [
      outcome({ callId: 'call-2', kind: 'overridden', actionId: 'explain-bill', chosenActionId: 'change-plan' }),
      outcome({ callId: 'call-2', kind: 'accepted', actionId: 'explain-bill' }),
    ];
    await send(instead, nothing, outcome({ callId: 'call-2', kind: 'seen' }));
    await until('requested', async () => (await stateOf(instead.id)) === 'requested');
    expect(await stateOf(nothing.id)).toBeUndefined();
  });

  test('a system of record that fails, hangs up and is silent gets the request again, under one key, until it takes it', async () => {
    const accepted = outcome({ callId: 'call-3', kind: 'accepted' });
    system.moods.set(accepted.id, [status(500), hangUp, silence, status(429), status(503), status(404)]);
    await send(accepted);
    await until('requested', async () => (await stateOf(accepted.id)) === 'requested');
    expect(system.of(accepted.id)).toHaveLength(7);
    expect(new Set(system.of(accepted.id).map(({ request }) => JSON.stringify(request))).size).toBe(1);
    await pause(300);
    expect(system.of(accepted.id)).toHaveLength(7);
  });

  test('a request the system of record will not have fails at once, and the agent is told', async () => {
    const accepted = outcome({ callId: 'call-4', kind: 'accepted' });
    system.moods.set(accepted.id, [status(422)]);
    await send(accepted);
    await until('told', () => answers().some(({ outcomeId, result }) => outcomeId === accepted.id && result === 'failed'));
    expect(system.of(accepted.id)).toHaveLength(1);
  });

  test('concurrent copies of an acceptance ask once', async () => {
    const accepted = outcome({ callId: 'call-5', kind: 'accepted' });
    const one = batch('dev-ann', [item(++seq, 'outcome', accepted)]);
    await Promise.all(Array.from({ length: 8 }, () => desk.send(one)));
    await until('requested', async () => (await stateOf(accepted.id)) === 'requested');
    await pause(200);
    expect(system.of(accepted.id)).toHaveLength(1);
  });

  test('[C5] a significant action never leaves without an approval, not even past the code', async () => {
    const accepted = outcome({ callId: 'call-6', kind: 'accepted', actionId: 'big-credit' });
    await send(accepted);
    await pause(300);
    expect(await stateOf(accepted.id)).toBe('waiting');
    const force = sql`update action_requests set state = 'pending' where outcome_id = ${accepted.id}`.execute(opened.central.store.db);
    await expect(force).rejects.toThrow(/check constraint/);
    expect(await (await answer(ACTION_ACTED, accepted.id)).json()).toMatchObject({ reason: 'not-requested' });
    expect(system.of(accepted.id)).toHaveLength(0);
    await sql`update action_requests set expires_at_ms = 1 where outcome_id = ${accepted.id}`.execute(opened.central.store.db);
    await until('told', () => answers().some(({ outcomeId }) => outcomeId === accepted.id));
    expect(answers().find(({ outcomeId }) => outcomeId === accepted.id)).toMatchObject({
      result: 'expired',
      detail: 'nobody approved it in time',
    });
  });

  test('what was held offline for too long expires unsent', async () => {
    const old = outcome({ callId: 'call-7', kind: 'accepted', atMs: Date.now() - 120_000 });
    await send(old);
    await until('expired', async () => (await stateOf(old.id)) === 'expired');
    expect(system.of(old.id)).toHaveLength(0);
  });

  test('the action is that of the revision the decision was made with, when central has it', async () => {
    const made = decision('call-8', { policy: 'f'.repeat(64) });
    const accepted = outcome({ callId: 'call-8', kind: 'accepted', decisionId: made.id });
    expect((await desk.send(batch('dev-ann', [item(++seq, 'decision', made)]))).items[0]?.result).toBe('stored');
    await send(accepted);
    await until('requested', async () => (await stateOf(accepted.id)) === 'requested');
  });

  test('answers to what was never asked, and what is no answer, are refused', async () => {
    expect(await (await answer(ACTION_ACTED, randomUUID())).json()).toMatchObject({ reason: 'unknown-request' });
    expect((await answer('sotto.action.exploded', randomUUID())).status).toBe(400);
  });

  test('a desk that was away is told the answer when it is back', async () => {
    const accepted = outcome({ callId: 'call-9', kind: 'accepted' });
    await send(accepted);
    await until('requested', async () => (await stateOf(accepted.id)) === 'requested');
    desk.close();
    await until('gone', () => opened.central.desks() === 0);
    await answer(ACTION_FAILED, accepted.id);
    desk = await TestDesk.connect(opened.central, 'ann');
    await until('told', () => answers().some(({ outcomeId, result }) => outcomeId === accepted.id && result === 'failed'));
  });

  test('an acceptance taken back within the undo time is never sent', async () => {
    const system = new SystemOfRecord();
    const url = await system.start();
    const opened = await openCentral(await engine.open(), { systemOfRecord: { url }, actions: { undoMs: 400 } });
    system.publicKeyPem = opened.central.publicKeyPem;
    const desk = await TestDesk.connect(opened.central, 'ann');
    const producer = new Producer();
    const [accepted, kept] = [
      outcome({ callId: producer.callId, kind: 'accepted' }),
      outcome({ callId: producer.callId, kind: 'accepted' }),
    ];
    const undo = outcome({ callId: producer.callId, kind: 'retracted', retracts: accepted.id });
    await desk.send(batch('dev-ann', [item(1, 'outcome', accepted), item(2, 'outcome', kept)]));
    await desk.send(batch('dev-ann', [item(3, 'outcome', undo)]));
    await until('the other was sent', () => system.of(kept.id).length === 1);
    expect(system.of(accepted.id)).toHaveLength(0);
    const rows = await opened.central.store.db
      .selectFrom('action_requests')
      .select('state')
      .where('outcome_id', '=', accepted.id)
      .execute();
    expect(rows).toEqual([{ state: 'cancelled' }]);
    desk.close();
    await opened.close();
    await system.stop();
  });
});
