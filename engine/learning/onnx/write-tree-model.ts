/**
 * An additive model on bins as an ONNX file: one tree per term, whose leaves are its numbers.
 *
 *   features [N, F] ──────────────── Concat ─ TreeEnsembleRegressor ─ Reshape ─ Sigmoid ─ propensity [N]
 *   action [N] ─ Cast ─ Reshape [N, 1] ─┘
 *
 * Without a term that asks for the action the trees read the features alone.
 */
import type { BinnedAxis, BinnedModel, BinnedTerm } from '../binned/binned-model.ts';
import { int64Tensor, modelBytes, node, value } from './graph-parts.ts';
import { ATTRIBUTE_INT, FLOAT, INT64 } from './schema.ts';

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

/** The file's bytes; the same model gives the same bytes. Its numbers must be on the grid. */
export const writeTreeModel = (model: BinnedModel): Uint8Array => {
  const trees = new Trees();
  for (const term of model.terms) writeTerm(trees, term);
  const asksAction = model.terms.some(({ axes }) => axes.some(({ column }) => column === model.width));
  const zeros = trees.leafValues.map(() => 0);
  const ensemble = {
    opType: 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    name: 'log_odds_column',
    input: [asksAction ? 'row' : 'features'],
    output: ['log_odds_column'],
    attribute: [
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
  };
  const withAction = [
    node('Cast', ['action'], 'action_number', { to: FLOAT }),
    node('Reshape', ['action_number', 'one_column'], 'action_column'),
    node('Concat', ['features', 'action_column'], 'row', { axis: 1 }),
  ];
  return modelBytes(
    {
      name: 'propensity',
      node: [
        ...(asksAction ? withAction : []),
        ensemble,
        node('Reshape', ['log_odds_column', 'one_row'], 'log_odds'),
        node('Sigmoid', ['log_odds'], 'propensity'),
      ],
      initializer: [int64Tensor('one_row', [-1]), ...(asksAction ? [int64Tensor('one_column', [-1, 1])] : [])],
      input: [value('features', FLOAT, ['N', model.width]), value('action', INT64, ['N'])],
      output: [value('propensity', FLOAT, ['N'])],
    },
    ML_OPSET,
  );
};
