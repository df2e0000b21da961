/** Figures over cases, each with its interval. */
import { type Interval, wilsonInterval } from '#learning';

export interface Measured extends Interval {
  readonly estimate: number;
}

export const CONFIDENCE = 0.95;

/** Share of those that are so, with Wilson's interval; null below the least number of cases. */
export const rateOf = (answers: readonly boolean[], least: number): Measured | null =>
  shareOf(answers.filter(Boolean).length, answers.length, least);

export const shareOf = (yes: number, cases: number, least: number): Measured | null =>
  cases < least ? null : { estimate: yes / cases, ...wilsonInterval(yes, cases, CONFIDENCE) };

/** With the order statistics that hold it in 95 of 100 (normal approximation of the binomial). */
export function median(values: readonly number[]): Measured {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const half = (1.96 * Math.sqrt(n)) / 2;
  const at = (place: number): number => sorted[Math.min(n - 1, Math.max(0, place))] ?? 0;
  return {
    estimate: (at(Math.floor((n - 1) / 2)) + at(Math.ceil((n - 1) / 2))) / 2,
    low: at(Math.floor(n / 2 - half)),
    high: at(Math.ceil(n / 2 + half)),
  };
}
