/** Whether the arms have as many units as they were meant to have; where not, something lost or moved units, and no result holds. */
import chiSquareCdf from '@stdlib/stats-base-dists-chisquare-cdf';

/** Below this the alarm is given. */
export const SAMPLE_RATIO_ALARM = 0.001;

export interface SampleRatio {
  readonly chiSquare: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  readonly alarm: boolean;
}

/** `shares`: of each arm as it was meant, above 0, of any sum. */
export function sampleRatio(counts: readonly number[], shares: readonly number[]): SampleRatio {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const meant = shares.reduce((sum, share) => sum + share, 0);
  let chiSquare = 0;
  for (const [i, share] of shares.entries()) {
    const expected = (total * share) / meant;
    chiSquare += ((counts[i] ?? 0) - expected) ** 2 / expected;
  }
  const degreesOfFreedom = shares.length - 1;
  const pValue = 1 - chiSquareCdf(chiSquare, degreesOfFreedom);
  return { chiSquare, degreesOfFreedom, pValue, alarm: pValue < SAMPLE_RATIO_ALARM };
}
