/** One desk that is connected: who it is, and a stream for each of its calls. */
import type { Socket } from 'socket.io';
import type { ApprovalStanding } from '#contract/approval.ts';
import type { CallEvent } from '#contract/call-events.ts';
import { LEARNT_EVENT, type LearntReport } from '#contract/learning.ts';
import { type CurrentVersions, OrdersKept, ResumeRequest, type UsageReport } from '#contract/live.ts';
import type { Answer } from '../actions/answer-of.ts';
import type { Counters } from '../store/counters.ts';
import { noteKept } from '../privacy/data-orders.ts';
import type { Query } from '../store/open-store.ts';
import type { CallIndex } from './call-index.ts';
import type { CallReader } from './call-reader.ts';
import { CallStream } from './call-stream.ts';
import type { DeskReader } from './desk-reader.ts';
import type { ContextReader } from './read-context.ts';

const BEHIND_MS = 1_000;
/** A desk may have many stores to carry an order out in. */
const ORDERS_WITHIN_MS = 10_000;

export interface SessionSettings {
  readonly socket: Socket;
  readonly agentId: string;
  readonly deviceId: string;
  readonly db: Query;
  readonly reader: CallReader;
  readonly contexts: ContextReader;
  readonly desks: DeskReader;
  readonly counters: Counters;
  readonly nowMs: () => number;
  /** Which sessions have which call. */
  readonly index: CallIndex<DeskSession>;
  /** The desk processed everything of the call up to `seq`. */
  readonly processed: (callId: string, seq: number) => void;
  /** After a transfer: what the receiving desk waits for; null = nothing. */
  readonly formerDone: (callId: string) => Promise<void> | null;
  /** The desk processed a message so long after it was sent. */
  readonly acknowledgedAfter: (name: string, ms: number) => void;
  /** Something could not be read; the poll tries again. */
  readonly failed: (operation: string, error: unknown) => void;
}

export class DeskSession {
  readonly #settings: SessionSettings;
  readonly #streams = new Map<string, CallStream>();
  /** Nothing is sent before the desk said what it has. */
  #isResumed = false;
  /** One after the other. */
  #ordering: Promise<void> = Promise.resolve();
  #orderedAtMs = 0;
  #learntBase: string | null = null;
  #usage: { readonly text: string; readonly asOfMs: number } | null = null;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
  }

  get agentId(): string {
    return this.#settings.agentId;
  }

  get deviceId(): string {
    return this.#settings.deviceId;
  }

  /** The desk says what it has: every stream begins anew from there. */
  async resume(body: unknown): Promise<void> {
    const request = ResumeRequest.safeParse(body);
    if (!request.success) {
      this.#settings.counters.add('desks: bad resume');
      return;
    }
    const { desks, agentId } = this.#settings;
    const offsets = new Map(request.data.calls.map(({ callId, seq }) => [callId, seq]));
    const calls = await desks.calls.ask(agentId);
    const active = new Set(calls.map(({ call_id }) => call_id));
    this.close();
    this.#isResumed = true;
    for (const { call_id, last_seq } of calls) {
      const fromSeq = Math.min(offsets.get(call_id) ?? 0, last_seq);
      if (fromSeq > 0) this.#settings.processed(call_id, fromSeq);
      this.#open(call_id, fromSeq);
      this.wake(call_id);
    }
    await this.#releaseOthers([...offsets.keys()].filter((callId) => !active.has(callId)));
    await this.#sendAnswers();
  }

  /** There may be something new on a call of this agent. */
  wake(callId: string): void {
    if (!this.#isResumed) return;
    const stream = this.#streams.get(callId) ?? this.#open(callId, 0);
    stream.wake().catch((error: unknown) => this.#settings.failed(`reading call ${callId}`, error));
  }

  /** This customer's slice changed: calls of theirs find a newer version. */
  wakeCustomer(customerId: string): void {
    for (const [callId, stream] of this.#streams) if (stream.customerId === customerId) this.wake(callId);
  }

  /** What was answered on the call changed elsewhere. */
  refreshContext(callId: string): void {
    this.#streams.get(callId)?.refreshContext();
    if (this.#streams.has(callId)) this.wake(callId);
  }

  /** Whether the table has something of the call that the desk was not sent. */
  lacks(callId: string, lastSeq: number, profileVersion: number | null): boolean {
    const stream = this.#streams.get(callId);
    return stream === undefined ? lastSeq > 0 : stream.sentSeq < lastSeq || stream.profileVersion !== profileVersion;
  }

  partial(callId: string, event: CallEvent): void {
    const stream = this.#streams.get(callId);
    if (stream === undefined) return;
    // A desk that is behind gets no more of what is worth nothing later.
    if (stream.owingSinceMs !== null && performance.now() - stream.owingSinceMs > BEHIND_MS) return;
    this.#settings.socket.emit('partial', { callId, event });
  }

  versions(versions: CurrentVersions): void {
    this.#settings.socket.emit('versions', versions);
  }

  /** Says nothing the desk knows already, unless what it knows is older than `refreshMs`. */
  usage(report: UsageReport, refreshMs: number): void {
    const asOfMs = report.uses[0]?.asOfMs ?? 0;
    const text = JSON.stringify([report.countedTo, report.uses.map(({ constraintId, used }) => [constraintId, used])]);
    if (text === this.#usage?.text && Math.abs(asOfMs - this.#usage.asOfMs) < refreshMs) return;
    this.#usage = { text, asOfMs };
    this.#settings.socket.emit('usage', report);
  }

  /** The base that the desk was told of last; null = none. */
  get learntBase(): string | null {
    return this.#learntBase;
  }

  learnt(report: LearntReport): void {
    this.#learntBase = report.base;
    this.#settings.socket.emit(LEARNT_EVENT, report);
  }

  answer(answer: Answer): void {
    this.#settings.socket.emit('answer', answer);
  }

  approval(standing: ApprovalStanding): void {
    this.#settings.socket.emit('approval', standing);
  }

  /** The call went to somebody else. Fulfilled when the desk says that its answers are sent, or after `waitMs`. */
  async release(callId: string, waitMs: number): Promise<void> {
    this.#forget(callId);
    await this.#acknowledged('release', { callId, reason: 'transferred' }, waitMs);
  }

  /** Sends the orders the desk has not acknowledged, and what time it is here; nothing where that was done less than `everyMs` ago. */
  orders(everyMs = 0): void {
    if (performance.now() - this.#orderedAtMs < everyMs) return;
    this.#orderedAtMs = performance.now();
    this.#ordering = this.#ordering
      .then(() => this.#sendOrders())
      .catch((error: unknown) => this.#settings.failed(`sending orders to device ${this.deviceId}`, error));
  }

  async tick(nowMs: number, waitMs: number): Promise<void> {
    await this.#acknowledged('clock', { nowMs }, waitMs);
  }

  /** Cuts a desk that acknowledged nothing for `timeoutMs`, and forgets calls that are long over. */
  check(activeCallIds: ReadonlySet<string>, timeoutMs: number): void {
    for (const [callId, stream] of this.#streams) {
      const since = stream.owingSinceMs;
      if (since !== null && performance.now() - since > timeoutMs) {
        this.#settings.counters.add('desks: cut for silence');
        this.#settings.socket.disconnect(true);
        return;
      }
      if (!activeCallIds.has(callId) && since === null) this.#forget(callId);
    }
  }

  cut(): void {
    this.#settings.socket.disconnect(true);
  }

  close(): void {
    for (const callId of this.#streams.keys()) this.#forget(callId);
  }

  #forget(callId: string): void {
    this.#streams.get(callId)?.close();
    this.#streams.delete(callId);
    this.#settings.index.remove(callId, this);
  }

  #open(callId: string, fromSeq: number): CallStream {
    const { reader, contexts, socket, processed, formerDone } = this.#settings;
    const stream = new CallStream({
      reader,
      contexts,
      callId,
      fromSeq,
      formerDone: formerDone(callId),
      line: {
        agentId: this.agentId,
        send: (name, body, acknowledged) => {
          const sentAtMs = performance.now();
          socket.emit(name, body, (reply: unknown) => {
            this.#settings.acknowledgedAfter(name, performance.now() - sentAtMs);
            acknowledged(reply);
          });
        },
        processed,
      },
    });
    this.#streams.set(callId, stream);
    this.#settings.index.add(callId, this);
    return stream;
  }

  /** Calls the desk still has that are no longer its own. */
  async #releaseOthers(callIds: readonly string[]): Promise<void> {
    if (callIds.length === 0) return;
    const rows = await this.#settings.db
      .selectFrom('calls')
      .select(['call_id', 'agent_id'])
      .where('call_id', 'in', [...callIds])
      .execute();
    for (const { call_id, agent_id } of rows)
      this.#settings.socket.emit('release', { callId: call_id, reason: agent_id === this.agentId ? 'ended' : 'transferred' });
  }

  /** Answers that came while the desk was away; it knows those it had. */
  async #sendAnswers(): Promise<void> {
    for (const standing of await this.#settings.desks.approvals.ask(this.agentId)) this.approval(standing);
    for (const answer of await this.#settings.desks.answers.ask(this.agentId)) this.answer(answer);
  }

  /** Until the desk has all, or says nothing new. */
  async #sendOrders(): Promise<void> {
    const { db, desks, nowMs } = this.#settings;
    for (let kept: number | null = null; ; ) {
      const { orders, keptSeq } = await desks.orders.ask(this.deviceId);
      if (kept !== null && orders.length === 0) return;
      const reply = OrdersKept.safeParse(await this.#acknowledged('orders', { atMs: nowMs(), orders }, ORDERS_WITHIN_MS));
      if (!reply.success || reply.data.seq === kept) return;
      kept = reply.data.seq;
      if (kept !== keptSeq) await noteKept(db, this.deviceId, kept, nowMs());
      else if (orders.length === 0) return;
    }
  }

  /** What the desk answered; undefined where it did not. */
  async #acknowledged(name: 'release' | 'clock' | 'orders', body: unknown, waitMs: number): Promise<unknown> {
    const { socket, counters } = this.#settings;
    const gone = Promise.withResolvers<never>();
    // The library waits the whole time for an answer from a socket that is closed already.
    const leave = (): void => gone.reject(new Error('disconnected'));
    socket.once('disconnect', leave);
    if (!socket.connected) leave();
    try {
      return await Promise.race([socket.timeout(waitMs).emitWithAck(name, body) as Promise<unknown>, gone.promise]);
    } catch {
      // Gone or too slow: nobody waits longer, and it resumes when it is back.
      counters.add(`desks: ${name} not acknowledged`);
      return undefined;
    } finally {
      socket.off('disconnect', leave);
    }
  }
}
