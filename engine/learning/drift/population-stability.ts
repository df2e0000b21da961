/**
 * How far a population has moved from the one it was: PSI = Σ (aᵢ − eᵢ) · ln(aᵢ / eᵢ) over bins, a the share now, e the share
 * then. Whose thresholds hold is the council's to say.
 */

/** By custom: from here on to be watched, and to be acted on. */
export const PSI_WATCH = 0.1;
export const PSI_ACT = 0.25;

/** Stands for a smaller share: one of nothing has no logarithm. */
const LEAST_SHARE = 1e-4;

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** `then` and `now`: counts per bin, in one order. 0 where either has none. */
export function populationStability(then: readonly number[], now: readonly number[]): number {
  if (then.length !== now.length) throw new Error(`cannot compare ${then.length} bins with ${now.length}`);
  const [allThen, allNow] = [total(then), total(now)];
  if (allThen === 0 || allNow === 0) return 0;
  let sum = 0;
  for (let bin = 0; bin < then.length; bin++) {
    const expected = Math.max(LEAST_SHARE, (then[bin] ?? 0) / allThen);
    const actual = Math.max(LEAST_SHARE, (now[bin] ?? 0) / allNow);
    sum += (actual - expected) * Math.log(actual / expected);
  }
  return sum;
}

/** Ends between bins that hold the same number of values each; fewer where values repeat. */
export function evenBins(values: Float64Array, bins: number): readonly number[] {
  const sorted = values.toSorted();
  const ends = Array.from({ length: bins - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bins)] ?? 0);
  return [...new Set(ends)].filter((end) => end > (sorted[0] ?? 0));
}

/** How many values lie in each bin; a value at an end belongs to the bin above it. */
export function countsIn(values: Float64Array, ends: readonly number[]): readonly number[] {
  const counts = [0, ...ends.map(() => 0)];
  for (const value of values) {
    let bin = 0;
    while (bin < ends.length && value >= (ends[bin] ?? Infinity)) bin++;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
