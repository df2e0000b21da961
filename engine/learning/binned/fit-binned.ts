/**
 * Fits additive log-odds on bins: the log likelihood less a penalty, one term after the other until nothing moves.
 *
 *   penalty of a term   ½ Σ ridge · value² + ½ Σ smooth · (value of a bin − value of its neighbour)²
 *
 * A step is Newton's for one term, which a penalty between neighbours keeps tridiagonal (for pairs: a few sweeps over the grid).
 * Terms that must go one way are made to by pooling neighbours that do not (isotonic regression, Barlow et al. 1972).
 * Every sum runs in row order: the same rows give the same bits.
 */
import { log } from './natural-log.ts';
import { logistic } from '../fit-additive.ts';
import type { BinnedData, Direction } from './binned-data.ts';
import { type BinnedTerm, binsOf, cellOf } from './binned-model.ts';
import type { Pair } from './rank-pairs.ts';

export interface BinnedPenalties {
  /** Responses' worth of doubt between neighbouring bins of a number. */
  readonly smooth: number;
  /** Per bin of a number, and per value of a name. */
  readonly ridge: number;
  readonly nameRidge: number;
  /** Per cell of a pair, and between its neighbours. */
  readonly pairRidge: number;
  readonly pairSmooth: number;
}

export interface BinnedFit {
  readonly intercept: number;
  readonly terms: readonly BinnedTerm[];
}

const MOST_CYCLES = 30;
/** Largest change of any number at which the fit counts as done. */
const REACHED = 1e-3;
const MOST_STEP = 2;
const SWEEPS = 8;

interface Working {
  readonly term: BinnedTerm;
  /** Of each row, the place of its number. */
  readonly cells: Uint16Array;
  readonly ridge: number;
  readonly smooth: number;
  readonly direction: Direction | null;
}

const groupsIn = (groups: Uint16Array): number => 1 + groups.reduce((most, group) => Math.max(most, group), 0);

const working = (data: BinnedData, pairs: readonly Pair[], penalties: BinnedPenalties): Working[] => {
  const mains = data.axes.map(({ axis, direction }, at): Working => {
    const term = {
      axes: [axis] as const,
      groups: [Uint16Array.from({ length: binsOf(axis) }, (_, bin) => bin)],
      columns: 1,
      values: new Float64Array(binsOf(axis)),
    };
    return {
      term,
      cells: data.bins[at] as Uint16Array,
      ridge: axis.isOrdered ? penalties.ridge : penalties.nameRidge,
      smooth: axis.isOrdered ? penalties.smooth : 0,
      direction,
    };
  });
  const crossed = pairs.map(({ first, second, groups }): Working => {
    const [rows, columns] = [groupsIn(groups[0]), groupsIn(groups[1])];
    const a = data.axes[first]?.axis;
    const b = data.axes[second]?.axis;
    if (a === undefined || b === undefined) throw new RangeError(`a pair of axes ${first} and ${second} of ${data.axes.length}`);
    const term: BinnedTerm = { axes: [a, b], groups, columns, values: new Float64Array(rows * columns) };
    const [firstBins, secondBins] = [data.bins[first] as Uint16Array, data.bins[second] as Uint16Array];
    return {
      term,
      cells: Uint16Array.from(firstBins, (bin, row) => cellOf(term, bin, secondBins[row] as number)),
      ridge: penalties.pairRidge,
      smooth: penalties.pairSmooth,
      direction: null,
    };
  });
  return [...mains, ...crossed];
};

/** Newton's values for a chain of bins, the first of which (unknown) stands apart. */
const chained = ({ ridge, smooth }: Working, old: Float64Array, gradient: Float64Array, curvature: Float64Array): Float64Array => {
  const values = new Float64Array(old.length);
  values[0] = ((gradient[0] as number) + (curvature[0] as number) * (old[0] as number)) / ((curvature[0] as number) + ridge);
  const diagonal = new Float64Array(old.length);
  for (let bin = 1; bin < old.length; bin++) {
    const neighbours = (bin > 1 ? 1 : 0) + (bin < old.length - 1 ? 1 : 0);
    diagonal[bin] = (curvature[bin] as number) + ridge + smooth * neighbours;
    values[bin] = (gradient[bin] as number) + (curvature[bin] as number) * (old[bin] as number);
    if (bin === 1) continue;
    const factor = smooth / (diagonal[bin - 1] as number);
    diagonal[bin] = (diagonal[bin] as number) - factor * smooth;
    values[bin] = (values[bin] as number) + factor * (values[bin - 1] as number);
  }
  for (let bin = old.length - 1; bin >= 1; bin--) {
    const after = bin < old.length - 1 ? smooth * (values[bin + 1] as number) : 0;
    values[bin] = ((values[bin] as number) + after) / (diagonal[bin] as number);
  }
  return values;
};

const separate = ({ ridge }: Working, old: Float64Array, gradient: Float64Array, curvature: Float64Array): Float64Array =>
  old.map((value, at) => ((gradient[at] as number) + (curvature[at] as number) * value) / ((curvature[at] as number) + ridge));

/** Gauss–Seidel over the cells of a pair; only along an axis whose bins have an order are neighbours alike. */
const gridded = ({ term, ridge, smooth }: Working, old: Float64Array, gradient: Float64Array, curvature: Float64Array): Float64Array => {
  const values = old.slice();
  const second = term.columns;
  const rows = old.length / second;
  const [down, across] = [term.axes[0].isOrdered, term.axes[1]?.isOrdered === true];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < second; column++) {
        const at = row * second + column;
        let sum = (gradient[at] as number) + (curvature[at] as number) * (old[at] as number);
        let weight = (curvature[at] as number) + ridge;
        const like = (neighbour: number): void => {
          sum += smooth * (values[neighbour] as number);
          weight += smooth;
        };
        // Group 0 of an ordered axis is the unknown, which is like none.
        if (down && row > 1) like(at - second);
        if (down && row > 0 && row < rows - 1) like(at + second);
        if (across && column > 1) like(at - 1);
        if (across && column > 0 && column < second - 1) like(at + 1);
        values[at] = sum / weight;
      }
    }
  }
  return values;
};

/** Bins from the second on, pooled with their neighbours until they go one way; weights as the responses say. */
export const inOneDirection = (values: Float64Array, weights: Float64Array, direction: Direction): void => {
  const pools: { sum: number; weight: number; bins: number }[] = [];
  for (let bin = 1; bin < values.length; bin++) {
    const weight = (weights[bin] as number) + 1e-6;
    pools.push({ sum: weight * (values[bin] as number), weight, bins: 1 });
    for (;;) {
      const last = pools.at(-1);
      const before = pools.at(-2);
      if (last === undefined || before === undefined || (last.sum / last.weight - before.sum / before.weight) * direction >= 0) break;
      pools.splice(-2, 2, { sum: last.sum + before.sum, weight: last.weight + before.weight, bins: last.bins + before.bins });
    }
  }
  let bin = 1;
  for (const { sum, weight, bins } of pools) for (let at = 0; at < bins; at++) values[bin++] = sum / weight;
};

/** `begun`: a fit of the same data without pairs, to go on from. */
export const fitBinned = (data: BinnedData, pairs: readonly Pair[], penalties: BinnedPenalties, begun?: BinnedFit): BinnedFit => {
  const rows = data.outcomes.length;
  const positives = data.outcomes.reduce((sum, outcome) => sum + outcome, 0);
  let intercept = begun?.intercept ?? log(positives / (rows - positives));
  const logOdds = begun === undefined ? new Float64Array(rows).fill(intercept) : logOddsOf(begun, data);
  const terms = working(data, pairs, penalties);
  for (const [at, { values }] of (begun?.terms ?? []).entries()) terms[at]?.term.values.set(values);
  for (let cycle = 0; cycle < MOST_CYCLES; cycle++) {
    let moved = 0;
    for (const one of terms) moved = Math.max(moved, step(one, data.outcomes, logOdds));
    if (moved < REACHED) break;
  }
  // Each term is centred, so that its numbers say more or less than usual and the intercept what is usual.
  for (const { term, cells } of terms) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += term.values[cells[row] as number] as number;
    const mean = sum / rows;
    for (let at = 0; at < term.values.length; at++) term.values[at] = (term.values[at] as number) - mean;
    intercept += mean;
  }
  return { intercept, terms: terms.map(({ term }) => term) };
};

/** Moves one term, and all rows' log-odds with it; returns the largest move of a number that has rows. */
function step(one: Working, outcomes: Uint8Array, logOdds: Float64Array): number {
  const { term, cells, direction } = one;
  const { values } = term;
  const gradient = new Float64Array(values.length);
  const curvature = new Float64Array(values.length);
  for (let row = 0; row < cells.length; row++) {
    const p = logistic(logOdds[row] as number);
    const cell = cells[row] as number;
    gradient[cell] = (gradient[cell] as number) + (outcomes[row] as number) - p;
    curvature[cell] = (curvature[cell] as number) + p * (1 - p);
  }
  const wanted = (term.axes.length === 2 ? gridded : one.smooth > 0 ? chained : separate)(one, values, gradient, curvature);
  for (let at = 0; at < values.length; at++) {
    const old = values[at] as number;
    wanted[at] = Math.min(old + MOST_STEP, Math.max(old - MOST_STEP, wanted[at] as number));
  }
  if (direction !== null) inOneDirection(wanted, curvature, direction);
  let moved = 0;
  const moves = wanted.map((value, at) => value - (values[at] as number));
  for (const [at, move] of moves.entries()) {
    values[at] = wanted[at] as number;
    if ((curvature[at] as number) > 0) moved = Math.max(moved, Math.abs(move));
  }
  for (let row = 0; row < cells.length; row++) logOdds[row] = (logOdds[row] as number) + (moves[cells[row] as number] as number);
  return moved;
}

/** Log-odds of every row. */
export const logOddsOf = (fit: BinnedFit, { axes, bins, outcomes }: BinnedData): Float64Array => {
  const place = new Map(axes.map(({ axis }, at) => [axis, at]));
  const sums = new Float64Array(outcomes.length).fill(fit.intercept);
  for (const term of fit.terms) {
    const [first, second] = term.axes.map((axis) => bins[place.get(axis) ?? -1]);
    if (first === undefined) throw new RangeError('a term of an axis the data does not have');
    for (let row = 0; row < sums.length; row++)
      sums[row] = (sums[row] as number) + (term.values[cellOf(term, first[row] as number, second?.[row] ?? 0)] as number);
  }
  return sums;
};
