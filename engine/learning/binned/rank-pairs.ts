/**
 * Which pairs of features say more together than apart: what a cell's own number would gain on what the single terms left over,
 * less what it would gain by chance (one per free number; after FAST, Lou et al. 2013).
 */
import { logistic } from '../fit-additive.ts';
import type { BinnedData } from './binned-data.ts';
import { binsOf } from './binned-model.ts';

/** Groups an axis has within a pair. */
const GROUPS = 8;

export interface Pair {
  /** Numbers of the two axes. */
  readonly first: number;
  readonly second: number;
  readonly groups: readonly [Uint16Array, Uint16Array];
  readonly gain: number;
}

/** Bins of numbers in groups of as many rows, the unknown apart; of names the most frequent keep one each. */
const grouped = (bins: Uint16Array, count: number, isOrdered: boolean): Uint16Array => {
  const rows = new Float64Array(count);
  for (const bin of bins) rows[bin] = (rows[bin] as number) + 1;
  const groups = new Uint16Array(count);
  if (!isOrdered) {
    const frequent = [...rows.keys()].toSorted((a, b) => (rows[b] as number) - (rows[a] as number) || a - b).slice(0, GROUPS - 1);
    for (const [group, bin] of frequent.toSorted((a, b) => a - b).entries()) groups[bin] = group + 1;
    return groups;
  }
  const each = (bins.length - (rows[0] as number)) / (GROUPS - 1);
  let group = 1;
  let before = 0;
  for (let bin = 1; bin < count; bin++) {
    if (before >= each * group && group < GROUPS - 1) group += 1;
    groups[bin] = group;
    before += rows[bin] as number;
  }
  return groups;
};

/** All pairs that gain anything, best first. A feature that must go one way is in none: a pair could turn it round. */
export const rankPairs = (data: BinnedData, logOdds: Float64Array, ridge: number): readonly Pair[] => {
  const groups = data.axes.map(({ axis }, at) => grouped(data.bins[at] as Uint16Array, binsOf(axis), axis.isOrdered));
  const residual = new Float64Array(logOdds.length);
  const weight = new Float64Array(logOdds.length);
  for (let row = 0; row < logOdds.length; row++) {
    const p = logistic(logOdds[row] as number);
    residual[row] = (data.outcomes[row] as number) - p;
    weight[row] = p * (1 - p);
  }
  const rowGroups = groups.map((of, at) => Uint8Array.from(data.bins[at] as Uint16Array, (bin) => of[bin] as number));
  const pairs: Pair[] = [];
  for (let first = 0; first < data.axes.length; first++) {
    for (let second = first + 1; second < data.axes.length; second++) {
      const [a, b] = [data.axes[first], data.axes[second]];
      if (a === undefined || b === undefined || a.direction !== null || b.direction !== null || (a.field === b.field && a.field !== null))
        continue;
      const gradient = new Float64Array(GROUPS * GROUPS);
      const curvature = new Float64Array(GROUPS * GROUPS);
      const [firstGroups, secondGroups] = [rowGroups[first] as Uint8Array, rowGroups[second] as Uint8Array];
      for (let row = 0; row < residual.length; row++) {
        const cell = (firstGroups[row] as number) * GROUPS + (secondGroups[row] as number);
        gradient[cell] = (gradient[cell] as number) + (residual[row] as number);
        curvature[cell] = (curvature[cell] as number) + (weight[row] as number);
      }
      let gain = 0;
      for (let cell = 0; cell < gradient.length; cell++) {
        const doubted = (curvature[cell] as number) + ridge;
        gain += (gradient[cell] as number) ** 2 / doubted - (curvature[cell] as number) / doubted;
      }
      if (gain > 0) pairs.push({ first, second, groups: [groups[first] as Uint16Array, groups[second] as Uint16Array], gain });
    }
  }
  return pairs.toSorted((a, b) => b.gain - a.gain || a.first - b.first || a.second - b.second);
};
