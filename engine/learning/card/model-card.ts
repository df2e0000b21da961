/**
 * What a council must see of a model before it decides about it, on rows the model was not trained on.
 *
 *   lift of a group      its rate / the rate of all
 *   z-ratio of a group   (share of the positives − share of the negatives) / √(p(1 − p)/positives + n(1 − n)/negatives)
 *   PSI                  drift/population-stability.ts
 *
 * The AUC is never folded: a model that ranks the wrong way round shows less than 0.5.
 */
import { aucInterval } from '../auc-interval.ts';
import { columnGroups } from '../column-groups.ts';
import { populationStability } from '../drift/population-stability.ts';
import { measureQuality } from '../model-quality.ts';
import type { Interval } from '../evaluation/likelihood-interval.ts';
import { CONFIDENCE, halfWidth, rateOf } from './intervals.ts';

export interface CardRow {
  readonly propensity: number;
  readonly isPositive: boolean;
  readonly action: string;
  /** Cells of the features, and of the columns that segments are made by, in the order of their names. */
  readonly features: readonly string[];
  readonly segments: readonly string[];
}

/** The rows the model was trained on, as the model sees them now. */
export type TrainingRow = Pick<CardRow, 'propensity' | 'features'>;

/** Owned by the council. */
export interface CardThresholds {
  readonly leastAuc: number;
  /** A higher one is suspected of a leak. */
  readonly mostAuc: number;
  readonly leastPositives: number;
}

export interface CardGroup {
  readonly name: string;
  readonly rows: number;
  readonly positives: number;
  readonly lift: number | null;
  readonly zRatio: number | null;
}

export interface CardSegment {
  readonly column: string;
  readonly value: string;
  readonly rows: number;
  readonly positives: number;
  /** Null where the segment is too small to be told. */
  readonly rate: number | null;
  readonly rateInterval: Interval | null;
  readonly meanPropensity: number | null;
  readonly auc: number | null;
  readonly aucInterval: Interval | null;
}

export interface ModelCard {
  readonly rows: number;
  readonly positives: number;
  readonly auc: number;
  readonly aucInterval: Interval;
  readonly logLoss: number;
  readonly brier: number;
  readonly ece: number;
  /** Tenths of the rows by propensity, from the lowest. */
  readonly calibration: readonly {
    readonly rows: number;
    readonly meanPropensity: number;
    readonly rate: number;
    readonly rateInterval: Interval;
  }[];
  /** The rows with the highest propensities, tenth by tenth. */
  readonly lift: readonly { readonly share: number; readonly ofPositives: number; readonly lift: number }[];
  /** Null where no training rows were given. */
  readonly psi: { readonly propensity: number; readonly features: readonly { readonly field: string; readonly psi: number }[] } | null;
  readonly predictors: readonly { readonly field: string; readonly groups: readonly CardGroup[] }[];
  readonly actions: readonly CardSegment[];
  readonly segments: readonly CardSegment[];
  /** Why the council's thresholds refuse it; empty = they do not. */
  readonly refusals: readonly string[];
}

const PARTS = 10;
/** Segments with fewer rows are counted and not described: the figure would be chance, and might be a person's. */
const SMALL = 30;

const counted = (rows: readonly CardRow[]): number => rows.reduce((sum, { isPositive }) => sum + (isPositive ? 1 : 0), 0);
const mean = (rows: readonly Pick<CardRow, 'propensity'>[]): number =>
  rows.reduce((sum, { propensity }) => sum + propensity, 0) / rows.length;
const qualityOf = (rows: readonly CardRow[]) =>
  measureQuality(
    rows.map(({ propensity }) => propensity),
    rows.map(({ isPositive }) => (isPositive ? 1 : 0)),
  );

const aucOf = (rows: readonly CardRow[]): { readonly auc: number; readonly aucInterval: Interval } | null => {
  const positives = counted(rows);
  if (positives === 0 || positives === rows.length) return null;
  const { auc } = qualityOf(rows);
  return { auc, aucInterval: aucInterval(auc, positives, rows.length - positives, CONFIDENCE) };
};

/** Population stability index of cells now against then. */
export const stabilityIndex = (now: readonly string[], then: readonly string[]): number => {
  const groups = columnGroups(then, PARTS);
  const counts = (cells: readonly string[]): readonly number[] => {
    const rows = groups.names.map(() => 0);
    for (const cell of cells) rows[groups.groupOf(cell)] = (rows[groups.groupOf(cell)] ?? 0) + 1;
    return rows;
  };
  return populationStability(counts(then), counts(now));
};

/** Groups of one column with lift and z-ratio. */
export const cardGroups = (cells: readonly string[], outcomes: readonly boolean[]): readonly CardGroup[] => {
  const groups = columnGroups(cells, PARTS);
  const rows = new Float64Array(groups.names.length);
  const positives = new Float64Array(groups.names.length);
  for (const [row, cell] of cells.entries()) {
    const group = groups.groupOf(cell);
    rows[group] = (rows[group] as number) + 1;
    if (outcomes[row] === true) positives[group] = (positives[group] as number) + 1;
  }
  const allPositives = positives.reduce((sum, count) => sum + count, 0);
  const allNegatives = cells.length - allPositives;
  return groups.names.flatMap((name, group): CardGroup[] => {
    const [own, good] = [rows[group] as number, positives[group] as number];
    if (own === 0) return [];
    const p = good / allPositives;
    const n = (own - good) / allNegatives;
    const deviation = Math.sqrt((p * (1 - p)) / allPositives + (n * (1 - n)) / allNegatives);
    return [
      {
        name,
        rows: own,
        positives: good,
        lift: allPositives === 0 ? null : good / own / (allPositives / cells.length),
        zRatio: deviation > 0 ? (p - n) / deviation : null,
      },
    ];
  });
};

const segmentOf = (column: string, value: string, rows: readonly CardRow[]): CardSegment => {
  const isTold = rows.length >= SMALL;
  return {
    column,
    value,
    rows: rows.length,
    positives: counted(rows),
    ...((isTold ? rateOf(counted(rows), rows.length) : null) ?? { rate: null, rateInterval: null }),
    meanPropensity: isTold ? mean(rows) : null,
    ...((isTold ? aucOf(rows) : null) ?? { auc: null, aucInterval: null }),
  };
};

const segmentsBy = (column: string, rows: readonly CardRow[], cellOf: (row: CardRow) => string): readonly CardSegment[] => {
  const groups = columnGroups(rows.map(cellOf), PARTS);
  const members = groups.names.map((): CardRow[] => []);
  for (const row of rows) members[groups.groupOf(cellOf(row))]?.push(row);
  return groups.names.flatMap((name, at) => ((members[at]?.length ?? 0) === 0 ? [] : [segmentOf(column, name, members[at] ?? [])]));
};

/** Throws a RangeError where there are no rows of one class: there is nothing to tell apart. */
export const modelCard = (
  rows: readonly CardRow[],
  fields: readonly string[],
  segmentColumns: readonly string[],
  training: readonly TrainingRow[] | null,
  { leastAuc, mostAuc, leastPositives }: CardThresholds,
): ModelCard => {
  const ranked = aucOf(rows);
  if (ranked === null) throw new RangeError('a card needs rows of both kinds');
  const { auc } = ranked;
  const { logLoss, brier, ece } = qualityOf(rows);
  const positives = counted(rows);
  const rising = rows.toSorted((a, b) => a.propensity - b.propensity);
  const tenth = (at: number): readonly CardRow[] =>
    rising.slice(Math.floor((at * rows.length) / PARTS), Math.floor(((at + 1) * rows.length) / PARTS));
  const outcomes = rows.map(({ isPositive }) => isPositive);
  const refusals: string[] = [];
  if (auc < leastAuc)
    refusals.push(`its AUC is ${auc.toFixed(4)}, and the council asks for ${leastAuc}${auc < 0.5 ? '; it ranks the wrong way round' : ''}`);
  if (auc > mostAuc) refusals.push(`its AUC is ${auc.toFixed(4)}, above ${mostAuc}: it is suspected of knowing the outcome`);
  if (positives < leastPositives) refusals.push(`it was measured on ${positives} positives, and the council asks for ${leastPositives}`);
  return {
    rows: rows.length,
    positives,
    ...ranked,
    logLoss,
    brier,
    ece,
    calibration: Array.from({ length: PARTS }, (_, at) => tenth(at)).flatMap((part) => {
      const rate = rateOf(counted(part), part.length);
      return rate === null ? [] : [{ rows: part.length, meanPropensity: mean(part), ...rate }];
    }),
    lift: Array.from({ length: PARTS }, (_, at) => {
      const best = rising.slice(Math.floor(((PARTS - 1 - at) * rows.length) / PARTS));
      const ofPositives = counted(best) / positives;
      return {
        share: (at + 1) / PARTS,
        ofPositives,
        lift: best.length === 0 ? 0 : counted(best) / best.length / (positives / rows.length),
      };
    }),
    psi:
      training === null || training.length === 0
        ? null
        : {
            propensity: stabilityIndex(
              rows.map(({ propensity }) => String(propensity)),
              training.map(({ propensity }) => String(propensity)),
            ),
            features: fields.map((field, at) => ({
              field,
              psi: stabilityIndex(
                rows.map(({ features }) => features[at] ?? ''),
                training.map(({ features }) => features[at] ?? ''),
              ),
            })),
          },
    predictors: fields.map((field, at) => ({
      field,
      groups: cardGroups(
        rows.map(({ features }) => features[at] ?? ''),
        outcomes,
      ),
    })),
    actions: segmentsBy('action', rows, ({ action }) => action),
    segments: segmentColumns.flatMap((column, at) => segmentsBy(column, rows, ({ segments }) => segments[at] ?? '')),
    refusals,
  };
};

/** A challenger and the champion on the same rows. */
export interface Challenge {
  readonly auc: number;
  readonly logLoss: number;
  /** Of the champion. */
  readonly championAuc: number;
  readonly championLogLoss: number;
  /** How much less a row costs with the challenger, with its 95 % interval over the rows. */
  readonly logLossGain: number;
  readonly logLossGainInterval: Interval;
  /** Only where the interval excludes zero. */
  readonly verdict: 'better' | 'worse' | 'undecided';
}

const lossOf = (propensity: number, isPositive: boolean): number =>
  -Math.log(Math.min(1, Math.max(1e-15, isPositive ? propensity : 1 - propensity)));

/** The rows are those of `rows`; `champion` says the champion's propensity of each. */
export const challengeOf = (rows: readonly CardRow[], champion: readonly number[]): Challenge => {
  if (rows.length !== champion.length) throw new RangeError(`${rows.length} rows and ${champion.length} propensities of the champion`);
  const gains = rows.map(({ propensity, isPositive }, at) => lossOf(champion[at] as number, isPositive) - lossOf(propensity, isPositive));
  const gain = gains.reduce((sum, one) => sum + one, 0) / gains.length;
  const variance = gains.reduce((sum, one) => sum + (one - gain) ** 2, 0) / Math.max(1, gains.length - 1);
  const half = halfWidth(variance, gains.length);
  const own = qualityOf(rows);
  const other = qualityOf(rows.map((row, at) => ({ ...row, propensity: champion[at] as number })));
  return {
    auc: own.auc,
    logLoss: own.logLoss,
    championAuc: other.auc,
    championLogLoss: other.logLoss,
    logLossGain: gain,
    logLossGainInterval: { low: gain - half, high: gain + half },
    verdict: gain - half > 0 ? 'better' : gain + half < 0 ? 'worse' : 'undecided',
  };
};
