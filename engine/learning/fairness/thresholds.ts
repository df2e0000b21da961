/** What the council says is too far apart. There is no threshold without one: what is fair is not a number that ships with a program. */
import type { Interval } from '../evaluation/likelihood-interval.ts';
import { DISPARITIES } from './disparity.ts';
import type { PartitionReport } from './fairness-report.ts';

export interface FairnessThresholds {
  /** Largest differences. */
  readonly parityDifference?: number | undefined;
  readonly tprDifference?: number | undefined;
  readonly fprDifference?: number | undefined;
  readonly equalisedOddsDifference?: number | undefined;
  /** Smallest ratios. */
  readonly parityRatio?: number | undefined;
  readonly equalisedOddsRatio?: number | undefined;
  /** A group's selection rate over that of the rest: from and to. */
  readonly rateRatio?: readonly [number, number] | undefined;
  /** Largest Gini of a number, whichever way. */
  readonly gini?: number | undefined;
}

export interface FairnessWarning {
  readonly by: readonly string[];
  /** The group it is about; null = all of them, or a number. */
  readonly group: Readonly<Record<string, string>> | null;
  readonly figure: string;
  readonly value: number;
  /** The threshold passed. */
  readonly threshold: number;
  /** Not even the interval's near end is within the threshold. Null where there is no interval. */
  readonly certain: boolean | null;
}

export function warningsOf(report: PartitionReport, thresholds: FairnessThresholds): readonly FairnessWarning[] {
  const { by } = report;
  const apart = DISPARITIES.flatMap((figure): readonly FairnessWarning[] => {
    const threshold = thresholds[figure];
    const value = report.disparity[figure];
    if (threshold === undefined || value === null) return [];
    const isRatio = figure === 'parityRatio' || figure === 'equalisedOddsRatio';
    if (isRatio ? value >= threshold : value <= threshold) return [];
    return [{ by, group: null, figure, value, threshold, certain: isBeyond(report.intervals[figure], threshold, isRatio) }];
  });
  const [least, most] = thresholds.rateRatio ?? [0, Infinity];
  const ratios = report.groups.flatMap((group): readonly FairnessWarning[] => {
    if (group.suppressed || group.rateRatio === null) return [];
    const { rateRatio: value } = group;
    if (value >= least && value <= most) return [];
    return [{ by, group: group.group, figure: 'rateRatio', value, threshold: value < least ? least : most, certain: null }];
  });
  return [...apart, ...ratios];
}

export function giniWarning(column: string, gini: number | null, { gini: threshold }: FairnessThresholds): readonly FairnessWarning[] {
  if (gini === null || threshold === undefined || Math.abs(gini) <= threshold) return [];
  return [{ by: [column], group: null, figure: 'gini', value: gini, threshold, certain: null }];
}

function isBeyond(interval: Interval | null, threshold: number, isRatio: boolean): boolean | null {
  if (interval === null) return null;
  return isRatio ? interval.high < threshold : interval.low > threshold;
}
