/**
 * How many decisions an experiment needs.
 *
 *   N = (z_a + z_b)² · [p₁(1 − p₁)/c + p₂(1 − p₂)/(1 − c)] / (p₂ − p₁)²      in total, c = share of control
 *
 * The variance of a difference of two independent rates, solved for N (Fleiss, Statistical Methods for Rates and Proportions,
 * 3.2, with unequal groups).
 */
import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';

export interface ExperimentDesign {
  /** Rates under control and under treatment, 0 to 1 and not equal. */
  readonly controlRate: number;
  readonly treatmentRate: number;
  /** Above 0 and below 1. */
  readonly controlShare: number;
  /** Of finding nothing where nothing is, two-sided: 0.95. */
  readonly confidence: number;
  /** Of finding the difference where it is: 0.8. */
  readonly power: number;
  /** Variance over that of independent decisions, 1 or more: decisions of one agent resemble each other. */
  readonly designEffect: number;
}

export interface SampleSize {
  /** Decisions in total, to the nearest one. */
  readonly total: number;
  readonly control: number;
  readonly treatment: number;
}

export function sampleSize(design: ExperimentDesign): SampleSize {
  const { controlShare, confidence, power, designEffect } = design;
  const z = normalQuantile(1 - (1 - confidence) / 2, 0, 1) + normalQuantile(power, 0, 1);
  const difference = design.treatmentRate - design.controlRate;
  const total = Math.round((designEffect * z * z * varianceOfOne(design)) / (difference * difference));
  const control = Math.round(total * controlShare);
  return { total, control, treatment: total - control };
}

/** Probability that `total` decisions show the difference, the wrong direction not counted. */
export function powerOf(design: Omit<ExperimentDesign, 'power'>, total: number): number {
  const error = Math.sqrt((design.designEffect * varianceOfOne(design)) / total);
  const z = Math.abs(design.treatmentRate - design.controlRate) / error - normalQuantile(1 - (1 - design.confidence) / 2, 0, 1);
  return normalCdf(z, 0, 1);
}

/** The smallest rate under treatment above that of control which `total` decisions would find; null where none below 1 is. */
export function detectableRate(design: Omit<ExperimentDesign, 'treatmentRate'>, total: number): number | null {
  const enough = (treatmentRate: number): boolean => powerOf({ ...design, treatmentRate }, total) >= design.power;
  let low = design.controlRate;
  let high = 1;
  if (!enough(high)) return null;
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** 1 + (m − 1)·ρ for clusters of m decisions whose outcomes correlate by ρ (Kish 1965). */
export const designEffectOf = (clusterSize: number, correlation: number): number => 1 + (clusterSize - 1) * correlation;

/** Of the difference between the rates, times the decisions there are. */
function varianceOfOne({
  controlRate,
  treatmentRate,
  controlShare,
}: Pick<ExperimentDesign, 'controlRate' | 'treatmentRate' | 'controlShare'>): number {
  return (controlRate * (1 - controlRate)) / controlShare + (treatmentRate * (1 - treatmentRate)) / (1 - controlShare);
}
