/** The interval of a rate (Wilson 1927): of sensible width at 0 and 1 too, where the plain one has none. */
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type { Interval } from '../evaluation/likelihood-interval.ts';

/** `n` above 0; `confidence` such as 0.95. */
export function wilsonInterval(positives: number, n: number, confidence: number): Interval {
  const z = normalQuantile(1 - (1 - confidence) / 2, 0, 1);
  const rate = positives / n;
  const middle = (rate + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n));
  return { low: positives === 0 ? 0 : Math.max(0, middle - half), high: positives === n ? 1 : Math.min(1, middle + half) };
}

export interface Rate extends Interval {
  readonly rate: number;
}

/** The interval of a difference of two rates from their Wilson intervals (Newcombe 1998, method 10). */
export function newcombeInterval(treatment: Rate, control: Rate): Interval {
  const difference = treatment.rate - control.rate;
  return {
    low: difference - Math.hypot(treatment.rate - treatment.low, control.high - control.rate),
    high: difference + Math.hypot(treatment.high - treatment.rate, control.rate - control.low),
  };
}
