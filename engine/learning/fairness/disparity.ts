/**
 * How far apart groups are. Differences are the largest less the smallest, ratios the smallest over the largest (FEATURES: demographic
 * parity, equalised odds as the worse of TPR and FPR); the same figures as fairlearn's. No figure has a pass mark of its own.
 */
import type { GroupRates } from './cell-counts.ts';

export interface Disparity {
  readonly parityDifference: number | null;
  readonly parityRatio: number | null;
  readonly tprDifference: number | null;
  readonly fprDifference: number | null;
  /** The larger of the two differences. */
  readonly equalisedOddsDifference: number | null;
  /** The smaller of the two ratios. */
  readonly equalisedOddsRatio: number | null;
}

export const DISPARITIES = [
  'parityDifference',
  'parityRatio',
  'tprDifference',
  'fprDifference',
  'equalisedOddsDifference',
  'equalisedOddsRatio',
] as const satisfies readonly (keyof Disparity)[];

/** Null where fewer than two groups have the rate. */
export function disparityOf(groups: readonly GroupRates[]): Disparity {
  const selection = apart(groups.map(({ selectionRate }) => selectionRate));
  const tpr = apart(groups.map((group) => group.tpr));
  const fpr = apart(groups.map((group) => group.fpr));
  return {
    parityDifference: selection?.difference ?? null,
    parityRatio: selection?.ratio ?? null,
    tprDifference: tpr?.difference ?? null,
    fprDifference: fpr?.difference ?? null,
    equalisedOddsDifference: tpr === null || fpr === null ? null : Math.max(tpr.difference, fpr.difference),
    equalisedOddsRatio: tpr === null || fpr === null ? null : Math.min(tpr.ratio, fpr.ratio),
  };
}

/** Where all rates are 0 they are equal: the ratio is 1. */
function apart(rates: readonly (number | null)[]): { readonly difference: number; readonly ratio: number } | null {
  const known = rates.filter((rate) => rate !== null);
  if (known.length < 2) return null;
  const least = Math.min(...known);
  const most = Math.max(...known);
  return { difference: most - least, ratio: most === 0 ? 1 : least / most };
}
