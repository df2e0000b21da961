/**
 * The composition of one desk.
 *
 *   link ─► parse ─┐                           ┌─► view ─► window
 *   timers ────────┼─► turns ─► intake ─► decide ─► store
 *   window ────────┘              answers ──────┘     └─► outbox ─► link
 *
 * Everything that changes anything is a turn (turns.ts). Without a link it runs headless: events are handed to `deliver`.
 */
import type { CallOffset } from '#contract/live.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import { faultLine, InWords, type Operation } from '#contract/fault.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { Tokens } from '#ports/link.ts';
import type { Written } from '#ports/store.ts';
import { Answers } from './answers.ts';
import { Arrivals } from './arrivals.ts';
import type { CallDesk } from './call-desk.ts';
import { Calls } from './calls.ts';
import { CentralContact } from './central-contact.ts';
import { CentralMessages } from './central-messages.ts';
import { ConstraintUses } from './constraint-uses.ts';
import { DecisionLoop } from './decision-loop.ts';
import { deskModels } from './desk-models.ts';
import { deskParts } from './desk-parts.ts';
import { DecisionTimes } from './decision-times.ts';
import { DeskViewKeeper } from './desk-view.ts';
import { EventTurns } from './event-turns.ts';
import { Explanations } from './explanations.ts';
import { Intake, type Taken } from './intake.ts';
import type { Ladder } from './ladder.ts';
import { LogicalClock } from './logical-clock.ts';
import { OutboxLoop } from './outbox-loop.ts';
import { OutcomeMaker } from './outcome-maker.ts';
import { ProfileCache } from './profile-cache.ts';
import { RefusalCounts } from './refusal-counts.ts';
import { answerRequest, type Desk } from './requests.ts';
import { RevisionKeeper } from './revision-keeper.ts';
import { Session } from './session.ts';
import { StateReporter } from './state-reporter.ts';
import { StopSigns } from './stop-signs.ts';
import type { Engine, Installed, Listeners, StoreNotice, Surroundings } from './surroundings.ts';
import { Turns } from './turns.ts';

/** Starts with what the store has: revision, model, and calls under way. Resolves when the first event can be taken. */
export async function createEngine(surroundings: Surroundings, listeners: Listeners): Promise<Engine> {
  const engine = new DeskEngine(surroundings, listeners);
  await engine.start();
  return engine;
}

class DeskEngine implements Engine {
  readonly #s: Surroundings;
  readonly #listeners: Listeners;
  readonly #turns = new Turns();
  readonly #refusals = new RefusalCounts();
  readonly #stops = new StopSigns();
  readonly #ladder: Ladder;
  readonly #keeper: RevisionKeeper;
  readonly #profiles: ProfileCache;
  readonly #contact: CentralContact;
  readonly #uses: ConstraintUses;
  readonly #calls: Calls;
  readonly #loop: DecisionLoop;
  readonly #answers: Answers;
  readonly #explanations: Explanations;
  readonly #times = new DecisionTimes();
  readonly #view: DeskViewKeeper;
  readonly #events: EventTurns;
  readonly #arrivals: Arrivals;
  readonly #reporter: StateReporter;
  readonly #outbox: OutboxLoop | null;
  readonly #session: Session;
  #storeTrouble: StoreNotice | null = null;
  #isClosing = false;

  constructor(surroundings: Surroundings, listeners: Listeners) {
    this.#s = surroundings;
    this.#listeners = listeners;
    const { store, link, clock, random, deviceId, agent } = surroundings;
    const { onLog } = listeners;
    this.#session = new Session(surroundings);
    const models = deskModels(surroundings, (hash) => this.#keeper.asideOf(hash)?.compiled ?? null, this.#at.bind(this), onLog);
    this.#ladder = models.ladder;
    this.#keeper = new RevisionKeeper({
      ...surroundings,
      ...models,
      inTurn: (work) => this.#turn(work),
      onChanged: () => this.#policyChanged(),
      onLog,
    });
    this.#profiles = new ProfileCache(store);
    this.#contact = new CentralContact(store, clock);
    const onNotWritten = this.#notWritten.bind(this);
    const onChanged = (): void => this.#unwatched(() => this.#decideAll());
    this.#uses = new ConstraintUses({ store, clock, keeper: this.#keeper, onChanged, onNotWritten });
    this.#calls = new Calls({ store, clock, keeper: this.#keeper, deviceId, onRestored: (call, card) => this.#loop.armExpiry(call, card) });
    this.#reporter = new StateReporter(link, clock, this.#calls);
    const logicalClock = new LogicalClock(store.lastClock());
    const outcomes = new OutcomeMaker(random, logicalClock, { agentId: agent.id, deviceId });
    const basics = { store, clock, random, deviceId, onNotWritten };
    const cards = { outcomes, keeper: this.#keeper, at: this.#at.bind(this), onCards: this.#cardsChanged.bind(this) };
    this.#loop = new DecisionLoop({
      ...basics,
      ...cards,
      logicalClock,
      agentId: agent.id,
      language: agent.language,
      ...models,
      profiles: this.#profiles,
      uses: this.#uses,
      times: this.#times,
      level: () => this.#session.level,
      centralHeardAtMs: () => this.#contact.heardAtMs,
      stopsAhead: (call) => this.#stops.isAhead(call.callId),
      onDecision: (line) => {
        this.#storeTrouble = null;
        listeners.onDecision(line);
      },
    });
    this.#answers = new Answers({
      ...cards,
      clock,
      calls: this.#calls,
      loop: this.#loop,
      decideAfter: (call, outcomeId, atRealMs = clock.realMs()) =>
        this.#unwatched(() => this.#events.decide(call, { kind: 'answer', outcomeId }, atRealMs)),
      isOffline: () => this.#session.offlineSinceMs !== null,
      storeTrouble: () => this.#storeTrouble?.words ?? 'It could not be saved. Try again.',
    });
    this.#explanations = new Explanations(store, this.#keeper, this.#ladder, this.#loop);
    const onSettled = (ids: readonly string[]): void => this.#settledAtCentral(ids);
    this.#outbox = link === null ? null : new OutboxLoop({ ...basics, link, trust: surroundings.trust, onLog, onSettled });
    this.#view = new DeskViewKeeper(
      deskParts({
        surroundings,
        calls: this.#calls,
        keeper: this.#keeper,
        ladder: this.#ladder,
        profiles: this.#profiles,
        contact: this.#contact,
        refusals: this.#refusals,
        session: this.#session,
        storeTrouble: () => this.#storeTrouble,
        foreignLedger: () => this.#outbox?.foreign ?? null,
      }),
      () => ({ nowMs: clock.nowMs(), virtualClock: clock.virtual }),
      listeners.onChange,
    );
    this.#events = new EventTurns({
      clock,
      at: cards.at,
      store,
      profiles: this.#profiles,
      calls: this.#calls,
      intake: new Intake({ store, clock, resync: () => this.#resync(), onGap: (call) => this.#events.touch(call) }),
      loop: this.#loop,
      stops: this.#stops,
      contact: this.#contact,
      view: this.#view,
      agentId: link === null ? null : agent.id,
      after: (realMs, turn) => clock.after(realMs, () => this.#unwatched(turn)),
      refused: (reason) => this.#refused(reason),
      notWritten: onNotWritten,
    });
    this.#arrivals = new Arrivals({
      clock,
      calls: this.#calls,
      contact: this.#contact,
      stops: this.#stops,
      events: this.#events,
      turn: (work) => this.#turn(work),
      refused: (reason) => this.#refused(reason),
    });
  }

  async start(): Promise<void> {
    await this.#keeper.start();
    this.#uses.look();
    for (const call of this.#calls.restoreAll()) {
      this.#ladder.adaptive.goOn(call.callId, call.lastDecision?.decisionId ?? null);
      if (call.isOver) this.#loop.withdrawAll(call);
      else this.#unwatched(() => this.#events.decide(call, { kind: 'resumed' }, this.#s.clock.realMs()));
    }
    if (this.#s.link === null) return;
    this.#s.link.open({
      ...new CentralMessages({
        surroundings: this.#s,
        calls: this.#calls,
        loop: this.#loop,
        profiles: this.#profiles,
        keeper: this.#keeper,
        contact: this.#contact,
        uses: this.#uses,
        events: this.#events,
        answers: this.#answers,
        view: this.#view,
        stops: this.#stops,
        turn: (work) => this.#turn(work),
        settled: () => this.settled(),
        decideAll: () => this.#decideAll(),
        flushOutbox: async (withinMs) => this.#outbox?.flush(withinMs),
        refused: (reason) => this.#refused(reason),
        notWritten: this.#notWritten.bind(this),
        connected: () => {
          this.#reporter.connected();
          this.awake();
        },
      }).handlers,
      // Central takes nothing but an offset for an acknowledgement.
      delivery: async (body) => {
        const taken = await this.deliver(body);
        return taken.result === 'refused' ? null : { callId: taken.callId, seq: taken.seq };
      },
      partial: (body) => this.partial(body),
      context: (body) => this.context(body),
      tokenWanted: () => this.#listeners.onTokenWanted(),
      fault: (error) => this.#fault('link', error),
    });
  }

  get callsInMemory(): number {
    return this.#calls.all.length;
  }

  async request(channel: string, body: unknown): Promise<unknown> {
    const startedRealMs = this.#s.clock.realMs();
    return this.#asked(() => answerRequest(channel, body, this.#desk(startedRealMs)));
  }

  deliver(raw: unknown): Promise<Taken> {
    return this.#arrivals.deliver(raw);
  }

  partial(raw: unknown): Promise<void> {
    return this.#arrivals.partial(raw);
  }

  context(raw: unknown): Promise<CallOffset | null> {
    return this.#arrivals.context(raw);
  }

  async install(bundle: { readonly revision: RevisionBundle } | { readonly model: ServedBundle }): Promise<Installed> {
    const refused = 'model' in bundle ? await this.#keeper.tryOut(bundle.model) : null;
    return this.#turn(async () => {
      if ('model' in bundle) this.#keeper.want(bundle.model);
      const installed = 'revision' in bundle ? this.#keeper.use(bundle.revision) : await this.#keeper.load(bundle.model, refused);
      if (installed.ok) this.#policyChanged();
      return installed;
    });
  }

  awake(): void {
    this.#resync();
    this.#outbox?.wake(true);
  }

  setTokens(tokens: Tokens): void {
    this.#s.link?.setTokens(tokens);
    this.#unwatched(() => {
      this.#session.heard();
      this.#view.touch('session');
    });
  }

  async settled(): Promise<void> {
    await this.#keeper.settled();
    await this.#turns.idle();
  }

  async close(withinMs = 1_000): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    await this.#turns.idle();
    this.#calls.stop();
    this.#reporter.stop();
    if (this.#contact.isConnected) await this.#outbox?.flush(withinMs);
    await this.#s.link?.close();
    await this.#outbox?.close();
    await this.settled();
    this.#uses.stop();
    this.#contact.stop();
  }

  /** A turn of the desk's own. Where it fails for a reason that is not ours no card stays: nobody knows which had to go. */
  #turn<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#asked(async () => {
      try {
        return await work();
      } catch (error) {
        throw error instanceof InWords ? error : this.#loop.failClosed(this.#calls.all, error);
      }
    });
  }

  /** Runs work as a turn; what it touched goes to the window at its end, whatever came of it. */
  #asked<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      try {
        return await work();
      } finally {
        this.#view.flush();
        if (!this.#isClosing) {
          this.#outbox?.wake();
          this.#reporter.touch();
        }
      }
    });
  }

  /** A turn nobody waits for. */
  #unwatched(work: () => void | Promise<void>): void {
    this.#turn(work).catch((error: unknown) => this.#fault('turn', error));
  }

  #at(atMs: number, call: CallDesk, work: (releasedRealMs: number) => void | Promise<void>): () => void {
    let isCancelled = false;
    const cancel = this.#s.clock.at(atMs, () => {
      const releasedRealMs = this.#s.clock.realMs();
      this.#unwatched(async () => {
        if (!isCancelled && !this.#isClosing && !call.isFinished) await work(releasedRealMs);
      });
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  #fault(operation: Operation, error: unknown): void {
    this.#listeners.onLog('error', faultLine(operation, error));
  }

  #refused(reason: Extract<Taken, { result: 'refused' }>['reason']): Taken {
    this.#refusals.count(reason);
    this.#view.touch('refused');
    return { result: 'refused', reason };
  }

  /** The error to throw where somebody waits for what was not written. */
  #notWritten(written: Exclude<Written, { ok: true }>): Error {
    this.#storeTrouble = written;
    this.#view.touch('engine');
    this.#listeners.onLog('error', written.words);
    if (written.reason === 'io' || written.reason === 'corrupt') this.#listeners.onBroken(written.words);
    return new InWords(written.words);
  }

  #resync(): void {
    this.#s.link?.resume({ calls: [...this.#s.store.callOffsets()].slice(-200) });
  }

  #settledAtCentral(ids: readonly string[]): void {
    this.#view.touch('outbox', 'engine');
    for (const call of this.#calls.recent) for (const id of ids) this.#answers.request(call, id, 'requested', null);
    this.#view.flush();
  }

  /** Another revision or model: what must go goes at once, then every call is decided again. */
  #policyChanged(): void {
    this.#keeper.compare();
    this.#view.touch('session', 'engine');
    this.#unwatched(() => this.#decideAll());
  }

  async #decideAll(): Promise<void> {
    this.#uses.look();
    for (const call of this.#calls.all) this.#loop.withdrawForbidden(call);
    for (const call of this.#calls.all) await this.#events.decide(call, { kind: 'resumed' }, this.#s.clock.realMs());
  }

  #cardsChanged(call: CallDesk): void {
    this.#view.touch('outbox', 'engine');
    if (call === this.#calls.front) this.#view.touch('cards', 'call', 'refrain');
  }

  /** What a request of the window may do. */
  #desk(startedRealMs: number): Desk {
    return {
      view: this.#view,
      answers: this.#answers,
      explanations: this.#explanations,
      times: this.#times,
      call: (callId) => this.#calls.recent.find((call) => call.callId === callId) ?? null,
      decide: (call) => this.#events.decide(call, { kind: 'request' }, startedRealMs),
      bringToFront: (call) => this.#events.bringToFront(call),
      setQuiet: (call, quiet) => this.#events.setQuiet(call, quiet, startedRealMs),
      setLevel: async (level) => {
        const saved = this.#session.saveLevel(level);
        if (!saved.ok) throw this.#notWritten(saved);
        this.#view.touch('session', 'call');
        for (const call of this.#calls.all) await this.#events.decide(call, { kind: 'timer' }, startedRealMs);
      },
      painted: (releasedRealMs, atMs) =>
        this.#listeners.onMeasured({ eventToCardMs: [Math.max(0, atMs - releasedRealMs)], acceptToSavedMs: [] }),
      saved: () => this.#listeners.onMeasured({ eventToCardMs: [], acceptToSavedMs: [this.#s.clock.realMs() - startedRealMs] }),
    };
  }
}
