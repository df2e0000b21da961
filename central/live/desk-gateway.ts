/** The live lane's server side: which desks are connected, and what wakes them. What they get is always read from the tables. */
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
import { activeCalls, DeskReader } from './desk-reader.ts';
import { DeskSession } from './desk-session.ts';
import { Handovers } from './handovers.ts';
import type { GivenOutcome } from './node-feeds.ts';
import type { News } from './node-news.ts';
import { ContextReader } from './read-context.ts';
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
  /** Connections that only live events have. */
  readonly live: Query;
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
  readonly acknowledgedAfter: (name: string, ms: number) => void;
  /** To the other nodes. */
  readonly tell: (news: News) => void;
}

export class DeskGateway implements IntakeListener {
  readonly progress = new CallProgress();
  readonly usage: UsageFeed;
  readonly #settings: GatewaySettings;
  readonly #sessions = new Map<string, Set<DeskSession>>();
  readonly #index = new CallIndex<DeskSession>();
  readonly #reader: CallReader;
  readonly #contexts: ContextReader;
  readonly #deskReader: DeskReader;
  readonly #handovers: Handovers;

  constructor(settings: GatewaySettings) {
    this.#settings = settings;
    const { desks, db, live } = settings;
    this.#reader = new CallReader(live);
    this.#contexts = new ContextReader(db, settings.nowMs);
    this.#deskReader = new DeskReader(db, settings.nowMs);
    this.#handovers = new Handovers(settings.transferWaitMs);
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

  stored({ seq, call, formerAgentId, customerId }: StoredEvent): void {
    const { tell } = this.#settings;
    if (customerId !== null) {
      this.#customerChanged(customerId);
      tell({ customer: customerId });
    }
    if (call === null || seq === null) return;
    const { call_id: callId, agent_id: agentId } = call;
    this.progress.stored(callId, seq);
    if (formerAgentId !== null) this.#changedHands(callId, formerAgentId);
    if (this.#wake(callId, agentId) === 0 || formerAgentId !== null)
      tell({ call: callId, agentId, formerAgentId: formerAgentId ?? undefined });
  }

  partial(call: CallRow, event: CallEvent): void {
    if (this.#partial(call.agent_id, event) === 0) this.#settings.tell({ partial: event, agentId: call.agent_id });
  }

  /** Another node says so. What it says is not believed further than that there is something to look at. */
  heard(news: Exclude<News, { readonly look: string }>): void {
    if ('customer' in news) this.#customerChanged(news.customer);
    else if ('handedOver' in news) this.#handovers.end(news.handedOver);
    else if ('partial' in news) this.#partial(news.agentId, news.partial);
    else {
      if (news.formerAgentId !== undefined) this.#changedHands(news.call, news.formerAgentId);
      this.#wake(news.call, news.agentId);
    }
  }

  /** Outcomes came from this device. */
  outcomesStored(deviceId: string, outcomes: readonly Outcome[]): void {
    if (outcomes.some(({ kind }) => TAKING.has(kind))) this.usage.wake();
    this.outcomesGiven(outcomes.map(({ callId, agentId }) => ({ callId, agentId, deviceId })));
  }

  /** At this node or another: whoever did not make them needs to know, be it the next person at the same desk. */
  outcomesGiven(given: readonly GivenOutcome[]): void {
    for (const { callId, agentId, deviceId } of given) {
      for (const session of this.#index.of(callId))
        if (session.deviceId !== deviceId || session.agentId !== agentId) session.refreshContext(callId);
    }
  }

  answer(agentId: string, answer: Answer): void {
    for (const session of this.#of(agentId)) session.answer(answer);
  }

  agentIds(): readonly string[] {
    return [...this.#sessions.keys()];
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
    for (const { call_id, agent_id, last_seq, profile_version } of calls)
      for (const session of this.#of(agent_id)) if (session.lacks(call_id, last_seq, profile_version)) session.wake(call_id);
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
      contexts: this.#contexts,
      desks: this.#deskReader,
      index: this.#index,
      counters,
      nowMs,
      failed,
      acknowledgedAfter: this.#settings.acknowledgedAfter,
      processed: (callId, seq) => this.progress.processed(callId, seq),
      formerDone: (callId) => this.#handovers.doneOf(callId),
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

  /** How many desks were told. */
  #wake(callId: string, agentId: string): number {
    const sessions = this.#of(agentId);
    for (const session of sessions) session.wake(callId);
    return sessions.size;
  }

  #partial(agentId: string, event: CallEvent): number {
    const sessions = this.#of(agentId);
    for (const session of sessions) session.partial(event.subject, event);
    return sessions.size;
  }

  #customerChanged(customerId: string): void {
    for (const session of this.#all()) session.wakeCustomer(customerId);
  }

  /** The receiving desk waits at its node, the former desk is released at its own; most often they are the same. */
  #changedHands(callId: string, formerAgentId: string): void {
    this.progress.handedOver(callId);
    this.#handovers.begin(callId);
    const former = [...this.#of(formerAgentId)];
    // A former desk that is away, or at another node, may say so within the wait.
    if (former.length > 0) void this.#release(callId, former);
  }

  async #release(callId: string, former: readonly DeskSession[]): Promise<void> {
    await Promise.all(former.map((session) => session.release(callId, this.#settings.transferWaitMs)));
    this.#handovers.end(callId);
    this.#settings.tell({ handedOver: callId });
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
