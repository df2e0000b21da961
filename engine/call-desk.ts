/** One call as this desk has it in memory: its state, what was shown on it and answered, and what waits for its time. */
import type { CallEventOf, Speaker } from '#contract/call-events.ts';
import type { CallState, SequencedEvent } from '#contract/call-state.ts';
import type { CardView, TimelineEntry, TranscriptLine } from '#contract/desk.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { RefrainReason, Rung } from '#contract/reason-codes.ts';
import type { CallSupervised } from '#contract/supervision.ts';
import {
  type CompiledRevision,
  emptyCall,
  NOTHING_SAID,
  type PromptLedger,
  promptLedger,
  type RedactionState,
  redactUtterance,
  reduceCall,
} from '#core';
import type { StoredCall } from '#ports/store.ts';

/** A card from its display until it is gone from the window. */
export interface Card {
  view: CardView;
  /** Real time at which what released it came in; null after a restart. */
  readonly releasedRealMs: number | null;
  isPainted: boolean;
  isSeen: boolean;
  /** Cancels what it waits for: its expiry, or its leaving the window after an answer. */
  cancelTimer: () => void;
}

export const cardKey = (decisionId: string, actionId: string): string => `${decisionId} ${actionId}`;

const NO_REVISION = { actionIndex: new Map<string, number>(), mandatory: new Uint8Array() };

const nothing = (): void => undefined;

export class CallDesk {
  readonly callId: string;
  state: CallState;
  /** By `cardKey`. */
  readonly cards = new Map<string, Card>();
  /** Withdrawn cards of which nothing is recorded yet. */
  readonly taken: CardView[] = [];
  quiet = false;
  context: { readonly complete: boolean } | null = null;
  lastDecision: { readonly decisionId: string; readonly fingerprint: string } | null = null;
  refrain: { readonly reason: RefrainReason; readonly atMs: number } | null = null;
  rung: Rung | null = null;
  speaking: { readonly by: Speaker; readonly sinceMs: number } | null = null;
  silentSinceMs: number | null = null;
  heldSinceMs: number | null = null;
  /** What exploration draws from until somebody answers: a card must not come and go with every word. */
  explorationSeed: number | null = null;
  redaction: RedactionState = NOTHING_SAID;
  /** What is being said, by whom. */
  readonly partials = new Map<Speaker, TranscriptLine>();
  /** Gaps found and closed, and what the system of record answered. */
  readonly notes: TimelineEntry[] = [];
  /** What supervisors say on it, and who reads along. */
  supervision: Pick<CallSupervised, 'notes' | 'readers'> = { notes: [], readers: [] };
  /** No longer loaded at start; late events are journalled and nothing more. */
  isFinished = false;
  /** Central said that the call is somebody else's now. */
  isReleased = false;
  /** Real time of the first word of this call, from which its context is waited for. */
  readonly sinceRealMs: number;
  cancelRecheck: () => void = nothing;
  cancelSilence: () => void = nothing;
  cancelResync: () => void = nothing;
  resyncs = 0;
  #own: Outcome[] = [];
  #foreign: Outcome[] = [];
  readonly #ids = new Set<string>();
  #ledger: { readonly compiled: CompiledRevision | null; readonly count: number; readonly value: PromptLedger } | null = null;
  readonly #deviceId: string;

  constructor(callId: string, deviceId: string, realMs: number) {
    this.callId = callId;
    this.#deviceId = deviceId;
    this.sinceRealMs = realMs;
    this.state = emptyCall(callId);
  }

  /** What the store kept of it. Open cards come back, and of the answered ones those that wait for another person's decision. */
  restore(stored: StoredCall, compiled: CompiledRevision | null): readonly Card[] {
    for (const event of stored.events) this.state = reduceCall(this.state, event);
    this.addOutcomes(stored.outcomes);
    this.quiet = stored.quiet;
    this.context = stored.context;
    this.lastDecision = stored.lastDecision;
    // Let go while it was somebody else's, it may come back; ended, it may not.
    this.isFinished = stored.finished && this.state.endedAtMs !== null;
    for (const { speaker, text } of this.state.utterances.slice(-12)) {
      this.redaction = redactUtterance(this.redaction, { speaker, text }).state;
    }
    const { open, seen } = this.ledger(compiled);
    for (const view of stored.cards) {
      const prompt = open.get(view.actionId);
      if (prompt?.decisionId !== view.decisionId || (prompt.role !== 'primary' && prompt.role !== 'chip')) continue;
      this.cards.set(cardKey(view.decisionId, view.actionId), {
        view,
        releasedRealMs: null,
        isPainted: true,
        isSeen: seen.has(view.actionId),
        cancelTimer: nothing,
      });
    }
    if (this.state.endedAtMs === null) this.#restoreWaiting(stored.cards);
    return [...this.cards.values()];
  }

  /** Whether it was decided meanwhile central says as soon as it is heard; until then it waits, also without central. */
  #restoreWaiting(views: readonly CardView[]): void {
    const takenBack = new Set(this.#own.flatMap(({ retracts }) => retracts ?? []));
    for (const { id, kind, decisionId, actionId } of this.#own) {
      if (kind !== 'accepted' || takenBack.has(id)) continue;
      const view = views.find((card) => card.significant && card.decisionId === decisionId && card.actionId === actionId);
      if (view === undefined) continue;
      this.cards.set(cardKey(decisionId, actionId), {
        view: { ...view, state: 'accepted', outcomeId: id, undoUntilMs: null, request: 'waiting' },
        releasedRealMs: null,
        isPainted: true,
        isSeen: true,
        cancelTimer: nothing,
      });
    }
  }

  apply(event: SequencedEvent): void {
    this.state = reduceCall(this.state, event);
  }

  /** Other devices' answers came before ours or they would have had the call; ours follow in the order of our clock. */
  get outcomes(): readonly Outcome[] {
    return [...this.#foreign, ...this.#own];
  }

  addOutcomes(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      if (this.#ids.has(outcome.id)) continue;
      this.#ids.add(outcome.id);
      (outcome.deviceId === this.#deviceId ? this.#own : this.#foreign).push(outcome);
    }
    this.#own = this.#own.toSorted((a, b) => a.clock - b.clock);
    this.#foreign = this.#foreign.toSorted((a, b) => (a.deviceId === b.deviceId ? a.clock - b.clock : a.atMs - b.atMs));
  }

  ledger(compiled: CompiledRevision | null): PromptLedger {
    if (this.#ledger?.compiled !== compiled || this.#ledger.count !== this.#ids.size) {
      this.#ledger = { compiled, count: this.#ids.size, value: promptLedger(compiled ?? NO_REVISION, this.outcomes, this.#deviceId) };
    }
    return this.#ledger.value;
  }

  get openCards(): readonly Card[] {
    return [...this.cards.values()].filter(({ view }) => view.state === 'open');
  }

  /** Speech in progress: only shown, and it keeps prompts waiting. */
  hear(event: CallEventOf<'sotto.utterance.partial'>, text: string, atMs: number): TranscriptLine {
    const { utteranceId, speaker, startMs } = event.data;
    const line: TranscriptLine = { utteranceId, speaker, text, startMs, final: false };
    this.partials.set(speaker, line);
    if (this.speaking?.by !== speaker) this.speaking = { by: speaker, sinceMs: atMs };
    return line;
  }

  /** Nobody is heard any more since `atMs`. */
  fallSilent(atMs: number): void {
    this.speaking = null;
    this.silentSinceMs = atMs;
    this.cancelSilence();
  }

  secondsInto(atMs: number): number {
    const startMs = this.state.connectedAtMs ?? this.state.offeredAtMs ?? atMs;
    return Math.max(0, (atMs - startMs) / 1_000);
  }

  get isOver(): boolean {
    return this.state.endedAtMs !== null || this.isFinished || this.isReleased;
  }

  /** Nothing of it waits for its time any more. */
  stop(): void {
    this.cancelRecheck();
    this.cancelSilence();
    this.cancelResync();
    for (const card of this.cards.values()) card.cancelTimer();
  }
}
