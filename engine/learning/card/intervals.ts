/** 95 % intervals of the figures a model card shows. */
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type { Interval } from '../evaluation/likelihood-interval.ts';
import { wilsonInterval } from '../experiments/wilson.ts';

export const CONFIDENCE = 0.95;

/** A rate; null where there are no rows. */
export const rateOf = (positives: number, rows: number): { readonly rate: number; readonly rateInterval: Interval } | null =>
  rows === 0 ? null : { rate: positives / rows, rateInterval: wilsonInterval(positives, rows, CONFIDENCE) };

/** Half the width of the interval of a mean. */
export const halfWidth = (variance: number, rows: number): number =>
  normalQuantile(1 - (1 - CONFIDENCE) / 2, 0, 1) * Math.sqrt(variance / rows);
