/** A desk that makes answers, keeps each until central has acknowledged it, and connects anew as often as it must. Its ledger is what central is held against. */
import { io, type Socket } from 'socket.io-client';
import type { DeskIssuer } from '#central/access/tokens.ts';
import { DESK_NAMESPACE, LIVE_PROTOCOL } from '#contract/live.ts';
import { OUTBOX_EVENT, type OutboxItem, OutboxReceipt } from '#contract/sync.ts';
import { ItemMaker, type Maker, makerOf } from '#test/bench/central/made-items.ts';

const ACK_TIMEOUT_MS = 2_000;
const BATCH = 20;

export interface DeskSettings {
  readonly number: number;
  readonly issuer: DeskIssuer;
  readonly policy: string;
  /** Asked before each attempt to connect. */
  readonly url: () => string;
  readonly random: (below: number) => number;
  /** The broken variant: what was sent counts as arrived. */
  readonly trustsTheNetwork?: boolean;
}

export class StubbornDesk {
  /** Every answer it ever made. */
  readonly made: string[] = [];
  /** Those that central acknowledged. */
  readonly acknowledged = new Set<string>();
  /** How long it was without a connection, each time, in milliseconds. */
  readonly gapsMs: number[] = [];
  pushedBack = 0;
  readonly #settings: DeskSettings;
  readonly #maker: Maker;
  readonly #items: ItemMaker;
  readonly #unsent: OutboxItem[] = [];
  #seq = 0;
  #socket: Socket | null = null;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();

  constructor(settings: DeskSettings) {
    this.#settings = settings;
    this.#maker = makerOf(settings.number, settings.policy);
    this.#items = new ItemMaker(this.#maker, () => settings.random(1_000_000) / 1_000_000);
  }

  get trustsTheNetwork(): boolean {
    return this.#settings.trustsTheNetwork === true;
  }

  get unsent(): number {
    return this.#unsent.length;
  }

  make(times: number): void {
    for (let i = 0; i < times; i++) {
      const pair = this.#items.next(Date.now());
      this.made.push(pair.outcomeId);
      for (const item of pair.items) this.#unsent.push({ ...item, seq: ++this.#seq });
    }
  }

  start(): void {
    this.#running = this.#run();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#socket?.disconnect();
    await this.#running;
  }

  async #run(): Promise<void> {
    let lostAtMs: number | null = null;
    for (let attempt = 0; !this.#isOver; ) {
      if (this.#socket === null || !this.#socket.connected) {
        lostAtMs ??= performance.now();
        this.#socket?.disconnect();
        this.#socket = await this.#connect();
        if (this.#socket === null) {
          await this.#pause(Math.min(3_000, 200 * 2 ** attempt));
          attempt++;
          continue;
        }
        this.gapsMs.push(performance.now() - lostAtMs);
        lostAtMs = null;
        attempt = 0;
      }
      if (this.#unsent.length === 0) await this.#pause(40);
      else if (!(await this.#sendSome())) await this.#pause(300);
    }
  }

  async #connect(): Promise<Socket | null> {
    const { issuer, url } = this.#settings;
    const { deviceId, agentId } = this.#maker;
    const auth = {
      protocol: LIVE_PROTOCOL,
      token: await issuer.issue({ kind: 'desk', personId: agentId, deviceId }),
      deviceToken: await issuer.issue({ kind: 'device', deviceId }),
      deviceId,
    };
    const socket = io(url() + DESK_NAMESPACE, { transports: ['websocket'], auth, reconnection: false, forceNew: true, timeout: 2_000 });
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('connect_error', () => resolve(false));
      setTimeout(() => resolve(false), 2_500);
    });
    if (isConnected) return socket;
    socket.disconnect();
    return null;
  }

  /** False: nothing of it is known to be stored. */
  async #sendSome(): Promise<boolean> {
    const items = this.#unsent.slice(0, BATCH);
    const batch = { protocol: 1, deviceId: this.#maker.deviceId, epoch: 'fault', items };
    if (this.trustsTheNetwork) {
      this.#socket?.emit(OUTBOX_EVENT, batch);
      this.#unsent.splice(0, items.length);
      return true;
    }
    try {
      const receipt = OutboxReceipt.parse(await this.#socket?.timeout(ACK_TIMEOUT_MS).emitWithAck(OUTBOX_EVENT, batch));
      if (receipt.retryAfterMs !== undefined) {
        this.pushedBack++;
        await this.#pause(receipt.retryAfterMs);
        return true;
      }
      for (const { id } of receipt.items) this.acknowledged.add(id);
      this.#unsent.splice(0, items.length);
      return true;
    } catch {
      // Silent, or gone: whether it arrived is not known, and it goes again.
      this.#socket?.disconnect();
      return false;
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 10 + this.#settings.random(Math.max(1, Math.round(ms)))));
  }
}
