/**
 * The two rewards of a prompt, kept apart: what the agent answered, and what the customer did. The first comes within the call, the
 * second days later or never.
 */
import type { RewardKind } from '#contract/learning.ts';
import type { Outcome } from '#contract/outcome.ts';

export interface Reward {
  /** `<decisionId>/<actionId>/<kind>`: a reward that turns out otherwise keeps it. */
  readonly id: string;
  readonly kind: RewardKind;
  /** The decision that brought the prompt, whose record has what was known then and the probability of its being shown. */
  readonly decisionId: string;
  readonly actionId: string;
  readonly callId: string;
  /** Null where nobody was ever known on the call. */
  readonly customerId: string | null;
  readonly agentId: string;
  readonly shownAtMs: number;
  /** When it was settled: by an outcome, or by the end of the window in which there was none. */
  readonly occurredAtMs: number;
  readonly isPositive: boolean;
  /** The outcome that settled it; null = silence until the end of the window. */
  readonly by: string | null;
}

export interface RewardSettings {
  /** How long after the agent took an action up what the customer does still counts for it. */
  readonly windowMs: number;
}

/** A pair of decision and action, with everything said of it that was not taken back. */
export interface Prompt {
  readonly decisionId: string;
  readonly actionId: string;
  /** In order of (atMs, clock, id). */
  readonly outcomes: readonly Outcome[];
}

/** Comes to the same for any order in which outcomes arrive. */
export const inOrder = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.toSorted((a, b) => a.atMs - b.atMs || a.clock - b.clock || (a.id < b.id ? -1 : 1));
