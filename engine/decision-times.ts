/**
 * How long each step of a decision takes on this desk, since its engine started. Taken beside the decision and never put into
 * its record, which must replay byte for byte.
 *
 * Kept as counts in buckets an eighth of a doubling wide, from a microsecond to two minutes: a shift of any length takes the
 * same memory, and a percentile is right to 5 %.
 */
import type { DecisionInputs } from '#contract/decision.ts';
import { DECISION_STEPS, type DecisionStep, type TimingView } from '#contract/desk.ts';
import type { Rung } from '#contract/reason-codes.ts';

/** Real times at which the steps of a decision were done. */
export interface DecisionMoments {
  readonly startMs: number;
  readonly filteredMs: number;
  readonly scoredMs: number;
  readonly arbitratedMs: number;
  readonly savedMs: number;
}

/** Decisions whose cards may be on their way to the screen. */
const UNPAINTED = 8;
const PER_DOUBLING = 8;
const BUCKETS = 27 * PER_DOUBLING;

class Durations {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;

  add(ms: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.round(PER_DOUBLING * Math.log2(Math.max(1, ms * 1_000))));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
  }

  /** Nearest rank; null when there are none. */
  percentile(share: number): number | null {
    let left = Math.max(1, Math.ceil(share * this.#count));
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return 2 ** (bucket / PER_DOUBLING) / 1_000;
    }
    return null;
  }
}

export class DecisionTimes {
  readonly #durations = new Map<DecisionStep, Durations>(DECISION_STEPS.map((step) => [step, new Durations()]));
  readonly #rungs: Partial<Record<Rung, number>> = {};
  #decisions = 0;
  #last: { readonly decisionId: string; readonly atMs: number; readonly rung: Rung } | null = null;
  /** Real times at which the latest decisions were saved, until their cards are painted: the next decision does not wait for that. */
  readonly #savedMs = new Map<string, number>();
  readonly #lastMs = new Map<DecisionStep, number>();

  /** A decision was recorded. */
  decided({ decisionId, nowMs }: Pick<DecisionInputs, 'decisionId' | 'nowMs'>, rung: Rung, moments: DecisionMoments): void {
    const { startMs, filteredMs, scoredMs, arbitratedMs, savedMs } = moments;
    this.#decisions += 1;
    this.#rungs[rung] = (this.#rungs[rung] ?? 0) + 1;
    this.#last = { decisionId, atMs: nowMs, rung };
    this.#savedMs.set(decisionId, savedMs);
    for (const oldest of this.#savedMs.keys()) if (this.#savedMs.size > UNPAINTED) this.#savedMs.delete(oldest);
    this.#lastMs.clear();
    this.#add('filter', filteredMs - startMs);
    this.#add('score', scoredMs - filteredMs);
    this.#add('arbitrate', arbitratedMs - scoredMs);
    this.#add('save', savedMs - arbitratedMs);
  }

  /** A card of a decision is on the screen since `atMs` of real time; the first of each decision counts. */
  painted(decisionId: string, atMs: number): void {
    const savedMs = this.#savedMs.get(decisionId);
    if (savedMs === undefined) return;
    this.#savedMs.delete(decisionId);
    this.#add('paint', atMs - savedMs, decisionId === this.#last?.decisionId);
  }

  view(): TimingView {
    return {
      decisions: this.#decisions,
      rungs: { ...this.#rungs },
      last: this.#last === null ? null : { atMs: this.#last.atMs, rung: this.#last.rung },
      steps: DECISION_STEPS.map((step) => ({
        step,
        lastMs: this.#lastMs.get(step) ?? null,
        p50Ms: this.#durations.get(step)?.percentile(0.5) ?? null,
        p99Ms: this.#durations.get(step)?.percentile(0.99) ?? null,
      })),
    };
  }

  /** The window's clock and the engine's may differ by a little: nothing takes less than no time. */
  #add(step: DecisionStep, ms: number, isLast = true): void {
    const taken = Math.max(0, ms);
    if (isLast) this.#lastMs.set(step, taken);
    this.#durations.get(step)?.add(taken);
  }
}
