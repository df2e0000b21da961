/** 95 % intervals of the figures a model card shows. */
import type { Interval } from '../evaluation/likelihood-interval.ts';
import { wilsonInterval } from '../experiments/wilson.ts';

const CONFIDENCE = 0.95;
/** Normal quantile of (1 + CONFIDENCE) / 2. */
const Z = 1.959963984540054;

/** A rate; null where there are no rows. */
export const rateOf = (positives: number, rows: number): { readonly rate: number; readonly rateInterval: Interval } | null =>
  rows === 0 ? null : { rate: positives / rows, rateInterval: wilsonInterval(positives, rows, CONFIDENCE) };

/** Of an AUC, with its standard error by Hanley & McNeil (1982). */
export const aucInterval = (auc: number, positives: number, negatives: number): Interval => {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const variance = (auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)) / (positives * negatives);
  const half = Z * Math.sqrt(Math.max(0, variance));
  return { low: Math.max(0, auc - half), high: Math.min(1, auc + half) };
};

/** Half the width of the interval of a mean. */
export const halfWidth = (variance: number, rows: number): number => Z * Math.sqrt(variance / rows);
