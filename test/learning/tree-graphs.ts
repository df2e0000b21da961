/** Tree ensembles as ONNX graphs, written by hand: trees as nested objects → the flat attributes of ai.onnx.ml. */
import { ModelProto } from '#learning';

export interface Split {
  readonly column: number;
  readonly mode?: 'BRANCH_LEQ' | 'BRANCH_LT' | 'BRANCH_GTE' | 'BRANCH_GT' | 'BRANCH_EQ' | 'BRANCH_NEQ';
  readonly threshold: number;
  /** NaN goes to `yes`. */
  readonly missingYes?: boolean;
  readonly yes: Tree;
  readonly no: Tree;
}
/** A number, or one per target. */
export type Leaf = number | readonly number[];
export type Tree = Split | Leaf;

export const isSplit = (tree: Tree): tree is Split => typeof tree === 'object' && 'column' in tree;

type Loose = Record<string, unknown>;

const FLOAT = 1;
const INT64 = 7;
const utf8 = new TextEncoder();

const value = (name: string, elemType: number, dims: readonly (number | string)[]): Loose => ({
  name,
  type: { tensorType: { elemType, shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) } } },
});

export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attribute: readonly Loose[] = [],
  domain = '',
): Loose => ({
  opType,
  input,
  output,
  domain,
  attribute,
});
export const int = (name: string, i: number): Loose => ({ name, i, type: 2 });
export const ints = (name: string, values: readonly number[]): Loose => ({ name, ints: values, type: 7 });
export const floats = (name: string, values: readonly number[]): Loose => ({ name, floats: values, type: 6 });
export const text = (name: string, s: string): Loose => ({ name, s: utf8.encode(s), type: 3 });
export const texts = (name: string, strings: readonly string[]): Loose => ({ name, strings: strings.map((s) => utf8.encode(s)), type: 8 });
export const int64s = (name: string, dims: readonly number[], values: readonly number[]): Loose => ({
  name,
  dims,
  dataType: INT64,
  int64Data: values,
});

/** nodes_* and the leaves' weights (`class_*` or `target_*`) of these trees. */
export const treeAttributes = (
  trees: readonly Tree[],
  leaves: 'class' | 'target',
  idOf: (target: number) => number = (target) => target,
): Loose[] => {
  const nodes = { treeids: [], nodeids: [], featureids: [], values: [], modes: [], truenodeids: [], falsenodeids: [], missing: [] } as {
    treeids: number[];
    nodeids: number[];
    featureids: number[];
    values: number[];
    modes: string[];
    truenodeids: number[];
    falsenodeids: number[];
    missing: number[];
  };
  const weights = { treeids: [] as number[], nodeids: [] as number[], ids: [] as number[], weights: [] as number[] };
  for (const [treeId, tree] of trees.entries()) {
    let next = 0;
    const write = (part: Tree): number => {
      const id = next++;
      const at = nodes.nodeids.length;
      nodes.treeids.push(treeId);
      nodes.nodeids.push(id);
      nodes.featureids.push(isSplit(part) ? part.column : 0);
      nodes.values.push(isSplit(part) ? part.threshold : 0);
      nodes.modes.push(isSplit(part) ? (part.mode ?? 'BRANCH_LEQ') : 'LEAF');
      nodes.missing.push(isSplit(part) && part.missingYes === true ? 1 : 0);
      nodes.truenodeids.push(0);
      nodes.falsenodeids.push(0);
      if (isSplit(part)) {
        nodes.truenodeids[at] = write(part.yes);
        nodes.falsenodeids[at] = write(part.no);
      } else
        for (const [target, weight] of [part].flat().entries()) {
          weights.treeids.push(treeId);
          weights.nodeids.push(id);
          weights.ids.push(idOf(target));
          weights.weights.push(weight);
        }
      return id;
    };
    write(tree);
  }
  return [
    ints('nodes_treeids', nodes.treeids),
    ints('nodes_nodeids', nodes.nodeids),
    ints('nodes_featureids', nodes.featureids),
    floats('nodes_values', nodes.values),
    texts('nodes_modes', nodes.modes),
    ints('nodes_truenodeids', nodes.truenodeids),
    ints('nodes_falsenodeids', nodes.falsenodeids),
    ints('nodes_missing_value_tracks_true', nodes.missing),
    ints(`${leaves}_treeids`, weights.treeids),
    ints(`${leaves}_nodeids`, weights.nodeids),
    ints(`${leaves}_ids`, weights.ids),
    floats(`${leaves}_weights`, weights.weights),
  ];
};

/** A file with the propensity contract's inputs and output around these nodes. */
export const graphFile = (width: number, nodes: readonly Loose[], initializers: readonly Loose[] = []): Uint8Array =>
  Uint8Array.from(
    ModelProto.encode(
      ModelProto.fromObject({
        irVersion: 8,
        opsetImport: [
          { domain: '', version: 17 },
          { domain: 'ai.onnx.ml', version: 3 },
        ],
        graph: {
          name: 'propensity',
          node: nodes,
          initializer: initializers,
          input: [value('features', FLOAT, ['N', width]), value('action', INT64, ['N'])],
          output: [value('propensity', FLOAT, ['N'])],
        },
      }),
    ).finish(),
  );
