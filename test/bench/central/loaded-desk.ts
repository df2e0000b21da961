/** One of the generator's desks: a socket, the calls' deliveries acknowledged, and a queue that is sent as a real desk sends it. */
import type { DeskIssuer } from '#central/access/tokens.ts';
import { io, type Socket } from 'socket.io-client';
import { type CallContext, type CallOffset, type Delivery, DESK_NAMESPACE, LIVE_PROTOCOL } from '#contract/live.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, OUTBOX_EVENT, type OutboxItem, type OutboxReceipt } from '#contract/sync.ts';
import { ItemMaker, type Maker } from './made-items.ts';

const ACK_TIMEOUT_MS = 10_000;
/** As engine/outbox-loop.ts and engine/adapters/socket/full-jitter.ts have it. */
const PACE_MS = 25;
const TURN_SPREAD_MS = 500;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 15_000;
const LONGEST_CONNECT_WAIT_MS = 3_000;

export interface DeskEvents {
  /** An event of the desk's call arrived. */
  readonly delivered: (eventId: string) => void;
  readonly counted: (what: 'connects' | 'refusals' | 'resent' | 'pushedBack' | 'notStored') => void;
}

export interface Sent {
  readonly stored: readonly string[];
}

export class LoadedDesk {
  readonly #maker: Maker;
  readonly #items: ItemMaker;
  readonly #tokens: DeskIssuer;
  readonly #events: DeskEvents;
  readonly #random: () => number;
  readonly #have = new Map<string, number>();
  readonly #added = new Map<OutboxItem['kind'], number>();
  #socket: Socket | null = null;
  #seq = 0;
  #connectedAtMs: number | null = null;

  constructor(maker: Maker, tokens: DeskIssuer, events: DeskEvents, random: () => number) {
    this.#maker = maker;
    this.#tokens = tokens;
    this.#events = events;
    this.#random = random;
    this.#items = new ItemMaker(maker, random);
  }

  get callId(): string {
    return this.#maker.callId;
  }

  get agentId(): string {
    return this.#maker.agentId;
  }

  /** Since when it is connected and has asked for what it lacks; null = it is not. */
  get connectedAtMs(): number | null {
    return this.#connectedAtMs;
  }

  /** Tries until it is connected, with the waits of a real desk. */
  async connect(url: string, isAtOnce: boolean): Promise<void> {
    for (let attempt = isAtOnce ? -1 : 0; ; attempt++) {
      if (attempt >= 0) await pause(this.#random() * Math.min(LONGEST_CONNECT_WAIT_MS, 200 * 2 ** attempt));
      if (await this.#tryOnce(url)) return;
      this.#events.counted('refusals');
    }
  }

  disconnect(): void {
    this.#connectedAtMs = null;
    this.#socket?.disconnect();
    this.#socket = null;
  }

  /** One answer with its record, as a batch of its own, until it is stored. */
  async answerOnce(): Promise<readonly string[]> {
    const pair = this.#items.next(Date.now());
    const items = pair.items.map((item): OutboxItem => ({ ...item, seq: ++this.#seq }));
    await this.#sendUntilSettled(items);
    return [pair.outcomeId];
  }

  /** Sends what it has queued since the outage began, batch after batch; returns the outcomes' ids. */
  async drain(queued: number, sinceMs: number, shouldLoseReceipt: () => boolean): Promise<readonly string[]> {
    const ids: string[] = [];
    let made = 0;
    let waiting: OutboxItem[] = [];
    while (made < queued || waiting.length > 0) {
      const batch: OutboxItem[] = [];
      let bytes = 200;
      for (;;) {
        if (waiting.length === 0 && made < queued) {
          const pair = this.#items.next(sinceMs + made * 60_000);
          waiting = pair.items.map((item) => ({ ...item, seq: ++this.#seq }));
          ids.push(pair.outcomeId);
          made++;
        }
        const [item] = waiting;
        if (item === undefined || batch.length === MAX_BATCH_ITEMS) break;
        const size = this.#sizeOf(item);
        if (bytes + size > MAX_BATCH_BYTES) break;
        bytes += size;
        batch.push(item);
        waiting.shift();
      }
      const { nextAfterMs } = await this.#sendUntilSettled(batch, shouldLoseReceipt());
      const hasMore = made < queued || waiting.length > 0;
      await (nextAfterMs === undefined || !hasMore ? pause(PACE_MS) : this.#untilTurn(nextAfterMs));
    }
    return ids;
  }

  async #sendUntilSettled(items: readonly OutboxItem[], losesFirstReceipt = false): Promise<OutboxReceipt> {
    const batch = { protocol: 1, deviceId: this.#maker.deviceId, epoch: 'bench', items };
    let losesReceipt = losesFirstReceipt;
    for (let attempt = 0; ; attempt++) {
      const receipt = await this.#send(batch);
      if (losesReceipt && receipt !== null && receipt.items.length > 0) {
        losesReceipt = false;
        this.#events.counted('resent');
        continue;
      }
      if (receipt !== null && receipt.items.length === items.length) {
        for (const { result } of receipt.items) if (result === 'refused') this.#events.counted('notStored');
        return receipt;
      }
      const retryAfterMs = receipt?.retryAfterMs;
      this.#events.counted(retryAfterMs === undefined ? 'resent' : 'pushedBack');
      await (retryAfterMs === undefined
        ? pause(this.#random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt))
        : this.#untilTurn(retryAfterMs));
    }
  }

  /** In a batch, in bytes. What JSON adds to a body is the same for all of a kind, but for the digits of its number. */
  #sizeOf(item: OutboxItem): number {
    const added = this.#added.get(item.kind) ?? JSON.stringify(item).length - item.body.length + 8;
    this.#added.set(item.kind, added);
    return item.body.length + added;
  }

  #untilTurn(afterMs: number): Promise<void> {
    return pause(Math.max(PACE_MS, afterMs + Math.min(TURN_SPREAD_MS, 0.25 * afterMs) * this.#random()));
  }

  async #send(batch: object): Promise<OutboxReceipt | null> {
    try {
      return (await this.#socket?.timeout(ACK_TIMEOUT_MS).emitWithAck(OUTBOX_EVENT, batch)) as OutboxReceipt;
    } catch {
      return null;
    }
  }

  async #tryOnce(url: string): Promise<boolean> {
    const { agentId, deviceId, callId } = this.#maker;
    const auth = {
      protocol: LIVE_PROTOCOL,
      token: await this.#tokens.issue({ kind: 'desk', personId: agentId, deviceId }),
      deviceToken: await this.#tokens.issue({ kind: 'device', deviceId }),
      deviceId,
    };
    const socket = io(url + DESK_NAMESPACE, { transports: ['websocket'], auth, reconnection: false, forceNew: true });
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('connect_error', () => resolve(false));
      // Closed at the door: too many come at once.
      socket.once('disconnect', () => resolve(false));
    });
    if (!isConnected) {
      socket.disconnect();
      return false;
    }
    socket.on('context', (body: CallContext, acknowledge: (offset: CallOffset) => void) =>
      acknowledge({ callId: body.callId, seq: this.#have.get(body.callId) ?? 0 }),
    );
    socket.on('delivery', (body: Delivery, acknowledge: (offset: CallOffset) => void) => {
      this.#have.set(body.callId, body.seq);
      this.#events.delivered(body.event.id);
      acknowledge({ callId: body.callId, seq: body.seq });
    });
    socket.on('orders', (_body: unknown, acknowledge: (kept: object) => void) => acknowledge({ seq: 0 }));
    socket.on('disconnect', () => {
      this.#connectedAtMs = null;
    });
    this.#socket = socket;
    socket.emit('resume', { calls: [{ callId, seq: this.#have.get(callId) ?? 0 }] });
    this.#connectedAtMs = performance.now();
    this.#events.counted('connects');
    return true;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
