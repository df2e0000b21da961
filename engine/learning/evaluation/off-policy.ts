/**
 * What another policy would have earned, from choices whose probabilities were logged.
 *
 *   w = π(a|x) / μ(a|x)      IPS = mean(w·r)      SNIPS = Σ w·r / Σ w      DR = mean(q(π) + w·(r − q(a)))
 *
 * Horvitz & Thompson 1952; Swaminathan & Joachims 2015; Dudík, Langford & Li 2011. Intervals: likelihood-interval.ts.
 */
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { type Interval, likelihoodInterval } from './likelihood-interval.ts';

/** Columns of equal length, one row a choice. */
export interface LoggedChoices {
  readonly rewards: Float64Array;
  /** Of the choice under the policy that made it, above 0 to 1. */
  readonly probabilities: Float64Array;
  /** Of the same choice under the policy in question, 0 to 1. */
  readonly targets: Float64Array;
  /** What a model expects of the choice made, and of the policy in question; both or neither. */
  readonly expected: { readonly logged: Float64Array; readonly target: Float64Array } | null;
  /** A number per row, equal for rows that resemble each other, such as those of one call; absent = every row is its own. */
  readonly clusters?: Int32Array | null;
}

export interface Estimate extends Interval {
  readonly estimate: number;
}

export interface OffPolicyEstimates {
  readonly n: number;
  readonly ips: Estimate;
  readonly snips: Estimate;
  /** Null without what a model expects. */
  readonly dr: Estimate | null;
  /** About 1 where the logged probabilities are right and cover what the other policy would do. */
  readonly meanWeight: number;
  /** Its standard error. */
  readonly weightError: number;
  readonly maxWeight: number;
  /** (Σw)² / Σw²: rows that would tell as much without weights. */
  readonly effectiveRows: number;
}

export interface OffPolicySettings {
  /** Of the intervals, such as 0.95. */
  readonly confidence: number;
  /** The largest weight there can be, where it is known to be above the largest that was seen. */
  readonly maxWeight?: number;
}

/** Throws where there are no rows, or where the other policy would have made none of the choices. */
export function offPolicyEstimates(choices: LoggedChoices, { confidence, maxWeight: allowed = 0 }: OffPolicySettings): OffPolicyEstimates {
  const { rewards, probabilities, targets, expected, clusters = null } = choices;
  const n = rewards.length;
  if (n === 0) throw new Error('no choices to estimate from');
  // The quantile of χ²₁.
  const critical = normalQuantile(1 - (1 - confidence) / 2, 0, 1) ** 2;
  const weights = new Float64Array(n);
  let sum = 0;
  let squares = 0;
  let maxWeight = 0;
  for (let i = 0; i < n; i++) {
    const weight = (targets[i] as number) / (probabilities[i] as number);
    weights[i] = weight;
    sum += weight;
    squares += weight * weight;
    maxWeight = Math.max(maxWeight, weight);
  }
  if (sum === 0) throw new Error('the policy in question would have made none of these choices');
  const range = rangeOf(rewards);
  const heaviest = Math.max(allowed, maxWeight);
  const weighted = weights.map((weight, i) => weight * (rewards[i] as number));
  const ones = new Float64Array(n).fill(1);
  return {
    n,
    ips: {
      estimate: sumOf(weighted) / n,
      ...likelihoodInterval(summed(weighted, clusters), summed(ones, clusters), critical, {
        lowest: { a: Math.min(0, heaviest * range.least), b: 1 },
        highest: { a: Math.max(0, heaviest * range.most), b: 1 },
      }),
    },
    snips: {
      estimate: sumOf(weighted) / sum,
      ...likelihoodInterval(summed(weighted, clusters), summed(weights, clusters), critical, {
        lowest: { a: heaviest * range.least, b: heaviest },
        highest: { a: heaviest * range.most, b: heaviest },
      }),
    },
    dr: expected === null ? null : doublyRobust({ rewards, weights, expected, clusters, range, heaviest, critical }),
    meanWeight: sum / n,
    weightError: Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2) / n),
    maxWeight,
    effectiveRows: (sum * sum) / squares,
  };
}

interface Weighted {
  readonly rewards: Float64Array;
  readonly weights: Float64Array;
  readonly expected: NonNullable<LoggedChoices['expected']>;
  readonly clusters: Int32Array | null;
  readonly range: Range;
  readonly heaviest: number;
  readonly critical: number;
}

function doublyRobust({ rewards, weights, expected, clusters, range: { least, most }, heaviest, critical }: Weighted): Estimate {
  const { logged, target } = expected;
  const n = rewards.length;
  let lowest = Infinity;
  let highest = -Infinity;
  const figures = weights.map((weight, i) => {
    const q = logged[i] as number;
    const base = target[i] as number;
    lowest = Math.min(lowest, base + heaviest * Math.min(0, least - q));
    highest = Math.max(highest, base + heaviest * Math.max(0, most - q));
    return base + weight * ((rewards[i] as number) - q);
  });
  const ones = new Float64Array(n).fill(1);
  return {
    estimate: sumOf(figures) / n,
    ...likelihoodInterval(summed(figures, clusters), summed(ones, clusters), critical, {
      lowest: { a: lowest, b: 1 },
      highest: { a: highest, b: 1 },
    }),
  };
}

/** Over the rows of each cluster: a mean over rows is a ratio of two sums over clusters. */
function summed(values: Float64Array, clusters: Int32Array | null): Float64Array {
  if (clusters === null) return values;
  const places = new Map<number, number>();
  for (const cluster of clusters) if (!places.has(cluster)) places.set(cluster, places.size);
  const sums = new Float64Array(places.size);
  for (let i = 0; i < values.length; i++) {
    const place = places.get(clusters[i] as number) as number;
    sums[place] = (sums[place] as number) + (values[i] as number);
  }
  return sums;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/** Yes and no are 0 and 1 even where only one of them was seen; of other rewards nothing is known but what was seen. */
function rangeOf(rewards: Float64Array): Range {
  let least = Infinity;
  let most = -Infinity;
  let isYesOrNo = true;
  for (let i = 0; i < rewards.length; i++) {
    const reward = rewards[i] as number;
    if (reward < least) least = reward;
    if (reward > most) most = reward;
    if (reward !== 0 && reward !== 1) isYesOrNo = false;
  }
  return isYesOrNo ? { least: 0, most: 1 } : { least, most };
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum;
}
