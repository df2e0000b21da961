/**
 * Decides, records, shows.
 *
 *   inputs ─► filter ─► score ─► arbitrate ─► same as the last? ─► repeat entry
 *                                                  │ no
 *                                                  └─► record + cards + outcomes (one transaction) ─► window
 *
 * Invariants: every method runs inside a turn, so what was checked still holds when it is written. Nothing is shown that
 * was not recorded first. Nothing is shown on a call that is over or somebody else's.
 */
import type { Decision, DecisionInputs, Trigger } from '#contract/decision.ts';
import type { DecisionLine } from '#contract/engine-port.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { ExperienceLevel } from '#contract/policy.ts';
import { FORBIDDING_STAGES, REASONS } from '#contract/reason-codes.ts';
import { type Candidates, canonicalJson, type CompiledRevision } from '#core';
import type { Clock } from '#ports/clock.ts';
import type { Randomness } from '#ports/randomness.ts';
import type { Canonical, Store, Written } from '#ports/store.ts';
import { type Card, type CallDesk, cardKey } from './call-desk.ts';
import { cardView, policyName } from './card-view.ts';
import type { ConstraintUses } from './constraint-uses.ts';
import { decisionLine } from './decision-line.ts';
import type { DecisionTimes } from './decision-times.ts';
import type { Intents } from './intents.ts';
import type { Ladder } from './ladder.ts';
import type { LogicalClock } from './logical-clock.ts';
import type { OutcomeMaker } from './outcome-maker.ts';
import type { ProfileCache } from './profile-cache.ts';
import type { RevisionKeeper } from './revision-keeper.ts';

/** A card stays at least this long unless a must, a withdrawal or the end of the call takes its place. */
const MIN_ON_SCREEN_MS = 4_000;

const SPEAKING = REASONS.findIndex(({ code }) => code === 'someone-speaking');

export interface DecisionLoopOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly deviceId: string;
  readonly agentId: string;
  readonly language: string;
  readonly keeper: RevisionKeeper;
  readonly ladder: Ladder;
  readonly intents: Intents;
  readonly profiles: ProfileCache;
  readonly uses: ConstraintUses;
  readonly logicalClock: LogicalClock;
  readonly outcomes: OutcomeMaker;
  readonly times: DecisionTimes;
  readonly level: () => ExperienceLevel;
  readonly centralHeardAtMs: () => number;
  /** Takes a turn for a call when a moment has come; dropped when it is cancelled before. */
  readonly at: (atMs: number, call: CallDesk, turn: (releasedRealMs: number) => void | Promise<void>) => () => void;
  /** A stop for this call (withdrawal, exclusion, end) came in behind the turn that is running. */
  readonly stopsAhead: (call: CallDesk) => boolean;
  readonly onDecision: (line: DecisionLine) => void;
  readonly onCards: (call: CallDesk) => void;
  readonly onNotWritten: (written: Exclude<Written, { ok: true }>) => void;
}

export class DecisionLoop {
  readonly #o: DecisionLoopOptions;

  constructor(options: DecisionLoopOptions) {
    this.#o = options;
  }

  /** Decides for a call because of `trigger`, which came in at `releasedRealMs`. Where that fails, nothing of the call stays on the screen. */
  async decide(call: CallDesk, trigger: Trigger, releasedRealMs: number): Promise<void> {
    try {
      await this.#decide(call, trigger, releasedRealMs);
    } catch (error) {
      throw this.failClosed([call], error);
    }
  }

  async #decide(call: CallDesk, trigger: Trigger, releasedRealMs: number): Promise<void> {
    const { decider } = this.#o.keeper;
    if (decider === null || call.isOver || call.state.events.length === 0) return;
    const { compiled } = decider;
    call.cancelRecheck();
    if (!this.#recordTaken(call)) return;
    const { random, logicalClock, clock, times, intents } = this.#o;
    if (intents.isBehind(call)) {
      await intents.read(call, (laterRealMs) => this.decide(call, { kind: 'timer' }, laterRealMs));
      this.#o.onCards(call);
    }
    const startMs = clock.realMs();
    const inputs = this.#inputs(call, trigger, {
      decisionId: random.uuid(),
      clock: logicalClock.next(),
      seed: this.#seed(call, trigger, compiled),
    });
    const candidates = decider.filter(inputs, this.#o.ladder.modelFor(compiled, inputs));
    const filteredMs = clock.realMs();
    const scores = await this.#o.ladder.score(compiled, candidates);
    const scoredMs = clock.realMs();
    // What came in while the model ran is next in line and decides again, on what is true then.
    if (this.#o.stopsAhead(call)) return;
    const decision = decider.arbitrate(inputs, candidates, scores);
    const arbitratedMs = clock.realMs();
    if (this.#tooSoon(call, compiled, decision)) return;
    const isKept = this.#isRepeat(call, decision)
      ? this.#keepRepeat(call, inputs)
      : this.#keep(call, compiled, inputs, candidates, decision, releasedRealMs);
    if (!isKept) return;
    const savedMs = clock.realMs();
    times.decided(inputs, decision.rung, { startMs, filteredMs, scoredMs, arbitratedMs, savedMs });
    call.rung = decision.rung;
    call.refrain = decision.result.kind === 'refrain' ? { reason: decision.result.reason, atMs: inputs.nowMs } : null;
    if (!decision.codes.includes(SPEAKING)) call.heldSinceMs = null;
    else call.heldSinceMs ??= inputs.nowMs;
    this.#recheck(call, decision.recheckAtMs);
    this.#o.onCards(call);
    this.#o.onDecision(decisionLine(compiled, call, decision, inputs, savedMs - startMs));
  }

  #seed(call: CallDesk, trigger: Trigger, { revision }: CompiledRevision): number {
    const { random } = this.#o;
    if (revision.exploration === undefined) return random.seed();
    if (trigger.kind === 'answer') call.explorationSeed = null;
    call.explorationSeed ??= random.seed();
    return call.explorationSeed;
  }

  /** What a question is given: everything as it is now, and nothing drawn or counted for it. */
  aside(call: CallDesk): DecisionInputs {
    return this.#inputs(call, { kind: 'request' }, { decisionId: 'question', clock: 0, seed: 0 });
  }

  /** Everything a decision is given, as it is now. */
  #inputs(call: CallDesk, trigger: Trigger, drawn: Pick<DecisionInputs, 'decisionId' | 'clock' | 'seed'>): DecisionInputs {
    const o = this.#o;
    return {
      ...drawn,
      deviceId: o.deviceId,
      agentId: o.agentId,
      level: o.level(),
      trigger,
      nowMs: o.clock.nowMs(),
      channel: 'voice',
      language: call.state.language ?? o.language,
      call: call.state,
      profile: o.profiles.forCall(call.state.customerId, call.callId),
      outcomes: call.outcomes,
      centralHeardAtMs: o.centralHeardAtMs(),
      excluded: o.keeper.excluded,
      usage: o.uses.known(),
      quiet: call.quiet,
      speaking: call.speaking,
      silentSinceMs: call.silentSinceMs,
      heldSinceMs: call.heldSinceMs,
    };
  }

  /** Whether an action may still be acted on for this customer: asked again when the agent accepts it. */
  isPermitted(call: CallDesk, actionId: string): boolean {
    const { aside } = this.#o.keeper;
    const action = aside?.compiled.actionIndex.get(actionId);
    if (aside === null || action === undefined) return false;
    const { codes } = aside.filter(this.aside(call));
    const reason = REASONS[codes[action] ?? -1];
    if (reason !== undefined && FORBIDDING_STAGES.has(reason.stage)) return false;
    // Something softer may have stopped it first: what ran out cannot be had by choosing it.
    return this.#o.uses.isLeft(aside.compiled, action);
  }

  /** Something failed that may have had to take cards away: none of these calls stays on the screen. Returns what to throw. */
  failClosed(calls: readonly CallDesk[], error: unknown): unknown {
    const errors = [error];
    for (const call of calls) {
      try {
        this.withdrawAll(call);
      } catch (second) {
        errors.push(second);
      }
    }
    return errors.length === 1
      ? error
      : new AggregateError(errors, 'the cards are off the screen, but that could not be recorded', { cause: error });
  }

  /** Takes every open card of a call off the screen. */
  withdrawAll(call: CallDesk): void {
    call.cancelRecheck();
    call.heldSinceMs = null;
    this.#takeDown(call, call.openCards);
    this.#recordTaken(call);
  }

  /** Exclusions or the revision changed: what must not be shown any more goes before anything else is decided. */
  withdrawForbidden(call: CallDesk): void {
    const compiled = this.#o.keeper.current;
    const gone = call.openCards.filter(
      ({ view }) => this.#o.keeper.excluded.includes(view.actionId) || compiled === null || !compiled.actionIndex.has(view.actionId),
    );
    this.#takeDown(call, gone);
    this.#recordTaken(call);
  }

  /** Waits for the end of a card's time. */
  armExpiry(call: CallDesk, card: Card): void {
    card.cancelTimer();
    card.cancelTimer = this.#o.at(card.view.expiresAtMs, call, async (releasedRealMs) => {
      if (card.view.state !== 'open') return;
      const outcome = this.#o.outcomes.make('expired', call, card.view, this.#o.clock.nowMs(), { seen: card.isSeen });
      if (!this.write(call, [outcome])) return;
      this.#remove(call, card, 'expired');
      this.#o.onCards(call);
      await this.decide(call, { kind: 'timer' }, releasedRealMs);
    });
  }

  /** Durably, then in memory. False when it could not be written; the words have gone to the window. */
  write(call: CallDesk, outcomes: readonly Canonical<Outcome>[]): boolean {
    const written = this.#o.store.recordOutcomes(outcomes);
    if (!written.ok) {
      this.#o.onNotWritten(written);
      return false;
    }
    call.addOutcomes(outcomes.map(({ value }) => value));
    this.#o.uses.note(outcomes, call.outcomes);
    this.#o.ladder.adaptive.answered();
    return true;
  }

  #isRepeat(call: CallDesk, { fingerprint, result }: Decision): boolean {
    if (call.lastDecision?.fingerprint !== fingerprint) return false;
    const open = call.openCards;
    // The same prompts again after they expired are new cards, and new cards need a record of their own.
    const prompts = result.kind === 'show' ? result.prompts : [];
    return (
      open.length === prompts.length &&
      prompts.every((prompt) => open.some(({ view }) => view.actionId === prompt.actionId && view.role === prompt.role))
    );
  }

  #keepRepeat(call: CallDesk, { decisionId, clock, nowMs, trigger }: DecisionInputs): boolean {
    const value = {
      v: 1 as const,
      id: decisionId,
      of: call.lastDecision?.decisionId ?? decisionId,
      callId: call.callId,
      clock,
      atMs: nowMs,
      trigger: trigger.kind === 'event' ? trigger.type.slice(0, 64) : trigger.kind,
    };
    const written = this.#o.store.recordRepeat({ value, json: canonicalJson(value) });
    if (!written.ok) this.#o.onNotWritten(written);
    return written.ok;
  }

  #keep(
    call: CallDesk,
    compiled: CompiledRevision,
    { decisionId, clock, nowMs }: DecisionInputs,
    candidates: Candidates,
    decision: Decision,
    releasedRealMs: number,
  ): boolean {
    const { result, fingerprint } = decision;
    const prompts = result.kind === 'show' ? result.prompts : [];
    const outcomes: Canonical<Outcome>[] = [];
    const leaving: { readonly card: Card; readonly as: 'superseded' | 'withdrawn' }[] = [];
    for (const card of call.openCards) {
      const prompt = prompts.find(({ actionId }) => actionId === card.view.actionId);
      const isAsItWas = saysTheSame(call, card.view, compiled);
      if (prompt !== undefined && isAsItWas && prompt.treatmentId === card.view.treatmentId) continue;
      const as = isAsItWas && stageOf(compiled, decision, card.view.actionId) === 'arbitrated' ? 'superseded' : 'withdrawn';
      leaving.push({ card, as });
      outcomes.push(this.#o.outcomes.make(as, call, card.view, nowMs));
    }
    const arriving: Card[] = [];
    const moving: { readonly card: Card; readonly role: 'primary' | 'chip' }[] = [];
    for (const prompt of prompts) {
      const open = call.openCards.find(
        ({ view }) => view.actionId === prompt.actionId && view.treatmentId === prompt.treatmentId && saysTheSame(call, view, compiled),
      );
      if (open === undefined) {
        const view = cardView(compiled, candidates, decisionId, decision.rung, prompt, nowMs, call.secondsInto(nowMs));
        arriving.push({ view, releasedRealMs, isPainted: false, isSeen: false, cancelTimer: () => undefined });
        outcomes.push(this.#o.outcomes.make('offered', call, view, nowMs));
      } else if (open.view.role !== prompt.role) {
        moving.push({ card: open, role: prompt.role });
        // A chip that becomes the card counts as one from here on.
        if (prompt.role === 'primary') outcomes.push(this.#o.outcomes.make('offered', call, { ...open.view, role: 'primary' }, nowMs));
      }
    }
    const written = this.#o.store.recordDecision({
      id: decisionId,
      callId: call.callId,
      clock,
      recordJson: decision.recordJson,
      fingerprint,
      cards: arriving.map(({ view }) => view),
      outcomes,
    });
    if (!written.ok) {
      // No record, no new card; what may no longer be shown goes all the same.
      this.#takeDown(
        call,
        leaving.filter(({ as }) => as === 'withdrawn').map(({ card }) => card),
      );
      this.#o.onNotWritten(written);
      return false;
    }
    call.lastDecision = { decisionId, fingerprint };
    call.addOutcomes(outcomes.map(({ value }) => value));
    for (const { card } of leaving) this.#remove(call, card, 'withdrawn');
    for (const { card, role } of moving) card.view = { ...card.view, role };
    for (const card of arriving) {
      call.cards.set(cardKey(card.view.decisionId, card.view.actionId), card);
      this.armExpiry(call, card);
    }
    return true;
  }

  /** A mere better offer waits until the card on screen has had its time; what follows from rules does not. */
  #tooSoon(call: CallDesk, compiled: CompiledRevision, decision: Decision): boolean {
    if (decision.result.kind !== 'show') return false;
    const [primary] = decision.result.prompts;
    if (primary === undefined || compiled.revision.actions[compiled.actionIndex.get(primary.actionId) ?? -1]?.urgency === 'must')
      return false;
    const shown = call.openCards.filter(({ view }) => view.role === 'primary' && view.actionId !== primary.actionId);
    const young = shown.filter(({ view }) => stageOf(compiled, decision, view.actionId) === 'arbitrated');
    const untilMs = Math.max(...young.map(({ view }) => view.shownAtMs + MIN_ON_SCREEN_MS));
    if (!(untilMs > this.#o.clock.nowMs())) return false;
    this.#recheck(call, Math.min(untilMs, decision.recheckAtMs ?? untilMs));
    return true;
  }

  #recheck(call: CallDesk, atMs: number | null): void {
    call.cancelRecheck();
    if (atMs === null) return;
    call.cancelRecheck = this.#o.at(atMs, call, (releasedRealMs) => this.decide(call, { kind: 'timer' }, releasedRealMs));
  }

  /** Off the screen first, and even if it cannot be written: a card that must not be shown is worse than a missing line. */
  #takeDown(call: CallDesk, cards: readonly Card[]): void {
    for (const card of cards) {
      this.#remove(call, card, 'withdrawn');
      call.taken.push(card.view);
    }
    if (cards.length > 0) this.#o.onCards(call);
  }

  /** What was taken down is recorded as withdrawn, before anything else is decided. False when it could not be written. */
  #recordTaken(call: CallDesk): boolean {
    if (call.taken.length === 0) return true;
    const nowMs = this.#o.clock.nowMs();
    const isWritten = this.write(
      call,
      call.taken.map((view) => this.#o.outcomes.make('withdrawn', call, view, nowMs)),
    );
    if (isWritten) call.taken.length = 0;
    return isWritten;
  }

  #remove(call: CallDesk, card: Card, state: 'expired' | 'withdrawn'): void {
    card.cancelTimer();
    card.view = { ...card.view, state };
    call.cards.delete(cardKey(card.view.decisionId, card.view.actionId));
  }
}

/** What was said of another customer, or under another revision, does not stay: the same action is then another card. */
function saysTheSame(call: CallDesk, view: Card['view'], compiled: CompiledRevision): boolean {
  const offered = call.outcomes.find(
    ({ kind, decisionId, actionId }) => kind === 'offered' && decisionId === view.decisionId && actionId === view.actionId,
  );
  const toWhom = offered?.customerId ?? null;
  return (toWhom === null || toWhom === call.state.customerId) && view.policy === policyName(compiled);
}

function stageOf(compiled: CompiledRevision, { codes }: Decision, actionId: string): string {
  return REASONS[codes[compiled.actionIndex.get(actionId) ?? -1] ?? -1]?.stage ?? 'available';
}
