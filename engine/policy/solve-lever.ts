/** The lever with which an action wins a wanted share of decisions. */

/** Weights are whole percent points here: L = points / 100. */
export interface LeverQuestion {
  readonly decisions: number;
  /** Share of the decisions to be won, above 0 and at most 1. */
  readonly target: number;
  /** The largest lever that can be written, in percent points. */
  readonly mostPoints: number;
  /** Whether the action wins a decision (0 … decisions − 1) with a lever. Once won, it is won with every larger lever too. */
  readonly isWon: (decision: number, points: number) => boolean;
}

export type LeverAnswer =
  | { readonly kind: 'found'; readonly points: number; readonly share: number }
  /** No lever reaches the target; `share` is the largest there is, and `points` the least lever that reaches that. */
  | { readonly kind: 'none'; readonly points: number; readonly share: number };

/**
 * Binary search over whole percent points for the least lever that reaches the target. A decision won with some lever is won with
 * every larger one, so each step asks only the decisions that are still open.
 */
export function solveLever({ decisions, target, mostPoints, isWon }: LeverQuestion): LeverAnswer {
  if (decisions === 0) throw new RangeError('there is no decision to be won');
  let open = Array.from({ length: decisions }, (_, decision) => decision).filter((decision) => isWon(decision, mostPoints));
  const reachable = open.length;
  const wanted = Math.min(Math.ceil(target * decisions - 1e-9), reachable);
  /** Won with every lever that is still in question. */
  let won = 0;
  let low = 0;
  let high = mostPoints;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const wonThere = open.filter((decision) => isWon(decision, middle));
    if (won + wonThere.length >= wanted) {
      high = middle;
      open = wonThere;
    } else {
      low = middle + 1;
      won += wonThere.length;
      const kept = new Set(wonThere);
      open = open.filter((decision) => !kept.has(decision));
    }
  }
  const share = (won + open.length) / decisions;
  return { kind: reachable / decisions + 1e-12 >= target ? 'found' : 'none', points: low, share };
}
