/** Golden signals of a model in use: does it still tell who says yes, and is what it says still what happens? */
import { aucInterval } from '../auc-interval.ts';
import type { Interval } from '../evaluation/likelihood-interval.ts';
import { wilsonInterval } from '../experiments/wilson.ts';
import { measureQuality } from '../model-quality.ts';

export interface ModelSignals {
  readonly n: number;
  readonly positives: number;
  /** Never folded: below 0.5 the model is upside down. Null where one class is empty. */
  readonly auc: (Interval & { readonly estimate: number }) | null;
  readonly logLoss: number;
  readonly ece: number;
  readonly meanPredicted: number;
  /** Share of yes, with Wilson's interval. */
  readonly rate: Interval & { readonly estimate: number };
}

export const MODEL_ALERTS = ['no-lift', 'upside-down', 'predicts-too-much', 'predicts-too-little'] as const;
export type ModelAlert = (typeof MODEL_ALERTS)[number];

/** `outcomes`: 0 or 1. Throws without rows. */
export function modelSignals(scores: Float64Array, outcomes: Float64Array, confidence: number): ModelSignals {
  const n = scores.length;
  const positives = outcomes.reduce((sum, outcome) => sum + outcome, 0);
  const { auc, logLoss, ece } = measureQuality(scores, outcomes);
  return {
    n,
    positives,
    auc: positives === 0 || positives === n ? null : { estimate: auc, ...aucInterval(auc, positives, n - positives, confidence) },
    logLoss,
    ece,
    meanPredicted: scores.reduce((sum, score) => sum + score, 0) / n,
    rate: { estimate: positives / n, ...wilsonInterval(positives, n, confidence) },
  };
}

/** What cannot be chance. */
export function modelAlerts({ auc, meanPredicted, rate }: ModelSignals): readonly ModelAlert[] {
  const alerts: ModelAlert[] = [];
  if (auc !== null && auc.high < 0.5) alerts.push('upside-down');
  else if (auc !== null && auc.low <= 0.5) alerts.push('no-lift');
  if (meanPredicted > rate.high) alerts.push('predicts-too-much');
  if (meanPredicted < rate.low) alerts.push('predicts-too-little');
  return alerts;
}
