/** Decision trees that add up: plain arrays, one entry per node of all trees. */

/** Modes of ai.onnx.ml; a node's mode is an index into this list. */
export const BRANCH_MODES = ['LEAF', 'BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'] as const;

/** Node numbers run over all trees; a child's number is greater than its parent's. Thresholds and values are 32-bit floats. */
export interface TreeEnsemble {
  /** First node of each tree. */
  readonly roots: Int32Array;
  /** Index into BRANCH_MODES; 0 = leaf. */
  readonly modes: Uint8Array;
  /** Column of the input row a node compares, with its threshold. */
  readonly columns: Int32Array;
  readonly thresholds: Float32Array;
  /** 1 where a missing value (NaN) counts as a comparison that holds. */
  readonly missingHolds: Uint8Array;
  /** Where a node leads when its comparison holds, and when it does not. */
  readonly holds: Int32Array;
  readonly fails: Int32Array;
  /** What a row that ends here adds to each target; row-major nodes × targets. */
  readonly values: Float32Array;
  readonly targets: number;
  /** Per target, what every row starts from. */
  readonly base: Float32Array;
  /** Splits on the longest way from a root to a leaf. */
  readonly depth: number;
}

/** Whether a node's comparison holds for a value of its column. */
export const comparisonHolds = ({ modes, thresholds, missingHolds }: TreeEnsemble, node: number, value: number): boolean => {
  if (missingHolds[node] === 1 && Number.isNaN(value)) return true;
  const threshold = thresholds[node] as number;
  switch (modes[node]) {
    case 1:
      return value <= threshold;
    case 2:
      return value < threshold;
    case 3:
      return value >= threshold;
    case 4:
      return value > threshold;
    case 5:
      return value === threshold;
    default:
      return value !== threshold;
  }
};

/** The sum of one target over all trees for a row of 32-bit floats. */
export const sumOfTrees = (trees: TreeEnsemble, row: Float32Array, target: number): number => {
  let sum = trees.base[target] as number;
  for (const root of trees.roots) {
    let node = root;
    while (trees.modes[node] !== 0) {
      const isHeld = comparisonHolds(trees, node, row[trees.columns[node] as number] as number);
      node = (isHeld ? trees.holds[node] : trees.fails[node]) as number;
    }
    sum += trees.values[node * trees.targets + target] as number;
  }
  return sum;
};
