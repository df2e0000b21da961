/** The live lane's server side: which desks are connected, and what wakes them. What they get is always read from the tables. */
import type { Namespace, Socket } from 'socket.io';
import type { ApprovalStanding } from '#contract/approval.ts';
import type { CallEvent } from '#contract/call-events.ts';
import type { CurrentVersions } from '#contract/live.ts';
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
import { countedIn, type LastBase } from '../learning/learnt-models.ts';
import { OnceMore } from '../once-more.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';
import type { CallRow } from '../store/tables.ts';
import { CallIndex } from './call-index.ts';
import { CallProgress } from './call-progress.ts';
import { CallReader } from './call-reader.ts';
import { DESK_ENDPOINT, DeskDoor, type Seat } from './desk-door.ts';
import { activeCalls, DeskReader } from './desk-reader.ts';
import { DeskSession } from './desk-session.ts';
import { Handovers } from './handovers.ts';
import type { GivenOutcome } from './node-feeds.ts';
import type { News } from './node-news.ts';
import { ContextReader } from './read-context.ts';
import { deskKey, type Scarce } from './read-usage.ts';
import { TokenBucket } from './token-bucket.ts';
import { UsageFeed } from './usage-feed.ts';

const TICK_WAIT_MS = 30_000;
/** A desk hears at least this often what time it is here, and once more what it has not acknowledged. */
const ORDERS_EVERY_MS = 10 * 60_000;
/** Outcomes that take of what is scarce, or give it back. */
const TAKING: ReadonlySet<OutcomeKind> = new Set(['accepted', 'overridden', 'retracted']);

/** Told which desks come and go at this node. What a desk says to it by `event` is its own to read. */
export interface DeskWatcher {
  readonly event: string;
  came(seat: Seat, socket: Socket): void;
  left(seat: Seat, socket: Socket): void;
  said(seat: Seat, body: unknown): void;
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
  /** The base that desks are to use; null = none. */
  readonly learnt: () => Promise<LastBase | null>;
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
  readonly #door: DeskDoor;
  /** Of desks that connect together, the first is told at once and the others together. */
  readonly #learntTelling = new OnceMore(() => this.#sendLearnt());
  readonly #watchers: DeskWatcher[] = [];

  constructor(settings: GatewaySettings) {
    this.#settings = settings;
    const { desks, db, live } = settings;
    this.#reader = new CallReader(live);
    this.#contexts = new ContextReader(db, settings.nowMs);
    this.#deskReader = new DeskReader(db, settings.nowMs);
    this.#handovers = new Handovers(settings.transferWaitMs);
    this.usage = new UsageFeed({ ...settings, desks: () => this.#all() });
    this.#door = new DeskDoor(settings);
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

  approval(agentId: string, standing: ApprovalStanding): void {
    for (const session of this.#of(agentId)) session.approval(standing);
  }

  /** Before the first desk connects. */
  watch(watcher: DeskWatcher): void {
    this.#watchers.push(watcher);
  }

  agentIds(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  sendVersions(): void {
    const versions = this.#settings.currentVersions();
    if (versions !== null) for (const session of this.#all()) session.versions(versions);
    this.usage.wake();
    this.#tellLearnt();
  }

  #tellLearnt(): void {
    this.#learntTelling.run().catch((error: unknown) => this.#settings.failed('telling desks what was learnt', error));
  }

  /** What was learnt last, to desks that were not told yet, each with how far its own answers are in it. */
  async #sendLearnt(): Promise<void> {
    const base = this.connected() === 0 ? null : await this.#settings.learnt();
    const sessions = this.#all().filter(({ learntBase }) => learntBase !== base?.hash);
    if (base === null || sessions.length === 0) return;
    const counted = await countedIn(this.#settings.db, sessions, base.manifest.covers);
    for (const session of sessions) session.learnt({ base: base.hash, countedTo: counted.get(deskKey(session)) ?? null });
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

  /** Desks that are not let in yet, because many come at once. */
  get atTheDoor(): number {
    return this.#door.waiting;
  }

  connected(): number {
    return this.#all().length;
  }

  #connected(socket: Socket): void {
    const { db, counters, nowMs, failed, takeBatch, admitted } = this.#settings;
    const seat = socket.data as Seat;
    const { agentId, deviceId, personId } = seat;
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
      isStill: (who) => who.kind === 'person' && who.agentId === agentId && mayConnect(DESK_ENDPOINT, who),
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
      } finally {
        this.#door.resumed(socket);
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
    const known = new Set(['resume', OUTBOX_EVENT, ...this.#watchers.map(({ event }) => event)]);
    socket.onAny((name: string) => {
      if (!known.has(name)) counters.add('desks: unknown messages');
    });
    for (const watcher of this.#watchers) {
      socket.on(watcher.event, (body: unknown) => watcher.said(seat, body));
      watcher.came(seat, socket);
    }
    socket.on('disconnect', () => {
      forget();
      for (const watcher of this.#watchers) watcher.left(seat, socket);
      session.close();
      const left = [...this.#of(agentId)].filter((other) => other !== session);
      if (left.length === 0) this.#sessions.delete(agentId);
      else this.#sessions.set(agentId, new Set(left));
    });
    const versions = this.#settings.currentVersions();
    if (versions !== null) session.versions(versions);
    session.orders();
    this.usage.wake();
    this.#tellLearnt();
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
