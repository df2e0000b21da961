/** Trees read from a file give what onnxruntime gives; what is not read is refused in words. */
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  type ModelFault,
  ModelProto,
  type ReadModel,
  readPropensityModel,
  scanPropensityModel,
  sumOfTrees,
  writeAdditiveModel,
} from '#learning';
import { aNumber, aTree, plainSum } from './shapley-oracle.ts';
import { floats, graphFile, int, int64s, ints, isSplit, type Leaf, node, text, texts, type Tree, treeAttributes } from './tree-graphs.ts';

type Nodes = Parameters<typeof graphFile>[1];
type Attribute = Nodes[number];

const WIDTH = 3;
const SECOND = int64s('second', [1], [1]);
const ml = (opType: string, attributes: readonly Attribute[], input = 'features') =>
  node(opType, [input], opType === 'TreeEnsembleClassifier' ? ['label', 'scores'] : ['scores'], attributes, 'ai.onnx.ml');
const ONE = int('n_targets', 1);
const labels = ints('classlabels_int64s', [0, 1]);
const logistic = text('post_transform', 'LOGISTIC');
const none = text('post_transform', 'NONE');
const secondClass = node('Gather', ['scores', 'second'], ['picked'], [int('axis', 1)]);
const squeeze = (from: string, to: string) => node('Squeeze', [from, 'second'], [to]);
const sigmoid = (from: string) => node('Sigmoid', [from], ['propensity']);

/** A leaf's number → what is written for it. */
const mapLeaves = (tree: Tree, to: (leaf: number) => Leaf): Tree => {
  if (isSplit(tree)) return { ...tree, yes: mapLeaves(tree.yes, to), no: mapLeaves(tree.no, to) };
  if (typeof tree !== 'number') throw new Error('a leaf of one number is wanted');
  return to(tree);
};

interface Form {
  readonly name: string;
  readonly file: (trees: readonly Tree[]) => Uint8Array;
  /** Log-odds by hand, where they are not the plain sum over the features. */
  readonly logOdds?: (trees: readonly Tree[], row: readonly number[], action: number) => number;
}

const classifier = (trees: readonly Tree[], idOf: (target: number) => number, more: readonly Attribute[] = []) =>
  ml('TreeEnsembleClassifier', [...treeAttributes(trees, 'class', idOf), labels, ...more]);
const byClass = (idOf: (target: number) => number, more: readonly Attribute[] = [], change: (leaf: number) => Leaf = (leaf) => leaf) => {
  return (trees: readonly Tree[]) =>
    graphFile(
      WIDTH,
      [
        classifier(
          trees.map((tree) => mapLeaves(tree, change)),
          idOf,
          [logistic, ...more],
        ),
        secondClass,
        squeeze('picked', 'propensity'),
      ],
      [SECOND],
    );
};

const FORMS: readonly Form[] = [
  { name: 'a classifier with weights of its first class alone', file: byClass(() => 0) },
  { name: 'a classifier with weights of its second class alone', file: byClass(() => 1) },
  {
    name: 'a classifier with weights of both classes',
    file: byClass(
      (target) => target,
      [],
      (leaf) => [leaf * 0.3 - 1, leaf],
    ),
  },
  {
    name: 'a classifier whose weights are all positive',
    file: byClass(() => 0, [], Math.abs),
    logOdds: (trees, row) =>
      plainSum(
        trees.map((tree) => mapLeaves(tree, Math.abs)),
        row,
      ),
  },
  {
    name: 'a classifier with a base value',
    file: byClass(() => 0, [floats('base_values', [0.7])]),
    logOdds: (trees, row) => plainSum(trees, row) + Math.fround(0.7),
  },
  {
    name: 'a classifier of sums behind a Sigmoid',
    file: (trees) =>
      graphFile(WIDTH, [classifier(trees, () => 0, [none]), secondClass, squeeze('picked', 'log_odds'), sigmoid('log_odds')], [SECOND]),
  },
  {
    name: 'a regressor behind a Sigmoid',
    file: (trees) =>
      graphFile(
        WIDTH,
        [
          ml('TreeEnsembleRegressor', [...treeAttributes(trees, 'target'), ONE, floats('base_values', [-0.2])]),
          sigmoidColumn('scores'),
          node('Reshape', ['column', 'flat'], ['propensity']),
        ],
        [int64s('flat', [1], [-1])],
      ),
    logOdds: (trees, row) => plainSum(trees, row) + Math.fround(-0.2),
  },
  {
    name: 'a regressor that reads the action',
    file: (trees) =>
      graphFile(
        WIDTH - 1,
        [
          node('Cast', ['action'], ['number'], [int('to', 1)]),
          node('Unsqueeze', ['number', 'second'], ['action_column']),
          node('Concat', ['features', 'action_column'], ['row'], [int('axis', 1)]),
          ml('TreeEnsembleRegressor', [...treeAttributes(trees, 'target'), ONE], 'row'),
          squeeze('scores', 'log_odds'),
          sigmoid('log_odds'),
        ],
        [SECOND],
      ),
    logOdds: (trees, row, action) => plainSum(trees, row.with(WIDTH - 1, action)),
  },
  ...(['NONE', 'LOGISTIC'] as const).map(
    (post): Form => ({
      name: `a regressor with one target per action, ${post}`,
      file: (trees) =>
        graphFile(
          WIDTH,
          [
            ml('TreeEnsembleRegressor', [
              ...treeAttributes(
                trees.map((tree) => mapLeaves(tree, (leaf) => [leaf, -leaf, leaf * 0.5])),
                'target',
              ),
              int('n_targets', 3),
              text('post_transform', post),
              text('aggregate_function', 'SUM'),
              floats('base_values', [0, 0.5, 1]),
            ]),
            node('Unsqueeze', ['action', 'second'], ['own']),
            node('GatherElements', ['scores', 'own'], ['picked'], [int('axis', 1)]),
            squeeze('picked', post === 'NONE' ? 'log_odds' : 'propensity'),
            ...(post === 'NONE' ? [sigmoid('log_odds')] : []),
          ],
          [SECOND],
        ),
      logOdds: (trees, row, action) =>
        action * 0.5 +
        plainSum(
          trees.map((tree) => mapLeaves(tree, (leaf) => [leaf, -leaf, leaf * 0.5][action] ?? 0)),
          row,
        ),
    }),
  ),
];

function sigmoidColumn(from: string): Attribute {
  return node('Sigmoid', [from], ['column']);
}

const readTrees = (bytes: Uint8Array, width: number) => {
  const read = readPropensityModel(bytes, width);
  if (read.kind !== 'trees') throw new Error(read.kind === 'opaque' ? read.why : 'read as additive');
  return read.trees;
};

const inOnnxRuntime = async (
  bytes: Uint8Array,
  rows: readonly (readonly number[])[],
  actions: readonly number[],
): Promise<Float32Array> => {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const output = await session.run({
    features: new ort.Tensor('float32', Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]),
    action: new ort.Tensor('int64', BigInt64Array.from(actions, BigInt), [rows.length]),
  });
  await session.release();
  return output['propensity']?.data as Float32Array;
};

describe('trees read from a file', () => {
  it.each(FORMS)('give what onnxruntime gives: $name', async ({ file, logOdds = plainSum }) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(aTree(WIDTH, 4), { minLength: 1, maxLength: 4 }),
        fc.array(fc.array(aNumber(true), { minLength: WIDTH, maxLength: WIDTH }), { minLength: 3, maxLength: 12 }),
        async (trees, rows) => {
          const bytes = file(trees);
          const { trees: read, width, actionColumn, target } = readTrees(bytes, featureWidthOf(bytes));
          const features = actionColumn ?? width;
          expect(scanPropensityModel(bytes, features)).toEqual([]);
          const actions = rows.map((_, at) => at % 3);
          const wanted = await inOnnxRuntime(
            bytes,
            rows.map((row) => row.slice(0, features)),
            actions,
          );
          for (const [at, row] of rows.entries()) {
            const action = actions[at] as number;
            const full = Float32Array.from(actionColumn === null ? row : row.with(actionColumn, action));
            const sum = sumOfTrees(read, full, target === 'action' ? action : target);
            expect(Math.abs(sum - logOdds(trees, row, action))).toBeLessThan(1e-5);
            expect(Math.abs(1 / (1 + Math.exp(-sum)) - (wanted[at] as number))).toBeLessThan(1e-6);
            compared++;
          }
        },
      ),
      { numRuns: 40, seed: 21 },
    );
    expect(compared).toBeGreaterThan(150);
  });

  it('are the additive weights where the file is an additive one', () => {
    const written = { width: 2, intercepts: Float32Array.of(0.5, -1), weights: Float32Array.of(1, -1, 0.25, 3) };
    expect(readPropensityModel(writeAdditiveModel(written), 2)).toEqual({ kind: 'additive', additive: written });
  });
});

/** Features of a file's own declaration. */
function featureWidthOf(bytes: Uint8Array): number {
  const { graph } = ModelProto.toObject(ModelProto.decode(bytes), { longs: Number }) as {
    graph: { input: { type: { tensorType: { shape: { dim: { dimValue?: number }[] } } } }[] };
  };
  return graph.input[0]?.type.tensorType.shape.dim[1]?.dimValue ?? 0;
}

const STUMP: Tree = { column: 0, threshold: 0, yes: -1, no: 1 };
const regressor = (attributes: readonly Attribute[], tail: Nodes = [squeeze('scores', 'log_odds'), sigmoid('log_odds')]) =>
  graphFile(
    WIDTH,
    [ml('TreeEnsembleRegressor', attributes.some(({ name }) => name === 'n_targets') ? attributes : [...attributes, ONE]), ...tail],
    [SECOND],
  );
/** The stump's attributes with one list changed. */
const spoilt = (name: string, change: Attribute): readonly Attribute[] => [
  ...treeAttributes([STUMP], 'target').filter((attribute) => attribute['name'] !== name),
  change,
];
const two = (attributes: readonly Attribute[], column = 1, tail: Nodes = [squeeze('picked', 'propensity')]) =>
  graphFile(
    WIDTH,
    [ml('TreeEnsembleClassifier', attributes), node('Gather', ['scores', 'second'], ['picked'], [int('axis', 1)]), ...tail],
    [int64s('second', [1], [column])],
  );
const chain = (depth: number): Tree => (depth === 0 ? 1 : { column: 0, threshold: depth, yes: 0, no: chain(depth - 1) });

const REFUSED: readonly (readonly [string, Uint8Array, string])[] = [
  ['what is no ONNX file', new TextEncoder().encode('hello world, this is text'), 'not an ONNX file'],
  ['another operator', graphFile(WIDTH, [node('ReduceMean', ['features'], ['log_odds']), sigmoid('log_odds')]), 'the operator ReduceMean'],
  ['a ring', graphFile(WIDTH, [node('Identity', ['propensity'], ['propensity'])]), 'the operator Identity'],
  ['nothing behind the answer', graphFile(WIDTH, []), 'the operator (none)'],
  [
    'trees of probabilities',
    regressor(treeAttributes([STUMP], 'target'), [squeeze('scores', 'propensity')]),
    'probabilities, not log-odds',
  ],
  [
    'two logistic functions',
    two([...treeAttributes([STUMP], 'class', () => 1), labels, logistic], 1, [squeeze('picked', 'p'), sigmoid('p')]),
    'two logistic',
  ],
  ['another end', two([...treeAttributes([STUMP], 'class', () => 1), labels, text('post_transform', 'SOFTMAX')]), 'SOFTMAX'],
  ['three classes', two([...treeAttributes([STUMP], 'class', () => 1), ints('classlabels_int64s', [0, 1, 2]), logistic]), '3 classes'],
  [
    'three classes by name',
    two([...treeAttributes([STUMP], 'class', () => 1), texts('classlabels_strings', ['a', 'b', 'c']), logistic]),
    '3 classes',
  ],
  ['weights of a third class', two([...treeAttributes([STUMP], 'class', () => 2), labels, logistic]), 'of classes 2'],
  ['the first class', two([...treeAttributes([STUMP], 'class', () => 1), labels, logistic], 0), "not the second class's"],
  [
    'a label',
    graphFile(WIDTH, [
      ml('TreeEnsembleClassifier', [...treeAttributes([STUMP], 'class'), labels]),
      node('Cast', ['label'], ['l'], [int('to', 1)]),
      sigmoid('l'),
    ]),
    'not the scores',
  ],
  [
    'base values runtimes differ about',
    two([...treeAttributes([STUMP], 'class', () => 1), labels, logistic, floats('base_values', [0.1])]),
    'runtimes differ',
  ],
  [
    'two base values',
    two([...treeAttributes([STUMP], 'class', () => 0), labels, logistic, floats('base_values', [0.1, 0.2])]),
    'runtimes differ',
  ],
  [
    'a leaf silent about the second class',
    two([...treeAttributes([{ ...STUMP, yes: [1, 2], no: 1 }], 'class'), labels, logistic]),
    'says nothing of the second class',
  ],
  [
    'LOGISTIC that onnxruntime leaves out',
    regressor([...treeAttributes([STUMP], 'target'), logistic], [squeeze('scores', 'propensity')]),
    'leaves out LOGISTIC',
  ],
  ['other ways to combine trees', regressor([...treeAttributes([STUMP], 'target'), text('aggregate_function', 'AVERAGE')]), 'AVERAGE'],
  ['base values of other targets', regressor([...treeAttributes([STUMP], 'target'), floats('base_values', [1, 2])]), '2 base_values for 1'],
  [
    'several targets and none picked',
    regressor([...treeAttributes([{ ...STUMP, yes: [1, 2], no: [3, 4] }], 'target'), int('n_targets', 2)]),
    'none of the 2 sums',
  ],
  ['no number of targets', regressor([...treeAttributes([STUMP], 'target'), int('n_targets', 0)]), '0 targets'],
  ['a weight of a target that is not there', regressor(spoilt('target_ids', ints('target_ids', [0, 1]))), 'target 1 of 1'],
  ['lists of different lengths', regressor(spoilt('nodes_values', floats('nodes_values', [0]))), '3 nodes have 1 thresholds'],
  ['no nodes', regressor([]), '0 nodes'],
  [
    'rules for missing values of other nodes',
    regressor(spoilt('nodes_missing_value_tracks_true', ints('nodes_missing_value_tracks_true', [1]))),
    '1 rules for missing',
  ],
  ['leaves of different lengths', regressor(spoilt('target_weights', floats('target_weights', [1]))), 'lists of different lengths'],
  ['an unknown mode', regressor(spoilt('nodes_modes', texts('nodes_modes', ['BRANCH_NEAR', 'LEAF', 'LEAF']))), 'mode BRANCH_NEAR'],
  [
    'a child that is not there',
    regressor(spoilt('nodes_truenodeids', ints('nodes_truenodeids', [7, 0, 0]))),
    'node 0/7 is named and not there',
  ],
  ['a loop', regressor(spoilt('nodes_truenodeids', ints('nodes_truenodeids', [0, 0, 0]))), 'reached by two ways'],
  ['a node of two parents', regressor(spoilt('nodes_truenodeids', ints('nodes_truenodeids', [2, 0, 0]))), 'reached by two ways'],
  [
    'a node nobody leads to',
    regressor(spoilt('nodes_modes', texts('nodes_modes', ['LEAF', 'LEAF', 'LEAF']))),
    '2 of its 3 nodes are reached by no way',
  ],
  ['two nodes with one number', regressor(spoilt('nodes_nodeids', ints('nodes_nodeids', [0, 1, 1]))), 'two of its nodes'],
  ['a weight on a split', regressor(spoilt('target_nodeids', ints('target_nodeids', [0, 2]))), 'no leaf'],
  ['a column before the first', regressor(spoilt('nodes_featureids', ints('nodes_featureids', [-1, 0, 0]))), 'column -1'],
  ['a column beyond the row', regressor(treeAttributes([{ ...STUMP, column: WIDTH }], 'target')), 'column 3 of 3'],
  ['64-bit trees', regressor([...treeAttributes([STUMP], 'target'), { name: 'nodes_values_as_tensor', type: 4, t: {} }]), '64-bit'],
  ['trees without end', regressor(treeAttributes([chain(300)], 'target')), 'deeper than 256'],
  [
    'trees that read something else',
    graphFile(
      WIDTH,
      [
        node('Neg', ['features'], ['minus']),
        ml('TreeEnsembleRegressor', [...treeAttributes([STUMP], 'target'), ONE], 'minus'),
        squeeze('scores', 'l'),
        sigmoid('l'),
      ],
      [SECOND],
    ),
    'something other than the features',
  ],
];

describe('what is not read is refused in words', () => {
  it.each(REFUSED)('%s', (_, bytes, words) => {
    const read: ReadModel = readPropensityModel(bytes, WIDTH);
    expect(read.kind).toBe('opaque');
    expect(read.kind === 'opaque' && read.why).toContain(words);
  });

  it('and none of it by mistake: the stump they are made from is read', () => {
    expect(REFUSED.length).toBeGreaterThanOrEqual(30);
    expect(readPropensityModel(regressor(treeAttributes([STUMP], 'target')), WIDTH).kind).toBe('trees');
    expect(readPropensityModel(two([...treeAttributes([STUMP], 'class', () => 1), labels, logistic]), WIDTH).kind).toBe('trees');
    const faults: ModelFault[] = scanPropensityModel(regressor(treeAttributes([STUMP], 'target')), WIDTH).map(({ code }) => code);
    expect(faults).toEqual([]);
  });
});
