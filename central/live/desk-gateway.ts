/** The live lane's server side: which desks are connected, and what wakes them. What they get is always read from the tables. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Namespace, Socket } from 'socket.io';
import type { CallEvent } from '#contract/call-events.ts';
import { type CurrentVersions, DESK_NAMESPACE, DeskHandshake, LIVE_PROTOCOL, OLDER_PROTOCOLS } from '#contract/live.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { OutcomeKind } from '#contract/profile.ts';
import type { OutboxReceipt } from '#contract/sync.ts';
import { OUTBOX_EVENT } from '#contract/sync.ts';
import type { AdmittedSockets } from '../access/admitted-sockets.ts';
import type { Authenticate } from '../access/directory.ts';
import { mayConnect } from '../access/scope.ts';
import type { Answer } from '../actions/answer-of.ts';
import type { IntakeListener } from '../intake/intake.ts';
import type { StoredEvent } from '../intake/store-events.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';
import type { CallRow } from '../store/tables.ts';
import { CallIndex } from './call-index.ts';
import { CallProgress } from './call-progress.ts';
import { CallReader } from './call-reader.ts';
import { activeCalls, DeskSession } from './desk-session.ts';
import type { Scarce } from './read-usage.ts';
import { TokenBucket } from './token-bucket.ts';
import { UsageFeed } from './usage-feed.ts';

const ENDPOINT = `SOCKET ${DESK_NAMESPACE}`;
const TICK_WAIT_MS = 30_000;
/** A desk hears at least this often what time it is here, and once more what it has not acknowledged. */
const ORDERS_EVERY_MS = 10 * 60_000;
/** Outcomes that take of what is scarce, or give it back. */
const TAKING: ReadonlySet<OutcomeKind> = new Set(['accepted', 'overridden', 'retracted']);

/** Who is at the other end, as it was let in. */
interface Seat {
  readonly agentId: string;
  readonly deviceId: string;
  readonly personId: string;
}

export interface GatewaySettings {
  readonly desks: Namespace;
  readonly db: Query;
  readonly counters: Counters;
  readonly authenticate: Authenticate;
  readonly admitted: AdmittedSockets;
  readonly nowMs: () => number;
  readonly transferWaitMs: number;
  readonly ackTimeoutMs: number;
  readonly messagesPerS: number;
  readonly pollMs: number;
  readonly scarce: () => Promise<readonly Scarce[]>;
  readonly currentVersions: () => CurrentVersions | null;
  /** Takes a batch of the outbox; what it rejects with is not acknowledged, and comes again. */
  readonly takeBatch: (deviceId: string, body: unknown) => Promise<OutboxReceipt | null>;
  readonly failed: (operation: string, error: unknown) => void;
}

export class DeskGateway implements IntakeListener {
  readonly progress = new CallProgress();
  readonly usage: UsageFeed;
  readonly #settings: GatewaySettings;
  readonly #sessions = new Map<string, Set<DeskSession>>();
  readonly #index = new CallIndex<DeskSession>();
  readonly #reader: CallReader;
  /** Transfers whose former desk has not yet said that its answers are sent. */
  readonly #handovers = new Map<string, Promise<void>>();

  constructor(settings: GatewaySettings) {
    this.#settings = settings;
    const { desks, db } = settings;
    this.#reader = new CallReader(db);
    this.usage = new UsageFeed({ ...settings, desks: () => this.#all() });
    desks.use(async (socket, next) => {
      try {
        const reason = await this.#admit(socket);
        next(reason === null ? undefined : refusal(reason));
      } catch (error) {
        settings.failed('admitting a desk', error);
        next(refusal('unavailable'));
      }
    });
    desks.on('connection', (socket) => this.#connected(socket));
  }

  stored({ seq, call, formerAgentId }: StoredEvent): void {
    if (call === null || seq === null) {
      // Only a customer changed: whichever call is theirs will find a newer version.
      for (const session of this.#all()) session.wakeAll();
      return;
    }
    this.progress.stored(call.call_id, seq);
    if (formerAgentId !== null) this.#handOver(call.call_id, formerAgentId);
    for (const session of this.#of(call.agent_id)) session.wake(call.call_id);
  }

  partial(call: CallRow, event: CallEvent): void {
    for (const session of this.#of(call.agent_id)) session.partial(call.call_id, event);
  }

  /** Outcomes came from this device: whoever did not make them there needs to know, be it the next person at the same desk. */
  outcomesStored(deviceId: string, outcomes: readonly Outcome[]): void {
    if (outcomes.some(({ kind }) => TAKING.has(kind))) this.usage.wake();
    for (const { callId, agentId } of outcomes) {
      for (const session of this.#index.of(callId))
        if (session.deviceId !== deviceId || session.agentId !== agentId) session.refreshContext(callId);
    }
  }

  answer(agentId: string, answer: Answer): void {
    for (const session of this.#of(agentId)) session.answer(answer);
  }

  sendVersions(): void {
    const versions = this.#settings.currentVersions();
    if (versions !== null) for (const session of this.#all()) session.versions(versions);
    this.usage.wake();
  }

  /** Somebody's data is to go, or to stay. */
  sendOrders(): void {
    for (const session of this.#all()) session.orders();
  }

  /** Demonstration: moves the desks' clock; fulfilled when every connected desk has done what fell due. */
  async tick(nowMs: number): Promise<void> {
    await Promise.all(this.#all().map((session) => session.tick(nowMs, TICK_WAIT_MS)));
    await this.usage.clockMoved();
  }

  /** What wakes a desk when every wake-up was lost. Also cuts desks that are silent. */
  async poll(): Promise<void> {
    const sessions = this.#all();
    if (sessions.length === 0) return;
    const agentIds = [...new Set(sessions.map(({ agentId }) => agentId))];
    const { db, nowMs, ackTimeoutMs } = this.#settings;
    const calls = await activeCalls(db, agentIds, nowMs());
    const activeIds = new Set(calls.map(({ call_id }) => call_id));
    for (const session of sessions) {
      session.check(activeIds, ackTimeoutMs);
      session.orders(ORDERS_EVERY_MS);
    }
    for (const { call_id, agent_id, last_seq } of calls)
      for (const session of this.#of(agent_id)) if (session.sentSeq(call_id) < last_seq) session.wake(call_id);
  }

  connected(): number {
    return this.#all().length;
  }

  /** Null = admitted, and the socket's data says who it is. */
  async #admit(socket: Socket): Promise<string | null> {
    const handshake = DeskHandshake.safeParse(socket.handshake.auth);
    if (!handshake.success) return this.#refused('bad-handshake');
    if (![LIVE_PROTOCOL, ...OLDER_PROTOCOLS].includes(handshake.data.protocol)) return this.#refused('other-protocol');
    const principal = await this.#settings.authenticate(handshake.data.token);
    if (principal === null) return this.#refused('bad-token');
    if (principal.kind !== 'person' || principal.agentId === null || !mayConnect(ENDPOINT, principal)) return this.#refused('not-an-agent');
    const device = await this.#settings.authenticate(handshake.data.deviceToken);
    if (device?.kind !== 'device') return this.#refused('not-a-device');
    if (principal.deviceId !== handshake.data.deviceId || device.deviceId !== principal.deviceId) return this.#refused('other-device');
    socket.data = { agentId: principal.agentId, deviceId: principal.deviceId, personId: principal.personId } satisfies Seat;
    return null;
  }

  #refused(reason: string): string {
    this.#settings.counters.add(`desks: refused ${reason}`);
    return reason;
  }

  #connected(socket: Socket): void {
    const { db, counters, nowMs, failed, takeBatch, admitted } = this.#settings;
    const { agentId, deviceId, personId } = socket.data as Seat;
    const session = new DeskSession({
      socket,
      agentId,
      deviceId,
      db,
      reader: this.#reader,
      index: this.#index,
      counters,
      nowMs,
      failed,
      processed: (callId, seq) => this.progress.processed(callId, seq),
      formerDone: (callId) => this.#handovers.get(callId) ?? null,
    });
    const forget = admitted.add({
      speaker: { kind: 'desk', personId, deviceId },
      isStill: (who) => who.kind === 'person' && who.agentId === agentId && mayConnect(ENDPOINT, who),
      cut() {
        counters.add('desks: cut, may not speak any more');
        session.cut();
      },
    });
    // A device that connects anew has lost its older connection, whether central noticed or not.
    for (const other of this.#of(agentId)) if (other.deviceId === deviceId) other.cut();
    this.#sessions.set(agentId, new Set([...this.#of(agentId), session]));

    const bucket = new TokenBucket(this.#settings.messagesPerS, performance.now());
    socket.use((_, next) => {
      if (bucket.take(performance.now())) return next();
      counters.add('desks: cut for too many messages');
      socket.disconnect(true);
    });
    socket.on('resume', async (body: unknown) => {
      try {
        await session.resume(body);
      } catch (error) {
        failed(`resuming desk ${deviceId}`, error);
      }
    });
    socket.on(OUTBOX_EVENT, async (body: unknown, acknowledge: unknown) => {
      try {
        const receipt = await takeBatch(deviceId, body);
        if (typeof acknowledge === 'function' && receipt !== null) acknowledge(receipt);
      } catch (error) {
        // Not acknowledged: the desk sends it again.
        failed(`storing a batch of device ${deviceId}`, error);
      }
    });
    socket.onAny((name) => {
      if (name !== 'resume' && name !== OUTBOX_EVENT) counters.add('desks: unknown messages');
    });
    socket.on('disconnect', () => {
      forget();
      session.close();
      const left = [...this.#of(agentId)].filter((other) => other !== session);
      if (left.length === 0) this.#sessions.delete(agentId);
      else this.#sessions.set(agentId, new Set(left));
    });
    const versions = this.#settings.currentVersions();
    if (versions !== null) session.versions(versions);
    session.orders();
    this.usage.wake();
  }

  #handOver(callId: string, formerAgentId: string): void {
    const { transferWaitMs } = this.#settings;
    this.progress.handedOver(callId);
    const former = [...this.#of(formerAgentId)];
    // A former desk that is away may come back within the wait.
    const done = former.length === 0 ? [pause(transferWaitMs)] : former.map((session) => session.release(callId, transferWaitMs));
    const handover = this.#whenDone(callId, done);
    this.#handovers.set(callId, handover);
  }

  async #whenDone(callId: string, done: readonly Promise<unknown>[]): Promise<void> {
    await Promise.all(done);
    this.#handovers.delete(callId);
  }

  #of(agentId: string): ReadonlySet<DeskSession> {
    return this.#sessions.get(agentId) ?? new Set();
  }

  #all(): readonly DeskSession[] {
    return [...this.#sessions.values()].flatMap((sessions) => [...sessions]);
  }
}

/** The desk sees the reason in `connect_error`'s data. */
function refusal(reason: string): Error {
  return Object.assign(new Error(reason), { data: { reason } });
}
