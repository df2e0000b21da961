/**
 * How smooth, and with which pairs: chosen by the log loss of rows that were not fitted, every one of them once. More freedom is
 * taken only where it gains more than its own standard error there.
 */
import { logistic } from '../fit-additive.ts';
import { seededRandom } from '../seeded-random.ts';
import { type BinnedData, binnedRows } from './binned-data.ts';
import { type BinnedModel, type BinnedTerm, onGrid } from './binned-model.ts';
import { type BinnedFit, type BinnedPenalties, fitBinned, logOddsOf } from './fit-binned.ts';
import { isBetter, lossesOf } from './losses.ts';
import { type Pair, rankPairs } from './rank-pairs.ts';

export interface BinnedChoice {
  readonly penalties: BinnedPenalties;
  readonly pairs: number;
}

const PAIRS = { pairRidge: 50, pairSmooth: 20 };
/** From the stiffest on: of equal ones the first is taken. */
const PENALTIES: readonly BinnedPenalties[] = [
  { smooth: 100, ridge: 1, nameRidge: 10, ...PAIRS },
  { smooth: 20, ridge: 0.3, nameRidge: 3, ...PAIRS },
];
const PAIR_COUNTS = [10, 30, 60];
const FOLDS = 3;
/** Rows that choices are made on; more say nothing new. */
const MOST_ROWS = 60_000;

/** Which of some rows belong to each of three parts, each class divided alike. */
export const foldsOf = (outcomes: Uint8Array, seed: number): Uint8Array => {
  const random = seededRandom(seed);
  const draws = Float64Array.from(outcomes, () => random());
  const order = [...outcomes.keys()].toSorted(
    (a, b) => (outcomes[a] as number) - (outcomes[b] as number) || (draws[a] as number) - (draws[b] as number),
  );
  const folds = new Uint8Array(outcomes.length);
  for (const [at, row] of order.entries()) folds[row] = at % FOLDS;
  return folds;
};

interface Fold {
  readonly train: BinnedData;
  readonly test: BinnedData;
  readonly rows: Uint32Array;
}

const divided = (data: BinnedData, folds: Uint8Array): readonly Fold[] =>
  Array.from({ length: FOLDS }, (_, fold) => {
    const of = (isIn: boolean): Uint32Array => Uint32Array.from([...folds.keys()].filter((row) => (folds[row] === fold) === isIn));
    return { train: binnedRows(data, of(false)), test: binnedRows(data, of(true)), rows: of(true) };
  });

/** The single terms, and pairs on top of them. */
const fitWithPairs = (data: BinnedData, { penalties, pairs }: BinnedChoice, plain = fitBinned(data, [], penalties)): BinnedFit => {
  if (pairs === 0) return plain;
  const ranked: readonly Pair[] = rankPairs(data, logOddsOf(plain, data), penalties.pairRidge);
  return fitBinned(data, ranked.slice(0, pairs), penalties, plain);
};

/** At most this many rows, spread evenly. */
const thinned = (data: BinnedData): BinnedData => {
  const rows = data.outcomes.length;
  if (rows <= MOST_ROWS) return data;
  return binnedRows(
    data,
    Uint32Array.from({ length: MOST_ROWS }, (_, at) => Math.floor((at * rows) / MOST_ROWS)),
  );
};

export interface ChosenBinned extends BinnedChoice {
  /** Loss of each row of `rows` when it was not fitted. */
  readonly losses: Float64Array;
  readonly folds: Uint8Array;
}

/** Chooses on these rows; `onStep` is told before each fit. */
export const chooseBinned = (all: BinnedData, seed: number, onStep: (step: string) => void): ChosenBinned => {
  const data = thinned(all);
  const folds = foldsOf(data.outcomes, seed);
  const parts = divided(data, folds);
  const unseenLosses = (words: string, fit: (train: BinnedData, at: number) => BinnedFit): Float64Array => {
    const losses = new Float64Array(data.outcomes.length);
    for (const [at, { train, test, rows }] of parts.entries()) {
      onStep(`${words}, part ${at + 1} of ${FOLDS}`);
      const found = lossesOf(logOddsOf(fit(train, at), test).map(logistic), test.outcomes);
      for (const [place, row] of rows.entries()) losses[row] = found[place] as number;
    }
    return losses;
  };
  let best: ChosenBinned | null = null;
  let plain: readonly BinnedFit[] = [];
  for (const penalties of PENALTIES) {
    const fits: BinnedFit[] = [];
    const losses = unseenLosses(
      `trying bins with a smoothness of ${penalties.smooth}`,
      (train, at) => (fits[at] = fitBinned(train, [], penalties)),
    );
    if (best !== null && !isBetter(losses, best.losses)) continue;
    best = { penalties, pairs: 0, losses, folds };
    plain = fits;
  }
  if (best === null) throw new Error('no penalties were tried');
  const { penalties } = best;
  for (const pairs of PAIR_COUNTS) {
    const losses = unseenLosses(`trying ${pairs} pairs of features`, (train, at) => fitWithPairs(train, { penalties, pairs }, plain[at]));
    if (!isBetter(losses, best.losses)) break;
    best = { penalties, pairs, losses, folds };
  }
  return best;
};

export const fitChosen = (data: BinnedData, choice: BinnedChoice): BinnedFit => fitWithPairs(data, choice);

/** A fit as it is served: every number on the grid. */
export const servedBinned = (fit: BinnedFit, width: number): BinnedModel => ({
  width,
  intercept: onGrid(fit.intercept),
  terms: fit.terms.map((term): BinnedTerm => ({ ...term, values: term.values.map(onGrid) })),
});
