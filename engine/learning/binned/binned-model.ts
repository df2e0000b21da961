/**
 * Additive log-odds on binned features: an intercept, one number per bin of each feature, and one per cell of some pairs.
 *
 *   axis    column x with thresholds t₁ < t₂ < …, and maybe a flag u: bin 0 where u says unknown, else 1 + the thresholds below x
 *   term    one axis or two; bins may share a group, and each group (or cell of two groups) has one number
 *
 * The numbers lie on a grid of 2⁻¹⁶: 32-bit sums of them are exact in any order, so every runtime comes to the same log-odds.
 */
import { logistic } from '../fit-additive.ts';

export interface BinnedAxis {
  /** Column of the feature vector; the vector's width stands for the action's number. */
  readonly column: number;
  /** Column of the flag that is 1 when unknown; null = there is none. */
  readonly unknownColumn: number | null;
  /** Rising. */
  readonly thresholds: Float32Array;
  /** Whether neighbouring bins are alike: numbers are, names are not. */
  readonly isOrdered: boolean;
}

export interface BinnedTerm {
  readonly axes: readonly [BinnedAxis] | readonly [BinnedAxis, BinnedAxis];
  /** Per axis: the group of each bin. */
  readonly groups: readonly Uint16Array[];
  /** Groups of the second axis; 1 where there is none. */
  readonly columns: number;
  /** One number per group; of two axes row-major, the first axis' groups as rows. */
  readonly values: Float64Array;
}

export interface BinnedModel {
  /** Width of the feature vector. */
  readonly width: number;
  readonly intercept: number;
  readonly terms: readonly BinnedTerm[];
}

const GRID = 2 ** 16;
export const onGrid = (value: number): number => Math.round(value * GRID) / GRID;

export const binsOf = ({ thresholds }: Pick<BinnedAxis, 'thresholds'>): number => thresholds.length + 2;

/** The bin of a row; `action` stands in the column behind the vector's last. */
export const binOf = (
  { column, unknownColumn, thresholds }: BinnedAxis,
  vector: ArrayLike<number>,
  from: number,
  width: number,
  action: number,
): number => {
  if (unknownColumn !== null && (vector[from + unknownColumn] as number) >= 0.5) return 0;
  const x = column === width ? action : (vector[from + column] as number);
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x > (thresholds[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low + 1;
};

/** Where a term's number for these bins stands. */
export const cellOf = ({ axes, groups, columns }: BinnedTerm, first: number, second: number): number => {
  const row = (groups[0] as Uint16Array)[first] as number;
  return axes.length === 1 ? row : row * columns + ((groups[1] as Uint16Array)[second] as number);
};

export const binnedLogOdds = (model: BinnedModel, vector: ArrayLike<number>, action: number): number => {
  let sum = model.intercept;
  for (const term of model.terms) {
    const [first, second] = term.axes;
    const at = binOf(first, vector, 0, model.width, action);
    sum += term.values[cellOf(term, at, second === undefined ? 0 : binOf(second, vector, 0, model.width, action))] as number;
  }
  return sum;
};

/** Propensity by our own evaluation: what the file must agree with. */
export const binnedPropensity = (model: BinnedModel, vector: ArrayLike<number>, action: number): number =>
  logistic(binnedLogOdds(model, vector, action));
