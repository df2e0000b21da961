/**
 * A TreeEnsembleClassifier or TreeEnsembleRegressor of ai.onnx.ml as plain arrays, or in words what of it is not read.
 * Where the specification leaves a choice, or runtimes differ from it, only what onnxruntime gives is read.
 */
import { BRANCH_MODES, type TreeEnsemble } from '../explain/tree-ensemble.ts';
import { Attributes, type GraphNode } from './model-graph.ts';

export type ReadTrees =
  | {
      readonly ok: true;
      /** A classifier has one target: what makes the second of its two classes likely. */
      readonly trees: TreeEnsemble;
      /** What the node makes of a sum of trees; LOGISTIC: 1 / (1 + e^−sum). */
      readonly postTransform: 'NONE' | 'LOGISTIC';
    }
  | Unread;

interface Unread {
  readonly ok: false;
  readonly why: string;
}

const unread = (why: string): Unread => ({ ok: false, why });

/** Trees are walked by recursion; no trained tree comes near this depth. */
const DEEPEST = 256;
/** More than any catalogue has actions. */
const MOST_TARGETS = 20_000;
/** 64-bit trees: the desk's inputs are 32-bit. */
const NOT_READ = ['nodes_values_as_tensor', 'base_values_as_tensor', 'class_weights_as_tensor', 'target_weights_as_tensor'];

export const readTreeEnsemble = (node: GraphNode): ReadTrees => {
  const attributes = new Attributes(node);
  const wide = NOT_READ.find((name) => attributes.has(name));
  if (wide !== undefined) return unread(`its trees are of 64-bit numbers (${wide}); save them as 32-bit floats`);
  const postTransform = attributes.text('post_transform') ?? 'NONE';
  if (postTransform !== 'NONE' && postTransform !== 'LOGISTIC') return unread(`its trees end in ${postTransform}, not in log-odds`);
  const targets = node.opType === 'TreeEnsembleClassifier' ? classifierTargets(attributes) : regressorTargets(attributes, postTransform);
  if (!targets.ok) return targets;
  const nodes = readNodes(attributes);
  if (!nodes.ok) return nodes;
  const values = readLeaves(attributes, nodes, targets);
  return values.ok ? { ok: true, postTransform, trees: { ...nodes.trees, ...values, targets: targets.count, base: targets.base } } : values;
};

/** Whose weights count, and to which target. */
interface Targets {
  readonly ok: true;
  readonly leaves: 'class' | 'target';
  readonly count: number;
  readonly base: Float32Array;
  readonly targetOf: ReadonlyMap<number, number>;
  /** Every leaf must say something of it: onnxruntime otherwise falls back to the other class. */
  readonly mustBeIn: number | null;
}

function classifierTargets(attributes: Attributes): Targets | Unread {
  const classes = Math.max(attributes.ints('classlabels_int64s').length, attributes.texts('classlabels_strings').length);
  if (classes !== 2) return unread(`it tells ${classes} classes apart; a propensity is one of two`);
  const used = [...new Set(attributes.ints('class_ids'))].toSorted((a, b) => a - b);
  if (used.length === 0 || used.some((id) => id !== 0 && id !== 1))
    return unread(`its weights are of classes ${used.join(', ') || 'of none'}`);
  const base = attributes.floats('base_values');
  // Weights of the first class alone are those of the positive one: an old habit of converters that runtimes keep.
  const positive = used.includes(1) ? 1 : 0;
  if (base.length > 0 && (base.length > 1 || positive === 1))
    return unread('runtimes differ about base_values of a classifier with these weights; add them to a leaf weight instead');
  return {
    ok: true,
    leaves: 'class',
    count: 1,
    base: Float32Array.of(base[0] ?? 0),
    targetOf: new Map([[positive, 0]]),
    mustBeIn: used.length === 2 ? 1 : null,
  };
}

function regressorTargets(attributes: Attributes, postTransform: string): Targets | Unread {
  const count = attributes.int('n_targets') ?? 0;
  if (count < 1 || count > MOST_TARGETS) return unread(`it has ${count} targets`);
  const aggregate = attributes.text('aggregate_function') ?? 'SUM';
  if (aggregate !== 'SUM') return unread(`its trees are combined by ${aggregate}; only sums can be taken apart`);
  if (postTransform === 'LOGISTIC' && count === 1)
    return unread('onnxruntime leaves out LOGISTIC for a regressor with one target; put a Sigmoid behind it instead');
  const base = attributes.floats('base_values');
  if (base.length !== 0 && base.length !== count) return unread(`it has ${base.length} base_values for ${count} targets`);
  return {
    ok: true,
    leaves: 'target',
    count,
    base: base.length === 0 ? new Float32Array(count) : Float32Array.from(base),
    targetOf: new Map(Array.from({ length: count }, (_, target) => [target, target])),
    mustBeIn: null,
  };
}

interface Nodes {
  readonly ok: true;
  readonly trees: Omit<TreeEnsemble, 'values' | 'targets' | 'base'>;
  /** Number of a node in `trees`, by its tree's id and its own. */
  readonly numberOf: ReadonlyMap<string, number>;
}

const keyOf = (treeId: number, nodeId: number): string => `${treeId}/${nodeId}`;

/** Every tree from its root, the first node listed of it, in the order of a walk that turns to `holds` first. */
function readNodes(attributes: Attributes): Nodes | Unread {
  const treeIds = attributes.ints('nodes_treeids');
  const count = treeIds.length;
  const read = {
    nodeIds: attributes.ints('nodes_nodeids'),
    columns: attributes.ints('nodes_featureids'),
    thresholds: attributes.floats('nodes_values'),
    modes: attributes.texts('nodes_modes'),
    holds: attributes.ints('nodes_truenodeids'),
    fails: attributes.ints('nodes_falsenodeids'),
  };
  const short = Object.entries(read).find(([, list]) => list.length !== count);
  if (count === 0 || short !== undefined) return unread(`its ${count} nodes have ${short?.[1].length ?? 0} ${short?.[0] ?? 'entries'}`);
  const missing = attributes.ints('nodes_missing_value_tracks_true');
  if (missing.length !== 0 && missing.length !== count) return unread(`its ${count} nodes have ${missing.length} rules for missing values`);

  const listed = new Map<string, number>();
  const rootOf = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    const treeId = treeIds[at] as number;
    if (!rootOf.has(treeId)) rootOf.set(treeId, at);
    listed.set(keyOf(treeId, read.nodeIds[at] as number), at);
  }
  if (listed.size !== count) return unread('two of its nodes have one number');

  const trees = {
    roots: new Int32Array(rootOf.size),
    modes: new Uint8Array(count),
    columns: new Int32Array(count),
    thresholds: new Float32Array(count),
    missingHolds: new Uint8Array(count),
    holds: new Int32Array(count).fill(-1),
    fails: new Int32Array(count).fill(-1),
  };
  const numberOf = new Map<string, number>();
  let depth = 0;
  const place = (treeId: number, nodeId: number, splits: number): number | Unread => {
    const key = keyOf(treeId, nodeId);
    const from = listed.get(key);
    if (from === undefined) return unread(`node ${key} is named and not there`);
    if (numberOf.has(key)) return unread(`node ${key} is reached by two ways`);
    if (splits > DEEPEST) return unread(`a tree is deeper than ${DEEPEST} splits`);
    const to = numberOf.size;
    numberOf.set(key, to);
    const mode = BRANCH_MODES.findIndex((name) => name === read.modes[from]);
    if (mode < 0) return unread(`node ${key} is of the mode ${read.modes[from] ?? ''}`);
    trees.modes[to] = mode;
    if (mode === 0) {
      depth = Math.max(depth, splits);
      return to;
    }
    if ((read.columns[from] as number) < 0) return unread(`node ${key} compares column ${read.columns[from] ?? ''}`);
    trees.columns[to] = read.columns[from] as number;
    trees.thresholds[to] = read.thresholds[from] as number;
    trees.missingHolds[to] = missing[from] === 1 ? 1 : 0;
    const holds = place(treeId, read.holds[from] as number, splits + 1);
    if (typeof holds !== 'number') return holds;
    const fails = place(treeId, read.fails[from] as number, splits + 1);
    if (typeof fails !== 'number') return fails;
    trees.holds[to] = holds;
    trees.fails[to] = fails;
    return to;
  };
  for (const [tree, [treeId, root]] of [...rootOf].entries()) {
    const placed = place(treeId, read.nodeIds[root] as number, 0);
    if (typeof placed !== 'number') return placed;
    trees.roots[tree] = placed;
  }
  if (numberOf.size !== count) return unread(`${count - numberOf.size} of its ${count} nodes are reached by no way`);
  return { ok: true, trees: { ...trees, depth }, numberOf };
}

function readLeaves(attributes: Attributes, nodes: Nodes, targets: Targets): { readonly ok: true; readonly values: Float32Array } | Unread {
  const { leaves, count, targetOf, mustBeIn } = targets;
  const treeIds = attributes.ints(`${leaves}_treeids`);
  const nodeIds = attributes.ints(`${leaves}_nodeids`);
  const ids = attributes.ints(`${leaves}_ids`);
  const weights = attributes.floats(`${leaves}_weights`);
  if (nodeIds.length !== treeIds.length || ids.length !== treeIds.length || weights.length !== treeIds.length)
    return unread('its leaves have lists of different lengths');
  const values = new Float32Array(nodes.numberOf.size * count);
  const said = new Uint8Array(nodes.numberOf.size);
  for (const [at, id] of ids.entries()) {
    const key = keyOf(treeIds[at] as number, nodeIds[at] as number);
    const node = nodes.numberOf.get(key);
    if (node === undefined || nodes.trees.modes[node] !== 0) return unread(`a weight is given to node ${key}, which is no leaf`);
    if (id === mustBeIn) said[node] = 1;
    const target = targetOf.get(id);
    if (target === undefined && leaves === 'target') return unread(`a weight is given to target ${id} of ${count}`);
    if (target !== undefined) values[node * count + target] = (values[node * count + target] as number) + (weights[at] as number);
  }
  const silent = mustBeIn === null ? -1 : nodes.trees.modes.findIndex((mode, node) => mode === 0 && said[node] === 0);
  if (silent >= 0) return unread('a leaf says nothing of the second class, though others do; give it a weight of 0');
  return { ok: true, values };
}
