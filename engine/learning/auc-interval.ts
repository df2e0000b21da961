import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type { Interval } from './evaluation/likelihood-interval.ts';

/** Of an AUC over rows of both kinds, with its standard error by Hanley & McNeil (1982); `confidence` such as 0.95. */
export const aucInterval = (auc: number, positives: number, negatives: number, confidence: number): Interval => {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const variance = (auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)) / (positives * negatives);
  const half = normalQuantile(1 - (1 - confidence) / 2, 0, 1) * Math.sqrt(Math.max(0, variance));
  return { low: Math.max(0, auc - half), high: Math.min(1, auc + half) };
};
