/**
 * Desks of the version before speak with this central. What they understand is on record: `protocols/4.json` has the JSON Schemas of all
 * their messages, and its hash is the one that was released. Every message is held against it, in both directions.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { OLDER_PROTOCOLS } from '#contract/live.ts';
import { OUTBOX_EVENT } from '#contract/sync.ts';
import { canonicalJson } from '#core';
import { HASHES } from '../architecture/wire-hashes.ts';
import { deskTokens } from './device.ts';
import { pglite } from './engines.ts';
import { batch, connected, decision, deskSocket, item, type Opened, openCentral, outcome, Producer, until } from './fixture.ts';

const BEFORE = 4;
type Recorded = readonly (readonly [string, Parameters<typeof z.fromJSONSchema>[0]])[];
const recorded = JSON.parse(readFileSync(new URL(`protocols/${BEFORE}.json`, import.meta.url), 'utf8')) as Recorded;
const understood = new Map(recorded.map(([name, schema]) => [name, z.fromJSONSchema(schema)]));

const misunderstood = (name: string, body: unknown): string | null => {
  const schema = understood.get(name);
  if (schema === undefined) return `${name} is not a message of protocol ${BEFORE}`;
  const read = schema.safeParse(body);
  return read.success ? null : `${name}: ${JSON.stringify(read.error.issues)}`;
};

test('what a desk of the version before understands is what was released', () => {
  expect(OLDER_PROTOCOLS).toEqual([BEFORE]);
  expect(createHash('sha256').update(canonicalJson(recorded)).digest('hex')).toBe(HASHES[BEFORE]);
});

/** Answers as that version did: it acknowledges what it knows, and leaves unread what it does not. */
class OlderDesk {
  readonly socket: Socket;
  readonly heard: { readonly name: string; readonly body: unknown }[] = [];
  readonly faults: string[] = [];
  readonly #deviceId: string;
  readonly #have = new Map<string, number>();

  constructor(socket: Socket, deviceId: string) {
    this.socket = socket;
    this.#deviceId = deviceId;
    socket.onAny((name: string, body: unknown, acknowledge?: (reply: unknown) => void) => {
      if (!understood.has(`TO_DESK.${name}`)) return;
      this.heard.push({ name, body });
      const fault = misunderstood(`TO_DESK.${name}`, body);
      if (fault !== null) this.faults.push(fault);
      acknowledge?.(this.#reply(name, body));
    });
  }

  #reply(name: string, body: unknown): unknown {
    const { callId, seq, orders } = body as { callId: string; seq?: number; orders?: { seq: number }[] };
    if (name === 'orders') return { seq: Math.max(0, ...(orders ?? []).map((order) => order.seq)) };
    if (name === 'delivery') this.#have.set(callId, seq ?? 0);
    return name === 'delivery' || name === 'context' ? { callId, seq: this.#have.get(callId) ?? 0 } : null;
  }

  seqs(callId: string): readonly number[] {
    const deliveries = this.heard.filter(({ name }) => name === 'delivery').map(({ body }) => body as { callId: string; seq: number });
    return deliveries.filter((one) => one.callId === callId).map(({ seq }) => seq);
  }

  names(): ReadonlySet<string> {
    return new Set(this.heard.map(({ name }) => name));
  }

  async send(items: readonly unknown[]): Promise<unknown> {
    const sent = batch(this.#deviceId, items);
    expect(misunderstood('OutboxBatch', sent)).toBeNull();
    const receipt: unknown = await this.socket.timeout(10_000).emitWithAck(OUTBOX_EVENT, sent);
    expect(misunderstood('OutboxReceipt', receipt)).toBeNull();
    return receipt;
  }
}

let opened: Opened;
const sockets: Socket[] = [];
beforeAll(async () => {
  opened = await openCentral(await pglite.open(), { live: { pollMs: 200, transferWaitMs: 500, reorderMs: 20 } });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(() => opened.close());

async function come(agentId: string, protocol: number): Promise<OlderDesk> {
  const deviceId = `dev-${agentId}`;
  const auth = { protocol, ...(await deskTokens(opened.central, agentId, deviceId)), deviceId };
  expect(misunderstood('DeskHandshake', auth)).toBeNull();
  const socket = deskSocket(opened.central.url, auth);
  sockets.push(socket);
  const desk = new OlderDesk(socket, deviceId);
  await connected(socket);
  socket.emit('resume', { calls: [] });
  return desk;
}

test('[X8] a desk of the version before works a whole call at this central: it understands every message, and is understood', async () => {
  const { central } = opened;
  const ann = await come('ann', BEFORE);
  const bob = await come('bob', BEFORE);
  const producer = new Producer();
  const { callId } = producer;
  const events = [
    producer.offered('ann'),
    producer.event('sotto.call.connected', { agentId: 'ann' }),
    producer.event('sotto.call.identified', { customerId: 'cust-1', identity: 'verified' }),
    producer.said('I am moving house'),
    producer.event('sotto.utterance.partial', { utteranceId: 'u9', speaker: 'customer', text: 'I am', startMs: 0, endMs: 9 }),
    producer.event('sotto.capture.paused', { reason: 'other' }),
    producer.event('sotto.capture.resumed', {}),
    producer.event('sotto.call.held', { agentId: 'ann' }),
    producer.event('sotto.call.resumed', { agentId: 'ann' }),
    producer.event('sotto.consent.changed', { customerId: 'cust-1', purpose: 'marketing', granted: false }),
  ];
  for (const event of events) expect(await central.intake(event)).toMatchObject({ result: 'accepted' });
  await until('the call is at the desk', () => ann.seqs(callId).length === events.length - 1);
  expect(ann.seqs(callId)).toEqual(Array.from({ length: events.length - 1 }, (_, n) => n + 1));

  const shown = decision(callId);
  const accepted = outcome({ callId, decisionId: shown.id, kind: 'accepted', clock: 2, note: 'gladly' });
  const items = [item(1, 'decision', shown), item(2, 'outcome', { ...accepted })];
  expect(await ann.send(items)).toMatchObject({ items: [{ result: 'stored' }, { result: 'stored' }] });
  expect(await ann.send(items)).toMatchObject({ items: [{ result: 'duplicate' }, { result: 'duplicate' }] });

  // What was answered goes along, in words that the receiving desk understands.
  await central.intake(producer.event('sotto.call.transferred', { fromAgentId: 'ann', toAgentId: 'bob' }));
  await until('the other desk has the call', () => bob.seqs(callId).length === events.length);
  const context = bob.heard.findLast(({ name }) => name === 'context')?.body;
  expect(context).toMatchObject({ callId, outcomes: [{ id: accepted.id, kind: 'accepted' }] });
  await central.erase('cust-1');
  await until('the order came', () => bob.heard.some(({ name, body }) => name === 'orders' && (body as { orders: [] }).orders.length > 0));

  expect([...ann.faults, ...bob.faults]).toEqual([]);
  expect([...new Set([...ann.names(), ...bob.names()])]).toEqual(
    expect.arrayContaining(['versions', 'orders', 'context', 'delivery', 'partial', 'release']),
  );
  // Canary: a message that changed would have been seen.
  expect(misunderstood('TO_DESK.context', { ...(context as object), outcomes: [{ ...accepted, mood: 'good' }] })).not.toBeNull();
});

test('a desk older than that is told so', async () => {
  await expect(come('cy', BEFORE - 1)).rejects.toMatchObject({ data: { reason: 'other-protocol' } });
});
