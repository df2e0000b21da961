/**
 * An additive model on bins as an ONNX file: one tree per term, whose leaves are its numbers.
 *
 *   features [N, F] ──────────────── Concat ─ TreeEnsembleRegressor ─ Reshape ─ Sigmoid ─ propensity [N]
 *   action [N] ─ Cast ─ Reshape [N, 1] ─┘
 *
 * Without a term that asks for the action the trees read the features alone.
 */
import type { BinnedAxis, BinnedModel, BinnedTerm } from '../binned/binned-model.ts';
import { ATTRIBUTE_INT, FLOAT, INT64, ModelProto } from './schema.ts';

const IR_VERSION = 8;
const OPSET = 17;
const ML_OPSET = 3;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_FLOATS = 6;
const ATTRIBUTE_INTS = 7;
const ATTRIBUTE_STRINGS = 8;

const utf8 = new TextEncoder();
type Loose = Readonly<Record<string, unknown>>;
const ints = (name: string, values: readonly number[]): Loose => ({ name, ints: values, type: ATTRIBUTE_INTS });
const floats = (name: string, values: readonly number[]): Loose => ({ name, floats: values, type: ATTRIBUTE_FLOATS });
const int = (name: string, i: number): Loose => ({ name, i, type: ATTRIBUTE_INT });

/** The flat lists of ai.onnx.ml, filled tree by tree. */
class Trees {
  readonly treeIds: number[] = [];
  readonly nodeIds: number[] = [];
  readonly columns: number[] = [];
  readonly thresholds: number[] = [];
  readonly modes: string[] = [];
  readonly yes: number[] = [];
  readonly no: number[] = [];
  readonly leafTrees: number[] = [];
  readonly leafNodes: number[] = [];
  readonly leafValues: number[] = [];
  #tree = -1;
  #next = 0;

  begin(): void {
    this.#tree += 1;
    this.#next = 0;
  }

  leaf(value: number): number {
    const id = this.#node('LEAF', 0, 0);
    this.leafTrees.push(this.#tree);
    this.leafNodes.push(id);
    this.leafValues.push(value);
    return id;
  }

  /** `yes` and `no` write what follows and return its node. */
  split(column: number, mode: 'BRANCH_LEQ' | 'BRANCH_LT', threshold: number, yes: () => number, no: () => number): number {
    const at = this.nodeIds.length;
    const id = this.#node(mode, column, threshold);
    this.yes[at] = yes();
    this.no[at] = no();
    return id;
  }

  #node(mode: string, column: number, threshold: number): number {
    const id = this.#next++;
    this.treeIds.push(this.#tree);
    this.nodeIds.push(id);
    this.columns.push(column);
    this.thresholds.push(threshold);
    this.modes.push(mode);
    this.yes.push(0);
    this.no.push(0);
    return id;
  }
}

/** Splits that lead to the group of a row's bin; neighbouring bins of one group need none between them. */
const writeAxis = (
  trees: Trees,
  { unknownColumn, column, thresholds }: BinnedAxis,
  groups: Uint16Array,
  then: (group: number) => number,
): number => {
  const starts = [1];
  for (let bin = 2; bin < groups.length; bin++) if (groups[bin] !== groups[bin - 1]) starts.push(bin);
  const halve = (from: number, to: number): number => {
    if (to - from === 1) return then(groups[starts[from] as number] as number);
    const middle = (from + to) >> 1;
    const threshold = thresholds[(starts[middle] as number) - 2] as number;
    return trees.split(
      column,
      'BRANCH_LEQ',
      threshold,
      () => halve(from, middle),
      () => halve(middle, to),
    );
  };
  const known = (): number => halve(0, starts.length);
  return unknownColumn === null ? known() : trees.split(unknownColumn, 'BRANCH_LT', 0.5, known, () => then(groups[0] as number));
};

const writeTerm = (trees: Trees, { axes, groups, columns, values }: BinnedTerm): void => {
  const [first, second] = axes;
  trees.begin();
  writeAxis(trees, first, groups[0] as Uint16Array, (row) =>
    second === undefined
      ? trees.leaf(values[row] as number)
      : writeAxis(trees, second, groups[1] as Uint16Array, (column) => trees.leaf(values[row * columns + column] as number)),
  );
};

const value = (name: string, elemType: number, dims: readonly (number | string)[]): Loose => ({
  name,
  type: { tensorType: { elemType, shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) } } },
});
const node = (opType: string, input: readonly string[], output: string, attribute: readonly Loose[] = [], domain = ''): Loose => ({
  opType,
  input,
  output: [output],
  name: output,
  attribute,
  domain,
});
const shape = (name: string, dims: readonly number[]): Loose => ({ name, dataType: INT64, dims: [dims.length], int64Data: dims });

/** The file's bytes; the same model gives the same bytes. Its numbers must be on the grid. */
export const writeTreeModel = (model: BinnedModel): Uint8Array => {
  const trees = new Trees();
  for (const term of model.terms) writeTerm(trees, term);
  const asksAction = model.terms.some(({ axes }) => axes.some(({ column }) => column === model.width));
  const zeros = trees.leafValues.map(() => 0);
  const ensemble = node(
    'TreeEnsembleRegressor',
    [asksAction ? 'row' : 'features'],
    'log_odds_column',
    [
      int('n_targets', 1),
      { name: 'aggregate_function', s: utf8.encode('SUM'), type: ATTRIBUTE_STRING },
      { name: 'post_transform', s: utf8.encode('NONE'), type: ATTRIBUTE_STRING },
      floats('base_values', [model.intercept]),
      ints('nodes_treeids', trees.treeIds),
      ints('nodes_nodeids', trees.nodeIds),
      ints('nodes_featureids', trees.columns),
      floats('nodes_values', trees.thresholds),
      { name: 'nodes_modes', strings: trees.modes.map((mode) => utf8.encode(mode)), type: ATTRIBUTE_STRINGS },
      ints('nodes_truenodeids', trees.yes),
      ints('nodes_falsenodeids', trees.no),
      ints('target_treeids', trees.leafTrees),
      ints('target_nodeids', trees.leafNodes),
      ints('target_ids', zeros),
      floats('target_weights', trees.leafValues),
    ],
    'ai.onnx.ml',
  );
  const withAction = [
    node('Cast', ['action'], 'action_number', [int('to', FLOAT)]),
    node('Reshape', ['action_number', 'one_column'], 'action_column'),
    node('Concat', ['features', 'action_column'], 'row', [int('axis', 1)]),
  ];
  const message = ModelProto.fromObject({
    irVersion: IR_VERSION,
    producerName: 'sotto',
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: 'ai.onnx.ml', version: ML_OPSET },
    ],
    graph: {
      name: 'propensity',
      node: [
        ...(asksAction ? withAction : []),
        ensemble,
        node('Reshape', ['log_odds_column', 'one_row'], 'log_odds'),
        node('Sigmoid', ['log_odds'], 'propensity'),
      ],
      initializer: [shape('one_row', [-1]), ...(asksAction ? [shape('one_column', [-1, 1])] : [])],
      input: [value('features', FLOAT, ['N', model.width]), value('action', INT64, ['N'])],
      output: [value('propensity', FLOAT, ['N'])],
    },
  });
  return Uint8Array.from(ModelProto.encode(message).finish());
};
