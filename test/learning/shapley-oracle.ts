/** Trees evaluated as they are written, and Shapley's values by his own formula over all coalitions: shares no code with the product. */
import fc from 'fast-check';
import { graphFile, int, int64s, isSplit, node, type Split, text, type Tree, treeAttributes } from './tree-graphs.ts';

const holds = ({ mode = 'BRANCH_LEQ', threshold, missingYes = false }: Split, value: number): boolean => {
  const limit = Math.fround(threshold);
  if (Number.isNaN(value)) return missingYes || mode === 'BRANCH_NEQ';
  return {
    BRANCH_LEQ: value <= limit,
    BRANCH_LT: value < limit,
    BRANCH_GTE: value >= limit,
    BRANCH_GT: value > limit,
    BRANCH_EQ: value === limit,
    BRANCH_NEQ: value !== limit,
  }[mode];
};

export const plainTree = (tree: Tree, row: readonly number[]): number => {
  if (isSplit(tree)) return plainTree(holds(tree, row[tree.column] ?? Number.NaN) ? tree.yes : tree.no, row);
  if (typeof tree !== 'number') throw new Error('the oracle knows one target');
  return Math.fround(tree);
};
export const plainSum = (trees: readonly Tree[], row: readonly number[]): number =>
  trees.reduce((sum: number, tree) => sum + plainTree(tree, row), 0);

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

/** Values of the interventional game, one per column, over all 2^M coalitions. */
export const shapleyByCoalitions = (
  f: (row: readonly number[]) => number,
  x: readonly number[],
  background: readonly (readonly number[])[],
): number[] => {
  const players = x.length;
  const worth = Array.from(
    { length: 2 ** players },
    (_, coalition) =>
      background.reduce((sum, other) => sum + f(other.map((value, i) => ((coalition >> i) & 1 ? (x[i] as number) : value))), 0) /
      background.length,
  );
  return x.map((_, i) =>
    worth.reduce((sum, without, coalition) => {
      if ((coalition >> i) & 1) return sum;
      let size = 0;
      for (let rest = coalition; rest > 0; rest >>= 1) size += rest & 1;
      const weight = (factorial(size) * factorial(players - size - 1)) / factorial(players);
      return sum + weight * ((worth[coalition | (1 << i)] as number) - without);
    }, 0),
  );
};

/** Trees as a file whose propensity is the logistic function of their sum. */
export const sigmoidOfTrees = (width: number, trees: readonly Tree[]): Uint8Array =>
  graphFile(
    width,
    [
      node(
        'TreeEnsembleRegressor',
        ['features'],
        ['sums'],
        [...treeAttributes(trees, 'target'), int('n_targets', 1), text('post_transform', 'NONE')],
        'ai.onnx.ml',
      ),
      node('Squeeze', ['sums', 'second'], ['log_odds']),
      node('Sigmoid', ['log_odds'], ['propensity']),
    ],
    [int64s('second', [1], [1])],
  );

/** Few different numbers, so that thresholds are met exactly and columns come again on one way down; 0.1 is no 32-bit float. */
const NUMBERS = [-2, -1, 0, 0.1, 1, 2.5].map(Math.fround);
export const aNumber = (missing: boolean): fc.Arbitrary<number> => fc.constantFrom(...NUMBERS, ...(missing ? [Number.NaN] : []));

export const aTree = (width: number, depth: number): fc.Arbitrary<Tree> => {
  const leaf = fc.double({ min: -3, max: 3, noNaN: true });
  if (depth === 0) return leaf;
  const below = aTree(width, depth - 1);
  const split = fc.record({
    column: fc.nat(width - 1),
    mode: fc.constantFrom('BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'),
    threshold: fc.constantFrom(...NUMBERS),
    missingYes: fc.boolean(),
    yes: below,
    no: below,
  });
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 6, arbitrary: split });
};

export interface Game {
  readonly trees: readonly Tree[];
  readonly x: readonly number[];
  readonly background: readonly (readonly number[])[];
}

/** An ensemble over at most ten columns, a row, and a background. */
export const aGame = (mostColumns = 10): fc.Arbitrary<Game> =>
  fc.integer({ min: 1, max: mostColumns }).chain((width) => {
    const row = fc.array(aNumber(true), { minLength: width, maxLength: width });
    return fc.record({
      trees: fc.array(aTree(width, 4), { minLength: 1, maxLength: 5 }),
      x: row,
      background: fc.array(row, { minLength: 1, maxLength: 4 }),
    });
  });
