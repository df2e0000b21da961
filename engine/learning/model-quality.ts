/** How good probabilities are against what happened. `outcomes` holds 0 or 1. */

export interface ModelQuality {
  /** P(score of a positive > score of a negative), ties half (Mann–Whitney). Below 0.5 stays below 0.5. NaN where a class is empty. */
  readonly auc: number;
  /** Mean −log likelihood in nats; probabilities are kept 1e-15 away from 0 and 1. */
  readonly logLoss: number;
  /** Mean squared error of the probability. */
  readonly brier: number;
  /** Expected calibration error over ten bins holding the same number of rows: Σ nᵦ/n · |mean predicted − mean outcome|. */
  readonly ece: number;
}

/** As figures are written on a card. */
export const sixDecimals = (x: number): number => Math.round(x * 1e6) / 1e6;

const BINS = 10;

/** Indices by rising score; equal scores keep their order, so the result is the same everywhere. */
const byScore = (scores: ArrayLike<number>): Uint32Array =>
  Uint32Array.from({ length: scores.length }, (_, at) => at).toSorted((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);

const aucOf = (scores: ArrayLike<number>, outcomes: ArrayLike<number>, order: Uint32Array): number => {
  let positives = 0;
  let rankSum = 0;
  for (let at = 0; at < order.length; ) {
    let end = at;
    while (end < order.length && scores[order[end] as number] === scores[order[at] as number]) end++;
    const middleRank = (at + 1 + end) / 2;
    for (; at < end; at++) {
      if (outcomes[order[at] as number] !== 1) continue;
      positives += 1;
      rankSum += middleRank;
    }
  }
  const negatives = order.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
};

/** Throws where the two lists differ in length or are empty. */
export const measureQuality = (scores: ArrayLike<number>, outcomes: ArrayLike<number>): ModelQuality => {
  const n = scores.length;
  if (n === 0 || outcomes.length !== n) throw new Error(`cannot measure ${n} scores against ${outcomes.length} outcomes`);
  const order = byScore(scores);
  let logLoss = 0;
  let brier = 0;
  for (let at = 0; at < n; at++) {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, scores[at] as number));
    logLoss -= Math.log(outcomes[at] === 1 ? p : 1 - p);
    brier += (p - (outcomes[at] as number)) ** 2;
  }
  let ece = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const from = Math.floor((bin * n) / BINS);
    const to = Math.floor(((bin + 1) * n) / BINS);
    let predicted = 0;
    let happened = 0;
    for (let at = from; at < to; at++) {
      predicted += scores[order[at] as number] as number;
      happened += outcomes[order[at] as number] as number;
    }
    ece += Math.abs(predicted - happened) / n;
  }
  return { auc: aucOf(scores, outcomes, order), logLoss: logLoss / n, brier: brier / n, ece };
};
