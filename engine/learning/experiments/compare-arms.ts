/**
 * An arm against control.
 *
 *   difference = m_t − m_c      SE² = SE_t² + SE_c²
 *   lift = m_t / m_c − 1        SE(lift) = √(SE_t² + (m_t/m_c)²·SE_c²) / |m_c|      (delta method)
 */
import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { Interval } from '../evaluation/likelihood-interval.ts';
import type { ArmMean } from './arm-mean.ts';
import { sequenceHalfWidth, type SequenceSettings } from './confidence-sequence.ts';

export interface Compared {
  readonly difference: Estimated;
  /** Null where control's mean is 0: nothing is so many percent more than nothing. */
  readonly lift: Estimated | null;
  /** Two-sided, of no difference. */
  readonly pValue: number;
  /** Of the difference; may be looked at at any time. */
  readonly sequence: Interval;
}

export interface Estimated extends Interval {
  readonly estimate: number;
  readonly standardError: number;
}

/** With clusters their number sets Student's degrees of freedom (Welch & Satterthwaite); rows by themselves are taken to be many. */
export function compareArms(treatment: ArmMean, control: ArmMean, isClustered: boolean, settings: SequenceSettings): Compared {
  const { confidence } = settings;
  const error = Math.hypot(treatment.standardError, control.standardError);
  const estimate = treatment.mean - control.mean;
  const degrees = isClustered ? degreesOfFreedom(treatment, control) : Infinity;
  const upTo = 1 - (1 - confidence) / 2;
  const times = Number.isFinite(degrees) ? tQuantile(upTo, degrees) : normalQuantile(upTo, 0, 1);
  const estimated = (value: number, standardError: number): Estimated => ({
    estimate: value,
    standardError,
    low: value - times * standardError,
    high: value + times * standardError,
  });
  const ratio = treatment.mean / control.mean;
  const half = sequenceHalfWidth(error, treatment.units + control.units, settings);
  return {
    difference: estimated(estimate, error),
    lift:
      control.mean === 0
        ? null
        : estimated(ratio - 1, Math.hypot(treatment.standardError, ratio * control.standardError) / Math.abs(control.mean)),
    pValue: twoSided(estimate, error, degrees),
    sequence: { low: estimate - half, high: estimate + half },
  };
}

export const excludesZero = ({ low, high }: Interval): boolean => low > 0 || high < 0;

function twoSided(estimate: number, error: number, degrees: number): number {
  if (error === 0) return estimate === 0 ? 1 : 0;
  const statistic = -Math.abs(estimate / error);
  return Math.min(1, 2 * (Number.isFinite(degrees) ? tCdf(statistic, degrees) : normalCdf(statistic, 0, 1)));
}

function degreesOfFreedom(treatment: ArmMean, control: ArmMean): number {
  const t = treatment.standardError ** 2;
  const c = control.standardError ** 2;
  if (!Number.isFinite(t + c)) return 1;
  return t + c === 0 ? Infinity : (t + c) ** 2 / (t ** 2 / (treatment.units - 1) + c ** 2 / (control.units - 1));
}
