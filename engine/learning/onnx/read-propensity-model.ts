/**
 * What a propensity model computes, read from its file, as far as it can be taken apart exactly:
 *
 *   additive   what write-additive-model.ts writes
 *   trees      [features (, action)] ─ TreeEnsemble… ─ (column) ─ (Sigmoid) ─ propensity
 *
 * Parts in brackets may be absent, and operators that change nothing but a shape may stand anywhere between. `column` is the
 * classifier's second class, one target of a regressor, or the action's own target.
 */
import type { TreeEnsemble } from '../explain/tree-ensemble.ts';
import { Attributes, decodeGraph, GraphIndex, type GraphNode } from './model-graph.ts';
import { readTreeEnsemble } from './read-tree-ensemble.ts';
import { FLOAT } from './schema.ts';
import type { AdditiveWeights } from './write-additive-model.ts';

/** Trees whose sum is the log-odds of a propensity. */
export interface PropensityTrees {
  readonly trees: TreeEnsemble;
  /** Columns of the row the trees read: the features, then the action's number if they read that too. */
  readonly width: number;
  readonly actionColumn: number | null;
  /** Which sum is an action's log-odds: one for all, or the action's own. */
  readonly target: number | 'action';
}

export type ReadModel =
  | { readonly kind: 'additive'; readonly additive: AdditiveWeights }
  | { readonly kind: 'trees'; readonly trees: PropensityTrees }
  | Opaque;

/** A model that answers and cannot be taken apart; `why` in words. */
export interface Opaque {
  readonly kind: 'opaque';
  readonly why: string;
}

const opaque = (why: string): Opaque => ({ kind: 'opaque', why });
const SHAPES = ['Identity', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten'];
const TREES = ['TreeEnsembleClassifier', 'TreeEnsembleRegressor'];

/** `width`: F of the manifest. */
export const readPropensityModel = (bytes: Uint8Array, width: number): ReadModel => {
  const decoded = decodeGraph(bytes);
  if (!decoded.ok) return opaque(decoded.why);
  const graph = new GraphIndex(decoded.graph);
  const last = plain(graph, 'propensity');
  const made = graph.producer(last);
  if (made?.opType !== 'Sigmoid') return readTrees(graph, last, width, 'LOGISTIC');
  const logOdds = plain(graph, made.input?.[0]);
  const additive = readAdditive(graph, logOdds, width);
  return additive === null ? readTrees(graph, logOdds, width, 'NONE') : { kind: 'additive', additive };
};

/** The value behind operators that change its shape, or its type to float32, and no number. */
function plain(graph: GraphIndex, value: string | undefined): string | undefined {
  let from = value;
  // More in a row than any converter writes would be a ring.
  for (let steps = 0; steps < 16; steps++) {
    const node = graph.producer(from);
    if (node === null) return from;
    const keeps = SHAPES.includes(node.opType ?? '') || (node.opType === 'Cast' && new Attributes(node).int('to') === FLOAT);
    if (!keeps) return from;
    from = node.input?.[0];
  }
  return from;
}

/** The operator that makes a value, if it is of this type. */
function operator(graph: GraphIndex, value: string | undefined, opType: string): GraphNode | null {
  const node = graph.producer(value);
  return node?.opType === opType ? node : null;
}

/** Rows of a table that belong to the actions. */
function ownRows(
  graph: GraphIndex,
  value: string | undefined,
): { readonly dims: readonly number[]; readonly numbers: Float64Array } | null {
  const gather = operator(graph, value, 'Gather');
  if (gather === null || (new Attributes(gather).int('axis') ?? 0) !== 0 || gather.input?.[1] !== 'action') return null;
  return graph.constant(gather.input[0]);
}

function readAdditive(graph: GraphIndex, value: string | undefined, width: number): AdditiveWeights | null {
  const add = operator(graph, value, 'Add');
  const sum = operator(graph, add?.input?.[0], 'ReduceSum');
  const product = operator(graph, sum?.input?.[0], 'Mul');
  if (product?.input?.[0] !== 'features') return null;
  const weights = ownRows(graph, product.input[1]);
  const intercepts = ownRows(graph, add?.input?.[1]);
  const actions = intercepts?.numbers.length ?? 0;
  if (weights === null || intercepts === null || weights.dims.length !== 2 || weights.dims[0] !== actions || weights.dims[1] !== width)
    return null;
  return { width, intercepts: Float32Array.from(intercepts.numbers), weights: Float32Array.from(weights.numbers) };
}

function readTrees(graph: GraphIndex, value: string | undefined, width: number, wanted: 'NONE' | 'LOGISTIC'): ReadModel {
  const picked = pickColumn(graph, value);
  const node = graph.producer(picked.from);
  if (node === null || !TREES.includes(node.opType ?? '')) {
    return opaque(`its answer is made by the operator ${node?.opType ?? '(none)'}, which cannot be taken apart`);
  }
  const isClassifier = node.opType === 'TreeEnsembleClassifier';
  if (picked.from !== node.output?.[isClassifier ? 1 : 0]) return opaque('its answer is not the scores of its trees');
  const read = readTreeEnsemble(node);
  if (!read.ok) return opaque(read.why);
  if (read.postTransform !== wanted)
    return opaque(
      wanted === 'LOGISTIC' ? 'its trees add up probabilities, not log-odds' : 'its trees are followed by two logistic functions',
    );
  const { trees } = read;
  let { column } = picked;
  if (isClassifier) {
    if (column !== 1) return opaque("its answer is not the second class's score");
    column = 0;
  } else if (column === null && trees.targets === 1) column = 0;
  if (column === null || (typeof column === 'number' && (column < 0 || column >= trees.targets)))
    return opaque(`its answer is none of the ${trees.targets} sums of its trees`);
  const input = readInput(graph, node.input?.[0], width);
  if (input === null) return opaque('its trees read something other than the features and the number of the action');
  const beyond = trees.columns.find((read) => read >= input.width);
  if (beyond !== undefined) return opaque(`its trees read column ${beyond} of ${input.width}`);
  return { kind: 'trees', trees: { trees, ...input, target: column } };
}

/** Which column of the scores the answer is: a fixed one, the action's own, or the only one (null). */
function pickColumn(
  graph: GraphIndex,
  value: string | undefined,
): { readonly from: string | undefined; readonly column: number | 'action' | null } {
  const node = graph.producer(value);
  if (node === null || (node.opType !== 'Gather' && node.opType !== 'GatherElements')) return { from: value, column: null };
  const none = { from: value, column: null };
  const axis = new Attributes(node).int('axis') ?? 0;
  if (axis !== 1 && axis !== -1) return none;
  const from = node.input?.[0];
  if (node.opType === 'GatherElements') return plain(graph, node.input?.[1]) === 'action' ? { from, column: 'action' } : none;
  const index = graph.constant(node.input?.[1])?.numbers;
  return index?.length === 1 ? { from, column: index[0] ?? null } : none;
}

/** The row the trees read: the features, or the features and then the action's number. */
function readInput(
  graph: GraphIndex,
  value: string | undefined,
  width: number,
): { readonly width: number; readonly actionColumn: number | null } | null {
  if (value === 'features') return { width, actionColumn: null };
  const concat = operator(graph, value, 'Concat');
  if (concat === null || concat.input?.length !== 2) return null;
  const axis = new Attributes(concat).int('axis');
  if (axis !== 1 && axis !== -1) return null;
  if (concat.input[0] !== 'features' || plain(graph, concat.input[1]) !== 'action') return null;
  return { width: width + 1, actionColumn: width };
}
