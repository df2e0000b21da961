/**
 * The composition of one desk.
 *
 *   link ─► parse ─┐                           ┌─► view ─► window
 *   timers ────────┼─► turns ─► intake ─► decide ─► store
 *   window ────────┘              answers ──────┘     └─► outbox ─► link
 *
 * Everything that changes anything is a turn (turns.ts). Without a link it runs headless: events are handed to `deliver`.
 */
import type { Delivery } from '#contract/live.ts';
import { CallContext, type CallOffset, CurrentVersions, TO_DESK } from '#contract/live.ts';
import type { ModelBundle } from '#contract/model.ts';
import { ExperienceLevel, type RevisionBundle } from '#contract/policy.ts';
import type { Trigger } from '#contract/decision.ts';
import { AtMs } from '#contract/text.ts';
import { eventAtMs } from '#contract/call-events.ts';
import type { VirtualClock } from '#ports/clock.ts';
import type { LinkState } from '#ports/link.ts';
import type { Written } from '#ports/store.ts';
import { Answers } from './answers.ts';
import type { CallDesk } from './call-desk.ts';
import { callView } from './call-view.ts';
import { Calls } from './calls.ts';
import { policyName } from './card-view.ts';
import { DecisionLoop } from './decision-loop.ts';
import { cardViews, DeskViewKeeper } from './desk-view.ts';
import { Explanations } from './explanations.ts';
import { Intake, type Taken } from './intake.ts';
import { Ladder } from './ladder.ts';
import { LogicalClock } from './logical-clock.ts';
import { OutboxLoop } from './outbox-loop.ts';
import { OutcomeMaker } from './outcome-maker.ts';
import { parseDelivery, parsePartial } from './parse-delivery.ts';
import { ProfileCache } from './profile-cache.ts';
import { RefusalCounts } from './refusal-counts.ts';
import { answerRequest } from './requests.ts';
import { RevisionKeeper } from './revision-keeper.ts';
import { StopSigns } from './stop-signs.ts';
import type { Listeners, Surroundings } from './surroundings.ts';
import { Turns } from './turns.ts';

export interface Engine {
  /** Answers a request of the window; rejects when it does not fit its schema or its channel is not the engine's. */
  request(channel: string, body: unknown): Promise<unknown>;
  /** One delivery, checked; resolves when its decision is recorded and shown. For callers without a link. */
  deliver(delivery: unknown): Promise<Taken>;
  partial(partial: unknown): Promise<void>;
  /** What central would send before the first decision on a call. */
  context(context: unknown): Promise<CallOffset | null>;
  /** Puts a revision or a model to use; in words why not. */
  install(
    bundle: { readonly revision: RevisionBundle } | { readonly model: ModelBundle },
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly words: string }>;
  /** The computer was asleep, or may have been: asks central for what was missed. */
  awake(): void;
  setToken(token: string): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Calls in memory. */
  readonly callsInMemory: number;
  /** Sends what can be sent within `withinMs`, then stops. The store and the scorer stay open: whoever built them closes them. */
  close(withinMs?: number): Promise<void>;
}

/** How long a first decision waits for the call's context while central is there. */
const CONTEXT_WITHIN_MS = 1_500;
/** Speech without a further partial for this long is over. */
const SPEECH_STALE_MS = 2_000;
const RELEASE_FLUSH_MS = 5_000;
const HEARD_SAVED_EVERY_MS = 30_000;
const DELAYED_FROM_S = 4;

const isDelayed = (seconds: number): boolean => seconds >= DELAYED_FROM_S;

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
  readonly #logicalClock: LogicalClock;
  readonly #ladder: Ladder;
  readonly #keeper: RevisionKeeper;
  readonly #profiles: ProfileCache;
  readonly #calls: Calls;
  readonly #loop: DecisionLoop;
  readonly #answers: Answers;
  readonly #explanations: Explanations;
  readonly #intake: Intake;
  readonly #view: DeskViewKeeper;
  readonly #outbox: OutboxLoop | null;
  #level: ExperienceLevel;
  #linkState: LinkState = 'disconnected';
  #delayS = 0;
  #heardAtMs = 0;
  #heardSavedAtMs = 0;
  #storeTrouble: string | null = null;
  #isClosing = false;

  constructor(surroundings: Surroundings, listeners: Listeners) {
    this.#s = surroundings;
    this.#listeners = listeners;
    const { store, link, clock, random, sha256, coreHash, deviceId, agent } = surroundings;
    const level = ExperienceLevel.safeParse(store.setting('level'));
    this.#level = level.success ? level.data : agent.level;
    const heard = AtMs.safeParse(store.setting('central-heard-at-ms'));
    this.#heardAtMs = heard.success ? heard.data : 0;
    this.#logicalClock = new LogicalClock(store.lastClock());
    this.#ladder = new Ladder(surroundings.scorer, (words) => listeners.onLog('warn', `A decision did without the model: ${words}`));
    this.#keeper = new RevisionKeeper({
      store,
      link,
      ladder: this.#ladder,
      sha256,
      inTurn: (work) => this.#turn(work),
      onChanged: () => this.#policyChanged(),
      onLog: listeners.onLog,
    });
    this.#profiles = new ProfileCache(store);
    this.#calls = new Calls({
      store,
      clock,
      keeper: this.#keeper,
      deviceId,
      onRestored: (call, card) => this.#loop.armExpiry(call, card),
    });
    const outcomes = new OutcomeMaker(random, this.#logicalClock, { agentId: agent.id, deviceId });
    this.#loop = new DecisionLoop({
      store,
      clock,
      random,
      sha256,
      coreHash,
      deviceId,
      agentId: agent.id,
      language: agent.language,
      keeper: this.#keeper,
      ladder: this.#ladder,
      profiles: this.#profiles,
      logicalClock: this.#logicalClock,
      outcomes,
      level: () => this.#level,
      centralHeardAtMs: () => this.#heardAtMs,
      at: (atMs, call, turn) => this.#at(atMs, call, turn),
      stopsAhead: (call) => this.#stops.isAhead(call.callId),
      onDecision: (line) => {
        this.#storeTrouble = null;
        listeners.onDecision(line);
      },
      onCards: (call) => this.#cardsChanged(call),
      onNotWritten: (written) => this.#notWritten(written),
    });
    this.#answers = new Answers({
      calls: this.#calls,
      clock,
      keeper: this.#keeper,
      loop: this.#loop,
      outcomes,
      at: (atMs, call, turn) => this.#at(atMs, call, turn),
      decideAfter: (call, outcomeId) => {
        const releasedRealMs = clock.realMs();
        this.#track(this.#turn(() => this.#decide(call, { kind: 'answer', outcomeId }, releasedRealMs)));
      },
      onCards: (call) => this.#cardsChanged(call),
      storeTrouble: () => this.#storeTrouble ?? 'It could not be saved. Try again.',
    });
    this.#explanations = new Explanations(store, this.#keeper, this.#loop);
    this.#intake = new Intake({ store, clock, resync: () => this.#resync(), onGap: (call) => this.#touchCall(call) });
    this.#outbox =
      link === null
        ? null
        : new OutboxLoop({
            store,
            link,
            clock,
            random,
            deviceId,
            onSettled: (ids) => this.#settledAtCentral(ids),
            onNotWritten: (written) => this.#notWritten(written),
            onLog: listeners.onLog,
          });
    this.#view = new DeskViewKeeper(this.#parts(), () => ({ nowMs: clock.nowMs(), virtualClock: clock.virtual }), listeners.onChange);
  }

  async start(): Promise<void> {
    await this.#keeper.start();
    for (const call of this.#calls.restoreAll()) {
      if (call.isOver) this.#loop.withdrawAll(call);
      else this.#track(this.#turn(() => this.#decide(call, { kind: 'resumed' }, this.#s.clock.realMs())));
    }
    this.#s.link?.open({
      // Central takes nothing but an offset for an acknowledgement.
      delivery: async (body) => {
        const taken = await this.deliver(body);
        return taken.result === 'refused' ? null : { callId: taken.callId, seq: taken.seq };
      },
      partial: (body) => this.partial(body),
      context: (body) => this.context(body),
      release: (body) => this.#release(body),
      versions: (body) => this.#versions(body),
      answer: (body) => this.#answer(body),
      clock: (body) => this.#clock(body),
      state: (state) => this.#linkChanged(state),
      tokenWanted: () => this.#listeners.onTokenWanted(),
      fault: (error) => this.#fault(error),
    });
  }

  get callsInMemory(): number {
    return this.#calls.all.length;
  }

  async request(channel: string, body: unknown): Promise<unknown> {
    const startedRealMs = this.#s.clock.realMs();
    return this.#turn(() =>
      answerRequest(channel, body, {
        view: this.#view,
        answers: this.#answers,
        explanations: this.#explanations,
        call: (callId) => this.#calls.recent.find((call) => call.callId === callId) ?? null,
        decide: (call) => this.#decide(call, { kind: 'request' }, startedRealMs),
        setQuiet: (call, quiet) => this.#setQuiet(call, quiet, startedRealMs),
        bringToFront: (call) => {
          if (this.#calls.bringToFront(call)) this.#frontChanged();
        },
        setLevel: (level) => this.#setLevel(level, startedRealMs),
        painted: (releasedRealMs, atMs) =>
          this.#listeners.onMeasured({ eventToCardMs: [Math.max(0, atMs - releasedRealMs)], acceptToSavedMs: [] }),
        saved: () => this.#listeners.onMeasured({ eventToCardMs: [], acceptToSavedMs: [this.#s.clock.realMs() - startedRealMs] }),
      }),
    );
  }

  async deliver(raw: unknown): Promise<Taken> {
    const releasedRealMs = this.#s.clock.realMs();
    this.#heard();
    const parsed = parseDelivery(raw, (callId) => this.#calls.known(callId)?.state.events.at(-1)?.seq ?? 0);
    if (!parsed.ok) return this.#refused(parsed.reason);
    const { delivery } = parsed;
    const passed = this.#stops.put(delivery);
    return this.#turn(() => {
      passed();
      return this.#take(delivery, releasedRealMs);
    });
  }

  async partial(raw: unknown): Promise<void> {
    this.#heard();
    const parsed = parsePartial(raw);
    if (!parsed.ok) {
      this.#refused(parsed.reason);
      return;
    }
    const { callId, event } = parsed.delivery;
    if (event.type !== 'sotto.utterance.partial') return;
    await this.#turn(() => {
      const call = this.#calls.known(callId);
      if (call === null || call.isOver) return void this.#refused(call === null ? 'unknown-call' : 'call-ended');
      if (call.state.capturePaused) return void this.#refused('capture-paused');
      const line = this.#intake.hear(call, event);
      const atMs = this.#s.clock.nowMs();
      call.cancelSilence();
      call.cancelSilence = this.#at(atMs + SPEECH_STALE_MS, call, async (releasedRealMs) => {
        call.fallSilent(atMs);
        if (call.heldSinceMs !== null) await this.#decide(call, { kind: 'timer' }, releasedRealMs);
      });
      if (call === this.#calls.front) this.#view.line(callId, line);
    });
  }

  async context(raw: unknown): Promise<CallOffset | null> {
    const releasedRealMs = this.#s.clock.realMs();
    this.#heard();
    const parsed = CallContext.safeParse(raw);
    if (!parsed.success) {
      this.#refused('bad-data');
      return null;
    }
    const { callId, profile, outcomes, complete } = parsed.data;
    return this.#turn(async () => {
      const written = profile === null ? { ok: true as const } : this.#profiles.save(profile);
      const kept = written.ok ? this.#s.store.saveContext(callId, complete, outcomes) : written;
      if (!kept.ok) throw this.#notWritten(kept);
      const call = this.#calls.get(callId);
      call.context = { complete };
      call.addOutcomes(outcomes.filter((outcome) => outcome.callId === callId));
      this.#touchCall(call);
      await this.#decide(call, { kind: 'resumed' }, releasedRealMs);
      return { callId, seq: call.state.contiguousSeq };
    });
  }

  async install(bundle: Parameters<Engine['install']>[0]): ReturnType<Engine['install']> {
    return this.#turn(async () => {
      if ('revision' in bundle) {
        const used = this.#keeper.use(bundle.revision);
        if (used.ok) this.#policyChanged();
        return used;
      }
      this.#ladder.want(bundle.model.hash);
      const loaded = await this.#keeper.load(bundle.model);
      if (loaded.ok) this.#policyChanged();
      return loaded;
    });
  }

  awake(): void {
    this.#resync();
    this.#outbox?.wake(true);
  }

  setToken(token: string): void {
    this.#s.link?.setToken(token);
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
    if (this.#linkState === 'connected') await this.#outbox?.flush(withinMs);
    await this.#s.link?.close();
    await this.#outbox?.close();
    await this.settled();
    this.#saveHeard();
  }

  // ── turns ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Runs work as a turn; what it touched goes to the window at its end, whatever came of it. */
  #turn<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      try {
        return await work();
      } finally {
        this.#view.flush();
        this.#outbox?.wake();
      }
    });
  }

  #at(atMs: number, call: CallDesk, turn: (releasedRealMs: number) => void | Promise<void>): () => void {
    let isCancelled = false;
    const cancel = this.#s.clock.at(atMs, () => {
      const releasedRealMs = this.#s.clock.realMs();
      this.#track(
        this.#turn(async () => {
          if (!isCancelled && !this.#isClosing && (!call.isFinished || call === this.#calls.front)) await turn(releasedRealMs);
        }),
      );
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** A turn nobody waits for. */
  #track(turn: Promise<unknown>): void {
    turn.catch((error: unknown) => this.#fault(error instanceof Error ? error : new Error(String(error))));
  }

  #fault(error: Error): void {
    const causes: string[] = [];
    for (let at: unknown = error; at instanceof Error; at = at.cause) causes.push(at.message);
    this.#listeners.onLog('error', causes.join(': '));
  }

  // ── events ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #take(delivery: Delivery, releasedRealMs: number): Promise<Taken> {
    const call = this.#calls.get(delivery.callId);
    const taken = this.#intake.take(call, delivery);
    switch (taken.result) {
      case 'duplicate':
        return { result: 'duplicate', callId: call.callId, seq: call.state.contiguousSeq };
      case 'refused':
        return this.#refused(taken.reason);
      case 'not-written':
        // Not acknowledged: central sends it again.
        throw this.#notWritten(taken.written);
      case 'new':
        break;
    }
    this.#noteDelay(taken.event);
    await this.#applied(call, delivery.seq, taken.event, releasedRealMs);
    return { result: 'accepted', callId: call.callId, seq: call.state.contiguousSeq };
  }

  async #applied(call: CallDesk, seq: number, event: Delivery['event'], releasedRealMs: number): Promise<void> {
    const { agentId } = call.state;
    // Without a link whoever hands the events over says whose they are.
    call.isReleased = this.#s.link !== null && agentId !== null && agentId !== this.#s.agent.id;
    if (event.type === 'sotto.utterance.final') this.#saidSomething(call, event);
    else this.#touchCall(call);
    if (call.isOver) {
      this.#over(call);
      return;
    }
    this.#chooseFront(call, event.type);
    await this.#decide(call, { kind: 'event', seq, type: event.type }, releasedRealMs);
  }

  #saidSomething(call: CallDesk, event: Extract<Delivery['event'], { type: 'sotto.utterance.final' }>): void {
    const { utteranceId, speaker, startMs, text } = event.data;
    call.partials.delete(speaker);
    if (call.speaking === null || call.speaking.by === speaker) call.fallSilent(this.#s.clock.nowMs());
    if (call === this.#calls.front) this.#view.line(call.callId, { utteranceId, speaker, text, startMs, final: true });
  }

  /** The call ended, or is somebody else's now: nothing of it stays on the screen. */
  #over(call: CallDesk): void {
    this.#loop.withdrawAll(call);
    call.refrain = { reason: 'call-not-active', atMs: this.#s.clock.nowMs() };
    this.#touchCall(call);
    this.#calls.tidy();
    if (this.#calls.yieldFront()) this.#frontChanged();
  }

  #chooseFront(call: CallDesk, type: string): void {
    const { front } = this.#calls;
    const isTaken = type === 'sotto.call.connected' || type === 'sotto.call.resumed' || type === 'sotto.call.accepted';
    if (front === null || front.isOver || isTaken) {
      if (this.#calls.bringToFront(call)) this.#frontChanged();
    }
  }

  async #decide(call: CallDesk, trigger: Trigger, releasedRealMs: number): Promise<void> {
    if (this.#waitsForContext(call, releasedRealMs)) return;
    await this.#loop.decide(call, trigger, releasedRealMs);
  }

  /** What was shown and answered before, by whomever, comes before the first card; for as long as central is there to send it. */
  #waitsForContext(call: CallDesk, releasedRealMs: number): boolean {
    if (this.#s.link === null || this.#linkState !== 'connected' || call.context?.complete) return false;
    const leftMs = call.sinceRealMs + CONTEXT_WITHIN_MS - releasedRealMs;
    if (leftMs <= 0) return false;
    call.cancelRecheck();
    call.cancelRecheck = this.#s.clock.after(leftMs, () => {
      this.#track(this.#turn(() => this.#loop.decide(call, { kind: 'resumed' }, this.#s.clock.realMs())));
    });
    return true;
  }

  #refused(reason: Extract<Taken, { result: 'refused' }>['reason']): Taken {
    this.#refusals.count(reason);
    this.#view.touch('refused');
    return { result: 'refused', reason };
  }

  // ── central ────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #release(raw: unknown): Promise<void> {
    this.#heard();
    const parsed = TO_DESK.release.safeParse(raw);
    if (!parsed.success) return void this.#refused('bad-data');
    const passed = this.#stops.raise(parsed.data.callId);
    await this.#turn(() => {
      passed();
      const call = this.#calls.get(parsed.data.callId);
      call.isReleased = true;
      this.#over(call);
      this.#calls.finish(call);
    });
    // The desk that takes over waits for what was answered here.
    await this.#outbox?.flush(RELEASE_FLUSH_MS);
  }

  async #versions(raw: unknown): Promise<void> {
    this.#heard();
    const parsed = CurrentVersions.safeParse(raw);
    if (!parsed.success) return void this.#refused('bad-data');
    const passed = this.#stops.raise(null);
    await this.#turn(async () => {
      passed();
      const before = this.#keeper.excluded.toSorted().join();
      this.#keeper.follow(parsed.data);
      if (this.#keeper.excluded.toSorted().join() !== before) await this.#decideAll();
    });
  }

  async #answer(raw: unknown): Promise<void> {
    this.#heard();
    const parsed = TO_DESK.answer.safeParse(raw);
    if (!parsed.success) return void this.#refused('bad-data');
    const { callId, outcomeId, result, detail, atMs } = parsed.data;
    await this.#turn(() => {
      const call = this.#calls.recent.find((known) => known.callId === callId);
      if (call === undefined || call.notes.some(({ id }) => id === `request-${outcomeId}`)) return;
      call.notes.push({
        id: `request-${outcomeId}`,
        atMs,
        callTimeS: call.secondsInto(atMs),
        kind: `request.${result}`,
        detail: detail ?? null,
      });
      this.#answers.request(call, outcomeId, result, detail ?? null);
      this.#touchCall(call);
    });
  }

  /** Moves the virtual clock; resolves when all that fell due was done. A desk that follows its own clock ignores it. */
  async #clock(raw: unknown): Promise<void> {
    const { clock } = this.#s;
    const parsed = TO_DESK.clock.safeParse(raw);
    if (!clock.virtual || !parsed.success) return;
    await this.settled();
    await (clock as VirtualClock).advance(parsed.data.nowMs, () => this.settled());
    this.#heard();
    this.#view.clockMoved();
    this.#view.flush();
  }

  #linkChanged(state: LinkState): void {
    if (this.#isClosing) return;
    const was = this.#linkState;
    this.#linkState = state;
    if (state === 'connected') {
      this.#heard();
      this.#resync();
      this.#outbox?.wake(true);
    }
    if (state !== was) this.#view.touch('link');
    this.#view.flush();
  }

  #resync(): void {
    this.#s.link?.resume({ calls: [...this.#s.store.callOffsets()].slice(-200) });
  }

  #settledAtCentral(ids: readonly string[]): void {
    this.#view.touch('outbox');
    for (const call of this.#calls.recent) {
      for (const { view } of call.cards.values()) {
        if (view.outcomeId !== null && view.request === 'waiting' && ids.includes(view.outcomeId)) {
          this.#answers.request(call, view.outcomeId, 'requested', null);
        }
      }
    }
    this.#view.flush();
  }

  #heard(): void {
    this.#heardAtMs = this.#s.clock.nowMs();
    if (this.#heardAtMs - this.#heardSavedAtMs >= HEARD_SAVED_EVERY_MS) this.#saveHeard();
  }

  #saveHeard(): void {
    this.#heardSavedAtMs = this.#heardAtMs;
    if (this.#heardAtMs > 0) this.#s.store.saveSetting('central-heard-at-ms', this.#heardAtMs);
  }

  #noteDelay(event: Delivery['event']): void {
    const delayS = Math.max(0, (this.#s.clock.nowMs() - eventAtMs(event)) / 1_000);
    if (isDelayed(delayS) || isDelayed(this.#delayS)) this.#view.touch('link');
    this.#delayS = delayS;
  }

  // ── changes ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Another revision, model or set of exclusions: what must go goes at once, then every call is decided again. */
  #policyChanged(): void {
    this.#view.touch('session', 'engine');
    this.#track(this.#turn(() => this.#decideAll()));
  }

  async #decideAll(): Promise<void> {
    for (const call of this.#calls.all) this.#loop.withdrawForbidden(call);
    for (const call of this.#calls.all) await this.#decide(call, { kind: 'resumed' }, this.#s.clock.realMs());
  }

  async #setQuiet(call: CallDesk, quiet: boolean, releasedRealMs: number): Promise<void> {
    const written = this.#s.store.setQuiet(call.callId, quiet);
    if (!written.ok) throw this.#notWritten(written);
    call.quiet = quiet;
    this.#touchCall(call);
    await this.#decide(call, { kind: 'timer' }, releasedRealMs);
  }

  async #setLevel(level: ExperienceLevel, releasedRealMs: number): Promise<void> {
    const written = this.#s.store.saveSetting('level', level);
    if (!written.ok) throw this.#notWritten(written);
    this.#level = level;
    this.#view.touch('session', 'call');
    for (const call of this.#calls.all) await this.#decide(call, { kind: 'timer' }, releasedRealMs);
  }

  /** The error to throw where somebody waits for what was not written. */
  #notWritten(written: Exclude<Written, { ok: true }>): Error {
    this.#storeTrouble = written.words;
    this.#view.touch('engine');
    this.#listeners.onLog('error', written.words);
    if (written.reason === 'io' || written.reason === 'corrupt') this.#listeners.onBroken(written.words);
    return new Error(written.words);
  }

  // ── view ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #touchCall(call: CallDesk): void {
    this.#view.touch(call === this.#calls.front ? 'call' : 'otherCalls');
  }

  #cardsChanged(call: CallDesk): void {
    this.#view.touch('outbox', 'engine');
    if (call === this.#calls.front) this.#view.touch('cards', 'call', 'refrain');
  }

  #frontChanged(): void {
    this.#view.touch('call', 'cards', 'refrain', 'otherCalls');
  }

  #parts(): ConstructorParameters<typeof DeskViewKeeper>[0] {
    const { agent, demonstration, store } = this.#s;
    return {
      session: () => ({
        agentId: agent.id,
        agentName: agent.name,
        level: this.#level,
        language: agent.language,
        demonstration,
        policy: this.#keeper.current === null ? null : policyName(this.#keeper.current),
      }),
      link: () => {
        const state = this.#linkState !== 'connected' ? 'offline' : isDelayed(this.#delayS) ? 'delayed' : 'live';
        const lastHeardAtMs = AtMs.safeParse(this.#heardAtMs).success ? this.#heardAtMs : null;
        return { state, delayS: state === 'delayed' ? this.#delayS : 0, lastHeardAtMs };
      },
      engine: () => ({
        state: 'ready',
        trouble: this.#trouble(),
        rung: this.#calls.front?.rung ?? (this.#keeper.current === null ? 'refrain' : this.#ladder.rung),
      }),
      outbox: () => {
        const { unsent, refused } = store.counts();
        return { unsent, refused };
      },
      refused: () => ({ ...this.#refusals.byReason }),
      call: () => {
        const { front } = this.#calls;
        if (front === null) return null;
        return callView(front, this.#keeper.current, this.#profiles.forCall(front.state.customerId, front.callId), this.#level);
      },
      otherCalls: () =>
        this.#calls.all
          .filter((call) => call !== this.#calls.front && !call.isOver)
          .map((call) => ({
            callId: call.callId,
            phase: call.state.phase,
            customerName: this.#profiles.forCall(call.state.customerId, call.callId)?.displayName ?? null,
          })),
      cards: () => cardViews(this.#calls.front),
      refrain: () => this.#calls.front?.refrain ?? null,
    };
  }

  #trouble(): string | null {
    if (this.#storeTrouble !== null) return this.#storeTrouble;
    return this.#keeper.current === null ? 'No policy has been received yet: there can be no suggestions. Connect to central once.' : null;
  }
}
