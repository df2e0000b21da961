/**
 * One call on its way to one desk: strictly in order, from the table, never more than a few unacknowledged.
 *
 *   wake ─► read the call ─► context, when it is due (acknowledged before anything else goes) ─► deliveries after what was sent
 *
 * Invariants: sentSeq only moves with rows read from the table, so nothing is skipped; at most WINDOW deliveries are held
 * in memory, however slow the desk; a wake-up that comes while one is at work is not lost.
 */
import type { CallEvent } from '#contract/call-events.ts';
import { CallOffset, type Delivery, type CallContext } from '#contract/live.ts';
import type { CallReader } from './call-reader.ts';
import type { ContextReader } from './read-context.ts';

/** Deliveries a desk may owe an acknowledgement for, per call. */
const WINDOW = 16;

export interface DeskLine {
  readonly agentId: string;
  /** Hands over one message; `acknowledged` is called with the desk's reply. */
  send(name: 'delivery' | 'context', body: Delivery | CallContext, acknowledged: (reply: unknown) => void): void;
  /** The desk processed everything of the call up to `seq`. */
  processed(callId: string, seq: number): void;
}

interface Settings {
  readonly reader: CallReader;
  readonly contexts: ContextReader;
  readonly callId: string;
  readonly line: DeskLine;
  /** What the desk has already. */
  readonly fromSeq: number;
  /** After a transfer: fulfilled when the former desk's answers are in, or are no longer waited for. */
  readonly formerDone: Promise<void> | null;
}

export class CallStream {
  readonly callId: string;
  readonly #settings: Settings;
  #formerDone: Promise<void> | null;
  #sentSeq: number;
  #unacknowledged = 0;
  #oldestSentAtMs: number | null = null;
  #contextDue = true;
  /** Whose profile, in which version, the desk has; undefined: none yet. */
  #context: { readonly customerId: string | null; readonly profileVersion: number | null } | undefined;
  #isPumping = false;
  #isWoken = false;
  #isClosed = false;
  /** There is more in the table than there was room for. */
  #isBehind = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.callId = settings.callId;
    this.#sentSeq = settings.fromSeq;
    this.#formerDone = settings.formerDone;
  }

  get sentSeq(): number {
    return this.#sentSeq;
  }

  get customerId(): string | null {
    return this.#context?.customerId ?? null;
  }

  /** Of the profile that the desk was sent. */
  get profileVersion(): number | null | undefined {
    return this.#context?.profileVersion;
  }

  /** Since when, in steady milliseconds, the desk owes an acknowledgement; null = it owes none. */
  get owingSinceMs(): number | null {
    return this.#oldestSentAtMs;
  }

  /** The context changed otherwise than by a new version of the profile. */
  refreshContext(): void {
    this.#contextDue = true;
  }

  /** Sends what there is to send. Rejects when the table cannot be read: the next wake-up tries again. */
  async wake(): Promise<void> {
    this.#isWoken = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false;
        await this.#pump();
      }
    } finally {
      this.#isPumping = false;
    }
  }

  close(): void {
    this.#isClosed = true;
  }

  async #pump(): Promise<void> {
    const { reader, contexts, line } = this.#settings;
    const room = Math.max(0, WINDOW - this.#unacknowledged);
    const found = await reader.read(this.callId, this.#sentSeq, room);
    if (found === null || found.call.agent_id !== line.agentId) return;
    const { call, profileVersion, events } = found;

    const isOld = this.#context?.customerId !== call.customer_id || this.#context.profileVersion !== profileVersion;
    if (this.#contextDue || isOld) {
      const isComplete = this.#formerDone === null;
      this.#contextDue = false;
      this.#context = { customerId: call.customer_id, profileVersion };
      await this.#sendContext(await contexts.read(call, isComplete));
      if (this.#formerDone !== null) {
        await this.#formerDone;
        this.#formerDone = null;
        this.#contextDue = true;
      }
      this.#isWoken = true;
      return;
    }

    for (const { seq, event } of events) this.#deliver(seq, event);
    this.#isBehind = call.last_seq > this.#sentSeq;
    // Acknowledged while the table was read: nobody else comes to say that there is room.
    if (this.#isBehind && events.length === room && this.#unacknowledged < WINDOW) this.#isWoken = true;
  }

  #deliver(seq: number, event: CallEvent): void {
    if (this.#isClosed) return;
    this.#sentSeq = seq;
    this.#expect();
    this.#settings.line.send('delivery', { callId: this.callId, seq, event }, (reply) => {
      this.#settle(reply);
      // Room again, for what is waiting in the table. What could not be read the poll finds.
      if (this.#isBehind) this.wake().catch(() => {});
    });
  }

  #sendContext(context: CallContext): Promise<void> {
    return new Promise((resolve) => {
      this.#expect();
      this.#settings.line.send('context', context, (reply) => {
        this.#settle(reply);
        resolve();
      });
    });
  }

  #expect(): void {
    this.#unacknowledged++;
    this.#oldestSentAtMs ??= performance.now();
  }

  #settle(reply: unknown): void {
    this.#unacknowledged--;
    this.#oldestSentAtMs = this.#unacknowledged === 0 ? null : performance.now();
    const reached = CallOffset.safeParse(reply);
    if (reached.success && reached.data.callId === this.callId)
      this.#settings.line.processed(this.callId, Math.min(reached.data.seq, this.#sentSeq));
  }
}
