/**
 * Exact interventional Shapley values of a tree ensemble (Lundberg et al. 2020, Nature Machine Intelligence 2, 56–67;
 * the closed form per leaf as in Laberge & Pequignot 2022, arXiv:2209.15123).
 *
 * The game: a coalition S of columns is worth the mean, over the background rows b, of f at the row that takes the columns
 * of S from x and all others from b. For one pair (x, b) and one leaf, let
 *
 *   U = columns that must come from x to reach it, V = columns that must come from b, u = |U|, v = |V|.
 *
 * The leaf is reached exactly when S holds all of U and none of V, so its value w gives, by Shapley's formula,
 *
 *   + w · (u − 1)! · v! / (u + v)!   to each column of U,
 *   − w · u! · (v − 1)! / (u + v)!   to each column of V,
 *
 * and nothing to any other. One walk down each tree meets every leaf that some coalition reaches: where x and b part ways at
 * a column not yet settled both ways are gone, otherwise one. Work: at most the nodes of the trees per background row.
 */
import { comparisonHolds, type TreeEnsemble } from './tree-ensemble.ts';

/** How a column of the way walked now is settled. */
const FROM_X = 1;
const FROM_BACKGROUND = 2;
/** In place of whether a comparison holds: the background row is given x's value there. */
const AS_X = 2;

/**
 * i! · j! / (i + j + 1)! at row i, column j, for i + j + 1 ≤ size. By the recurrence
 * w(i, j) = w(i − 1, j) · i / (i + j + 1) from w(0, j) = 1 / (j + 1), so no factorial is ever formed.
 */
const leafWeights = (size: number): Float64Array => {
  const weights = new Float64Array(size * size);
  for (let j = 0; j < size; j++) weights[j] = 1 / (j + 1);
  for (let i = 1; i < size; i++)
    for (let j = 0; i + j < size; j++) weights[i * size + j] = ((weights[(i - 1) * size + j] as number) * i) / (i + j + 1);
  return weights;
};

/** Per node, 1 where its comparison holds for a row. */
const comparisons = (trees: TreeEnsemble, row: Float32Array): Uint8Array => {
  const { columns } = trees;
  const held = new Uint8Array(columns.length);
  for (let node = 0; node < held.length; node++) if (comparisonHolds(trees, node, row[columns[node] as number] as number)) held[node] = 1;
  return held;
};

export class TreeShapley {
  readonly #trees: TreeEnsemble;
  readonly #size: number;
  readonly #weights: Float64Array;
  /** Per background row, per node: 1 where its comparison holds, 0 where it does not, AS_X. */
  readonly #background: readonly Uint8Array[];
  /** Per column of the way walked now. */
  readonly #settled: Uint8Array;
  #x: Uint8Array;
  #other: Uint8Array;
  #target = 0;
  #sums: Float64Array = new Float64Array(0);
  /** Second result of a walk: what its leaves take from each column that must come from the background. */
  #taken = 0;

  /** Rows are as wide as the trees read. `fixed`: a column that is no player; background rows are given x's value there. */
  constructor(trees: TreeEnsemble, background: readonly Float32Array[], fixed: number | null = null) {
    if (background.length === 0) throw new RangeError('there is no background to compare with');
    this.#trees = trees;
    this.#size = trees.depth + 1;
    this.#weights = leafWeights(this.#size);
    this.#background = background.map((row) =>
      comparisons(trees, row).map((holds, node) => (trees.columns[node] === fixed && trees.modes[node] !== 0 ? AS_X : holds)),
    );
    this.#settled = new Uint8Array(trees.columns.reduce((most, column) => Math.max(most, column), 0) + 1);
    this.#x = new Uint8Array(trees.columns.length);
    this.#other = this.#x;
  }

  /**
   * Shapley values of one target's sum of trees for row `x`, one per column; they add up to f(x) − mean f(background).
   * A column that is equal in `x` and in every background row has none.
   */
  values(x: Float32Array, target: number): Float64Array {
    this.#x = comparisons(this.#trees, x);
    this.#target = target;
    this.#sums = new Float64Array(x.length);
    // Tree by tree, so that one tree's nodes stay near while all rows pass through it.
    for (const root of this.#trees.roots) {
      for (const other of this.#background) {
        this.#other = other;
        this.#walk(root, 0, 0);
      }
    }
    return this.#sums.map((sum) => sum / this.#background.length);
  }

  /** Adds the leaves below to the columns split on below; returns what they give to each column settled as x's above. */
  #walk(from: number, fromX: number, fromBackground: number): number {
    const { modes, columns, holds, fails } = this.#trees;
    const x = this.#x;
    const settled = this.#settled;
    let node = from;
    while (modes[node] !== 0) {
      const withX = x[node];
      const withOther = this.#other[node];
      const column = columns[node] as number;
      const free = withX !== withOther && withOther !== AS_X;
      if (free && settled[column] === 0) return this.#part(node, column, fromX, fromBackground);
      const held = free && settled[column] === FROM_BACKGROUND ? withOther : withX;
      node = (held === 1 ? holds[node] : fails[node]) as number;
    }
    const value = this.#trees.values[node * this.#trees.targets + this.#target] as number;
    this.#taken = fromBackground > 0 ? value * (this.#weights[fromX * this.#size + fromBackground - 1] as number) : 0;
    return fromX > 0 ? value * (this.#weights[(fromX - 1) * this.#size + fromBackground] as number) : 0;
  }

  /** Both ways from a split where x and the background row part at a column that is not settled. */
  #part(node: number, column: number, fromX: number, fromBackground: number): number {
    const { holds, fails } = this.#trees;
    const xHolds = this.#x[node] === 1;
    this.#settled[column] = FROM_X;
    const given = this.#walk((xHolds ? holds[node] : fails[node]) as number, fromX + 1, fromBackground);
    const taken = this.#taken;
    this.#settled[column] = FROM_BACKGROUND;
    const givenByOther = this.#walk((xHolds ? fails[node] : holds[node]) as number, fromX, fromBackground + 1);
    this.#sums[column] = (this.#sums[column] as number) + given - this.#taken;
    this.#settled[column] = 0;
    this.#taken += taken;
    return given + givenByOther;
  }
}
