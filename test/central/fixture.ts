/** A central with a small organisation, producers' events, and desks that speak the real protocol over real sockets. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import type { CentralConfigInput } from '#central/config.ts';
import type { Central } from '#central/central.ts';
import { startCentral } from '#central/start-central.ts';
import type { Store } from '#central/store/open-store.ts';
import { canonicalJson } from '#core';
import type { CallEventType } from '#contract/call-events.ts';
import {
  type CallContext,
  type CallOffset,
  type Delivery,
  DESK_NAMESPACE,
  LIVE_PROTOCOL,
  type OrdersKept,
  PRODUCER_NAMESPACE,
  type TO_DESK,
} from '#contract/live.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { TOKEN_PATH } from '#contract/sign-in.ts';
import { type CallSupervised, DESK_STATE_EVENT, type DeskStates, type Shown, SUPERVISION_EVENT } from '#contract/supervision.ts';
import type { OutboxItem, OutboxReceipt } from '#contract/sync.ts';
import { OUTBOX_EVENT } from '#contract/sync.ts';
import { deskTokens, post } from './device.ts';
import { smallPolicy } from './small-policy.ts';

export const CUSTOMER: ProfileSlice = {
  customerId: 'cust-1',
  version: 3,
  asOfMs: 1_750_000_000_000,
  displayName: 'Mina Park',
  language: 'en-AU',
  fields: { plan: 'basic' },
  consents: [{ purpose: 'marketing', granted: true, atMs: 1_750_000_000_000 }],
  history: [{ kind: 'seen', channel: 'email', atMs: Date.now() - 86_400_000, actionId: 'change-plan' }],
};

export type Options = Partial<Omit<Extract<CentralConfigInput, { mode: 'embedded' }>, 'mode'>>;

export interface Opened {
  readonly central: Central;
  readonly logged: string[];
  close(): Promise<void>;
}

/** Central on a store of the caller's, with agents ann, bob and cy, one customer and the small policy. */
export async function openCentral(store: Store | null, options: Options = {}): Promise<Opened> {
  const keys = options.folder ?? mkdtempSync(join(tmpdir(), 'sotto-keys-'));
  const logged: string[] = [];
  const central = await startCentral(
    { mode: 'embedded', ...options, folder: keys },
    { log: (line) => logged.push(line), ...(store === null ? {} : { store }) },
  );
  await central.loadOrganisation({
    agents: ['ann', 'bob', 'cy'].map((id) => ({ id, name: id, level: 'standard', language: 'en' })),
    customers: [CUSTOMER],
    policyFiles: smallPolicy(),
    models: [],
  });
  return {
    central,
    logged,
    async close() {
      await central.close();
      if (options.folder === undefined) rmSync(keys, { recursive: true, force: true });
    },
  };
}

export async function producerToken(central: Central, integration = 'telephony'): Promise<string> {
  const response = await post(central.url, TOKEN_PATH, { integration });
  if (!response.ok) throw new Error(`no token: ${response.status}`);
  return ((await response.json()) as { token: string }).token;
}

export interface SentEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly type: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One producer of one call: numbers its events from 1. */
export class Producer {
  readonly callId: string;
  readonly source: string;
  #sequence = 0;

  constructor(callId: string = `call-${randomUUID()}`, source = '/telephony') {
    this.callId = callId;
    this.source = source;
  }

  event(type: CallEventType, data: Readonly<Record<string, unknown>>, more: Partial<SentEvent> = {}): SentEvent {
    const sequence = more.sequence ?? ++this.#sequence;
    return {
      specversion: '1.0',
      id: `${this.callId}/${this.source}/${sequence}`,
      source: this.source,
      subject: this.callId,
      time: new Date().toISOString(),
      type,
      data,
      ...more,
      sequence,
    };
  }

  offered(agentId: string, customerId?: string): SentEvent {
    const who = customerId === undefined ? { identity: 'unknown' } : { identity: 'verified', customerId };
    return this.event('sotto.call.offered', { agentId, direction: 'inbound', queue: 'billing', ...who });
  }

  said(text: string, more: Partial<SentEvent> = {}): SentEvent {
    const utteranceId = `u${this.#sequence + 1}`;
    return this.event('sotto.utterance.final', { utteranceId, speaker: 'customer', text, startMs: 0, endMs: 900 }, more);
  }
}

/** A desk that acknowledges what it gets, once it has it. */
export class TestDesk {
  readonly deviceId: string;
  readonly messages: { readonly name: string; readonly body: unknown }[] = [];
  /** Deliveries wait for this before they are acknowledged. */
  gate: Promise<void> = Promise.resolve();
  /** Told to hand back what it owes before it lets a call go. */
  onRelease: () => Promise<void> = () => Promise.resolve();
  /** Whether it says that it shows what supervisors say, and who reads along. */
  shows = true;
  /** The last order it says it has. */
  ordersKept = 0;
  readonly #socket: Socket;
  readonly #have = new Map<string, number>();

  private constructor(socket: Socket, deviceId: string) {
    this.#socket = socket;
    this.deviceId = deviceId;
    for (const name of ['partial', 'versions', 'usage', 'answer', 'approval'])
      socket.on(name, (body: unknown) => this.messages.push({ name, body }));
    socket.on('clock', (body: unknown, acknowledge: () => void) => {
      this.messages.push({ name: 'clock', body });
      acknowledge();
    });
    socket.on(SUPERVISION_EVENT, (body: CallSupervised, acknowledge: (shown: Shown) => void) => {
      this.messages.push({ name: SUPERVISION_EVENT, body });
      const ids = { notes: body.notes.map(({ noteId }) => noteId), readers: body.readers.map(({ readId }) => readId) };
      acknowledge({ callId: body.callId, ...(this.shows ? ids : { notes: [], readers: [] }) });
    });
    socket.on('orders', (body: z.output<typeof TO_DESK.orders>, acknowledge: (kept: OrdersKept) => void) => {
      this.messages.push({ name: 'orders', body });
      this.ordersKept = Math.max(this.ordersKept, ...body.orders.map(({ seq }) => seq));
      acknowledge({ seq: this.ordersKept });
    });
    socket.on('context', (body: CallContext, acknowledge: (offset: CallOffset) => void) => {
      this.messages.push({ name: 'context', body });
      acknowledge({ callId: body.callId, seq: this.#have.get(body.callId) ?? 0 });
    });
    socket.on('delivery', async (body: Delivery, acknowledge: (offset: CallOffset) => void) => {
      this.messages.push({ name: 'delivery', body });
      await this.gate;
      this.#have.set(body.callId, body.seq);
      acknowledge({ callId: body.callId, seq: body.seq });
    });
    socket.on('release', async (body: unknown, acknowledge?: (done: unknown) => void) => {
      this.messages.push({ name: 'release', body });
      await this.onRelease();
      acknowledge?.(null);
    });
  }

  /** Connects and resumes from what it is said to have. */
  static async connect(
    central: Central,
    agentId: string,
    deviceId = `dev-${agentId}`,
    have: readonly CallOffset[] = [],
  ): Promise<TestDesk> {
    const socket = deskSocket(central.url, { protocol: LIVE_PROTOCOL, ...(await deskTokens(central, agentId, deviceId)), deviceId });
    const desk = new TestDesk(socket, deviceId);
    await connected(socket);
    for (const { callId, seq } of have) desk.#have.set(callId, seq);
    desk.resume(have);
    return desk;
  }

  /** What it shows on its calls. */
  states(calls: DeskStates['calls']): void {
    this.emit(DESK_STATE_EVENT, { calls });
  }

  /** What it was told last of who supervises the call. */
  supervised(callId: string): CallSupervised | undefined {
    const told = this.messages.filter(({ name }) => name === SUPERVISION_EVENT).map(({ body }) => body as CallSupervised);
    return told.findLast((one) => one.callId === callId);
  }

  resume(have: readonly CallOffset[]): void {
    this.#socket.emit('resume', { calls: have });
  }

  emit(name: string, ...args: unknown[]): void {
    this.#socket.emit(name, ...args);
  }

  send(batch: unknown): Promise<OutboxReceipt> {
    return this.#socket.timeout(10_000).emitWithAck(OUTBOX_EVENT, batch);
  }

  named<N extends keyof typeof TO_DESK>(name: N): readonly z.output<(typeof TO_DESK)[N]>[] {
    return this.messages.filter((message) => message.name === name).map(({ body }) => body as z.output<(typeof TO_DESK)[N]>);
  }

  deliveries(callId: string): readonly Delivery[] {
    return this.named('delivery').filter((delivery) => delivery.callId === callId);
  }

  contexts(callId: string): readonly CallContext[] {
    return this.named('context').filter((context) => context.callId === callId);
  }

  seqs(callId: string): readonly number[] {
    return this.deliveries(callId).map(({ seq }) => seq);
  }

  get isConnected(): boolean {
    return this.#socket.connected;
  }

  close(): void {
    this.#socket.disconnect();
  }
}

export const deskSocket = (url: string, auth: object): Socket =>
  io(url + DESK_NAMESPACE, { transports: ['websocket'], auth, reconnection: false, forceNew: true });

export async function producerSocket(central: Central): Promise<Socket> {
  const socket = io(central.url + PRODUCER_NAMESPACE, {
    transports: ['websocket'],
    auth: { token: await producerToken(central) },
    reconnection: false,
    forceNew: true,
  });
  await connected(socket);
  return socket;
}

/** Fulfilled when connected; rejects with the server's reason. */
export function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
}

/** Waits until something is so; rejects after `withinMs` naming it. */
/** What is not so by then is broken, on however busy a machine; what is promised sooner is measured in test/timed. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`after ${withinMs} ms still not: ${what}`);
    await pause(10);
  }
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An outbox item with the right hash. */
export function item(
  seq: number,
  kind: OutboxItem['kind'],
  content: { readonly id: string; readonly [name: string]: unknown },
): OutboxItem {
  const body = canonicalJson(content);
  return { seq, kind, id: content.id, hash: sha256(body), body };
}

export const batch = (deviceId: string, items: readonly unknown[], epoch = 'e1') => ({ protocol: 1, deviceId, epoch, items });

export function outcome(more: Partial<Outcome> & Pick<Outcome, 'callId'>): Outcome {
  return {
    id: randomUUID(),
    kind: 'seen',
    decisionId: randomUUID(),
    customerId: 'cust-1',
    agentId: 'ann',
    deviceId: 'dev-ann',
    actionId: 'change-plan',
    treatmentId: 'voice',
    channel: 'voice',
    role: 'primary',
    atMs: Date.now(),
    clock: 1,
    ...more,
  };
}

/** A decision record as a device would send it. */
export function decision(callId: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    v: 1,
    id: randomUUID(),
    deviceId: 'dev-ann',
    agentId: 'ann',
    callId,
    customerId: 'cust-1',
    clock: 1,
    atMs: Date.now(),
    seed: 7,
    core: sha256('core'),
    policy: sha256('policy'),
    models: [],
    trigger: { kind: 'event', type: 'sotto.utterance.final', seq: 3 },
    inputs: {},
    reasons: 'ABC',
    scores: { f32: '', digest: sha256('scores'), best: { actions: [], pcp: '' } },
    result: {
      kind: 'show',
      prompts: [{ actionId: 'change-plan', treatmentId: 'voice', role: 'primary' }],
    },
    rung: 'starting-propensity',
    ...more,
  };
}
