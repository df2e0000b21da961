/** Responses as bins: which axes the features give, and the bin of every row on each. */
import type { FeatureDefinition } from '#contract/model.ts';
import { featureWidth } from '#core';
import type { Responses } from '../fit-additive.ts';
import { type BinnedAxis, binOf, binsOf } from './binned-model.ts';

/** Most bins of a number, equally full; values that occur often have one of their own. */
const MOST_BINS = 256;

/** Which way a feature's number must go as the feature grows: 1 up, −1 down. */
export type Direction = 1 | -1;

export interface AxisOf {
  readonly axis: BinnedAxis;
  /** Field it comes from; null = the action. */
  readonly field: string | null;
  readonly direction: Direction | null;
}

export interface BinnedData {
  readonly axes: readonly AxisOf[];
  /** Per axis, the bin of each row. */
  readonly bins: readonly Uint16Array[];
  readonly outcomes: Uint8Array;
}

/** Between neighbours where there are few different values, else where as many rows lie on either side. */
const thresholdsOf = ({ features, width, outcomes }: Responses, column: number, unknownColumn: number): Float32Array => {
  const known: number[] = [];
  for (let row = 0; row < outcomes.length; row++)
    if ((features[row * width + unknownColumn] as number) < 0.5) known.push(features[row * width + column] as number);
  const sorted = Float32Array.from(known).toSorted();
  const different = [...new Set(sorted)];
  // Halfway between neighbours, and below the upper one also where 32 bits have no number between them.
  const between = (at: number): number => {
    const middle = Math.fround(((different[at] as number) + (different[at + 1] as number)) / 2);
    return middle < (different[at + 1] as number) ? middle : (different[at] as number);
  };
  if (different.length <= MOST_BINS) return Float32Array.from({ length: Math.max(0, different.length - 1) }, (_, at) => between(at));
  const place = new Map(different.map((value, at) => [value, at]));
  const thresholds = new Set<number>();
  for (let part = 1; part < MOST_BINS; part++) {
    const value = sorted[Math.floor((part * sorted.length) / MOST_BINS)] as number;
    const at = place.get(value) ?? 0;
    if (at > 0) thresholds.add(between(at - 1));
  }
  return Float32Array.from(thresholds).toSorted();
};

const steps = (from: number, count: number): Float32Array => Float32Array.from({ length: Math.max(0, count) }, (_, at) => from + at + 0.5);

/** `monotone`: fields that must go one way. Only numbers and flags can. */
export const axesOf = (
  features: readonly FeatureDefinition[],
  data: Responses,
  monotone: ReadonlyMap<string, Direction> = new Map(),
): readonly AxisOf[] => {
  const axes: AxisOf[] = [];
  let from = 0;
  for (const feature of features) {
    const to = from + featureWidth([feature]);
    const { field } = feature;
    const direction = monotone.get(field) ?? null;
    const unknownColumn = to - 1;
    const one = (column: number, unknown: number | null, thresholds: Float32Array, isOrdered: boolean): void => {
      axes.push({ field, direction, axis: { column, unknownColumn: unknown, thresholds, isOrdered } });
    };
    switch (feature.kind) {
      case 'number':
        one(from, unknownColumn, thresholdsOf(data, from, unknownColumn), true);
        break;
      case 'flag':
        one(from, unknownColumn, steps(0, 1), true);
        break;
      case 'coded':
        one(from, unknownColumn, Float32Array.from(codeSteps(feature.codes.map(({ code }) => code))), false);
        break;
      case 'one-hot':
      case 'contains':
        for (let column = from; column < unknownColumn; column++) one(column, null, steps(0, 1), false);
        one(unknownColumn, null, steps(0, 1), false);
        break;
    }
    from = to;
  }
  if (data.actionCount > 1)
    axes.push({
      field: null,
      direction: null,
      axis: { column: data.width, unknownColumn: null, thresholds: steps(0, data.actionCount - 1), isOrdered: false },
    });
  return axes;
};

const codeSteps = (codes: readonly number[]): number[] => {
  const rising = [...new Set([0, ...codes])].toSorted((a, b) => a - b);
  return rising.slice(1).map((code, at) => Math.fround((code + (rising[at] as number)) / 2));
};

export const binData = (axes: readonly AxisOf[], { features, width, actions, outcomes }: Responses): BinnedData => ({
  axes,
  outcomes,
  bins: axes.map(({ axis }) => {
    if (binsOf(axis) > 65_535) throw new RangeError('an axis has more bins than 16 bits can number');
    return Uint16Array.from({ length: outcomes.length }, (_, row) => binOf(axis, features, row * width, width, actions[row] as number));
  }),
});

export const binnedRows = ({ axes, bins, outcomes }: BinnedData, rows: Uint32Array): BinnedData => ({
  axes,
  outcomes: Uint8Array.from(rows, (row) => outcomes[row] as number),
  bins: bins.map((of) => Uint16Array.from(rows, (row) => of[row] as number)),
});
