/**
 * Somebody else's ONNX file made to keep the contract of a propensity model, by nodes before and after its own:
 *
 *   features [N, F] ─ Gather (columns) ─┬─ Concat ─ Cast ─ Reshape ─ its inputs ─ … ─ its output ─ (column) ─ (Sigmoid) ─ propensity [N]
 *   action [N] ─ Gather (codes) ────────┘
 *
 * So whatever its inputs were, one call scores all candidates of a decision. A batch fixed at one row is made free: that holds for
 * models that treat rows alike, and whoever packs it proves it by comparing with the original row by row.
 */
import type { ImportColumn, ImportMapping } from '#contract/import-mapping.ts';
import type { FeatureDefinition } from '#contract/model.ts';
import { featureWidth } from '#core';
import { decodeGraph, type Graph, type GraphNode, type ModelRest, type Value } from './model-graph.ts';
import { floatTensor, int64Tensor, node, value } from './graph-parts.ts';
import { FLOAT, INT64, ModelProto } from './schema.ts';

export type Imported =
  | { readonly ok: true; readonly onnx: Uint8Array; readonly features: readonly FeatureDefinition[]; readonly width: number }
  | { readonly ok: false; readonly faults: readonly string[] };

const DOUBLE = 11;
const INT32 = 6;
/** Element types an input may have, and what they are called. */
const TYPES = new Map([
  [FLOAT, 'float'],
  [INT64, 'int64'],
  [DOUBLE, 'double'],
  [INT32, 'int32'],
]);
/** Before the names of its own values, so that none meets one of ours. */
const OWN = 'imported/';
/** A number is taken as it is: no clipping that its maker did not foresee. */
const NO_CLIP = 1e30;
const SMALLEST_OPSET = 9;
/** Written where the file names no version of ONNX's own operators. */
const OPSET = 13;
const SMALLEST_IR = 8;

const definitionOf = (column: ImportColumn): FeatureDefinition | null => {
  if (typeof column === 'string') return { kind: 'number', field: column, mean: 0, scale: 1, clip: NO_CLIP };
  if ('action' in column || 'constant' in column) return null;
  const { field } = column;
  if ('value' in column) return { kind: 'one-hot', field, values: [column.value] };
  if ('codes' in column) return { kind: 'coded', field, codes: Object.entries(column.codes).map(([value, code]) => ({ value, code })) };
  if ('flag' in column) return { kind: 'flag', field };
  return { kind: 'number', field, mean: 0, scale: 1, clip: NO_CLIP };
};

/** The features of a mapping in order, each once. */
const featuresOf = (columns: readonly ImportColumn[]): readonly FeatureDefinition[] => {
  const features = new Map<string, FeatureDefinition>();
  for (const column of columns) {
    const feature = definitionOf(column);
    if (feature !== null) features.set(JSON.stringify(feature), feature);
  }
  return [...features.values()];
};

/** Nodes and numbers that are put before and after the model's own. */
class Around {
  readonly nodes: object[] = [];
  readonly initializers: object[] = [];
  readonly #side: string;
  #next = 0;

  constructor(side: 'before' | 'after') {
    this.#side = side;
  }

  node(opType: string, input: readonly string[], ints: Readonly<Record<string, number>> = {}, output = this.#name(opType)): string {
    this.nodes.push(node(opType, input, output, ints));
    return output;
  }

  ints(values: readonly number[]): string {
    const name = this.#name('numbers');
    this.initializers.push(int64Tensor(name, values));
    return name;
  }

  /** A column of numbers. */
  floats(values: readonly number[]): string {
    const name = this.#name('numbers');
    this.initializers.push(floatTensor(name, [values.length, 1], Float32Array.from(values)));
    return name;
  }

  #name(what: string): string {
    return `${this.#side}/${what}-${this.#next++}`;
  }
}

/** A column [N, 1] of an input, as 32-bit floats. */
const columnOf = (around: Around, column: ImportColumn, mapping: ImportMapping, places: ReadonlyMap<string, number>): string => {
  const feature = definitionOf(column);
  if (feature === null) {
    const codes = mapping.actions.map((id) => {
      if (typeof column === 'object' && 'constant' in column) return column.constant;
      return typeof column === 'object' && 'action' in column ? (column.action[id] ?? 0) : 0;
    });
    return around.node('Gather', [around.floats(codes), 'action'], { axis: 0 });
  }
  const at = places.get(JSON.stringify(feature)) ?? 0;
  const value = around.node('Gather', ['features', around.ints([at])], { axis: 1 });
  if (typeof column === 'string' || !('unknown' in column) || column.unknown === undefined || column.unknown === 0) return value;
  // An unknown number is 0 and its flag 1: what is to stand for it is added once.
  const flag = around.node('Gather', ['features', around.ints([at + 1])], { axis: 1 });
  return around.node('Add', [value, around.node('Mul', [flag, around.floats([column.unknown])])]);
};

const dimensions = (value: Value): readonly (number | null)[] =>
  (value.type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => (dimValue === undefined || dimValue === 0 ? null : dimValue));

/** Inputs that must be given: a file of an old version lists its own numbers among them. */
export const realInputs = (graph: Graph): readonly Value[] => {
  const given = new Set((graph.initializer ?? []).map(({ name }) => name));
  return (graph.input ?? []).filter(({ name }) => !given.has(name));
};

const inputFault = (input: Value, columns: readonly ImportColumn[] | undefined): string | null => {
  const name = input.name ?? '';
  const type = input.type?.tensorType?.elemType ?? 0;
  if (!TYPES.has(type)) return `the input "${name}" is of element type ${type}; float, double, int32 and int64 can be given`;
  if (columns === undefined) return `the mapping does not say what fills the input "${name}"`;
  const dims = dimensions(input);
  if (dims.length > 2) return `the input "${name}" has ${dims.length} dimensions; rows of numbers have one or two`;
  const wanted = dims.length === 2 ? dims[1] : 1;
  if (wanted !== null && wanted !== undefined && wanted !== columns.length)
    return `the input "${name}" takes ${wanted} columns and the mapping has ${columns.length}`;
  return null;
};

/** What the answer is taken from: a ZipMap's own input in place of its list of maps. */
const answerOf = (graph: Graph, name: string): { readonly from: string; readonly without: GraphNode | null } => {
  const made = (graph.node ?? []).find(({ output = [] }) => output.includes(name));
  return made?.opType === 'ZipMap' ? { from: made.input?.[0] ?? name, without: made } : { from: name, without: null };
};

const renamed = (name: string | undefined): string => (name === undefined || name === '' ? '' : `${OWN}${name}`);

export const importModel = (bytes: Uint8Array, mapping: ImportMapping): Imported => {
  const decoded = decodeGraph(bytes);
  if (!decoded.ok) return { ok: false, faults: [decoded.why] };
  const { graph, rest } = decoded;
  const inputs = realInputs(graph);
  const faults = inputs.flatMap((input) => inputFault(input, mapping.inputs[input.name ?? '']) ?? []);
  const names = inputs.map(({ name }) => name ?? '');
  for (const name of Object.keys(mapping.inputs))
    if (!names.includes(name)) faults.push(`the mapping fills "${name}", which is no input; the inputs are ${names.join(', ')}`);
  const outputs = (graph.output ?? []).map(({ name }) => name ?? '');
  if (!outputs.includes(mapping.output.name))
    faults.push(`there is no output "${mapping.output.name}"; the outputs are ${outputs.join(', ')}`);
  const opset = opsetOf(rest);
  if (opset < SMALLEST_OPSET)
    faults.push(`it is written for version ${opset} of ONNX's operators; from ${SMALLEST_OPSET} on they can be read`);
  const columns = names.flatMap((name) => mapping.inputs[name] ?? []);
  for (const column of columns) {
    if (typeof column === 'string' || !('action' in column)) continue;
    const missing = mapping.actions.filter((id) => column.action[id] === undefined);
    if (missing.length > 0) faults.push(`a column of the mapping has no number for the action ${missing.join(', ')}`);
  }
  const features = featuresOf(columns);
  if (features.length === 0) faults.push('the mapping names no field: the model would know nothing of a customer');
  const answer = answerOf(graph, mapping.output.name);
  const output = (graph.output ?? []).find(({ name }) => name === mapping.output.name);
  // A list of maps has a key a class, and a propensity is one of two.
  const classes = answer.without !== null ? 2 : output === undefined ? undefined : dimensions(output)[1];
  const { column } = mapping.output;
  if (typeof column === 'number' && typeof classes === 'number' && column >= classes)
    faults.push(`the output "${mapping.output.name}" has ${classes} columns, and none with number ${column}`);
  if (faults.length > 0) return { ok: false, faults };

  const places = new Map<string, number>();
  let width = 0;
  for (const feature of features) {
    places.set(JSON.stringify(feature), width);
    width += featureWidth([feature]);
  }
  const before = new Around('before');
  for (const input of inputs) fillInput(before, input, mapping, places);
  const after = new Around('after');
  readAnswer(after, renamed(answer.from), mapping, classes);
  return { ok: true, features, width, onnx: written(graph, rest, before, after, answer.without, width) };
};

const opsetOf = ({ opsetImport = [] }: ModelRest): number =>
  opsetImport.find(({ domain }) => domain === undefined || domain === '' || domain === 'ai.onnx')?.version ?? OPSET;

function fillInput(around: Around, input: Value, mapping: ImportMapping, places: ReadonlyMap<string, number>): void {
  const name = input.name ?? '';
  const columns = (mapping.inputs[name] ?? []).map((column) => columnOf(around, column, mapping, places));
  const all = around.node('Concat', columns, { axis: 1 });
  const type = input.type?.tensorType?.elemType ?? FLOAT;
  const typed = type === FLOAT ? all : around.node('Cast', [all], { to: type });
  const shape = dimensions(input).length === 1 ? [-1] : [-1, columns.length];
  around.node('Reshape', [typed, around.ints(shape)], {}, renamed(name));
}

function readAnswer(around: Around, from: string, { output, actions }: ImportMapping, classes: number | null | undefined): void {
  const floats = around.node('Cast', [from], { to: FLOAT });
  let answer = floats;
  if (output.column === 'action') {
    const rows = around.node('Reshape', [floats, around.ints([-1, actions.length])]);
    const place = around.node('Reshape', ['action', around.ints([-1, 1])]);
    answer = around.node('GatherElements', [rows, place], { axis: 1 });
  } else if (output.column !== undefined || (classes !== undefined && classes !== 1)) {
    // Of two classes the second is the positive one.
    answer = around.node('Gather', [floats, around.ints([output.column ?? 1])], { axis: 1 });
  }
  const flat = around.node('Reshape', [answer, around.ints([-1])], {}, output.is === 'probability' ? 'propensity' : undefined);
  if (output.is === 'log-odds') around.node('Sigmoid', [flat], {}, 'propensity');
}

function written(graph: Graph, rest: ModelRest, before: Around, after: Around, without: GraphNode | null, width: number): Uint8Array {
  const own = (graph.node ?? [])
    .filter((node) => node !== without)
    .map((node, at) => ({
      ...node,
      name: `${OWN}${at}`,
      input: (node.input ?? []).map(renamed),
      output: (node.output ?? []).map(renamed),
    }));
  const opsets = (rest.opsetImport ?? []).map(({ domain, version }) => ({ domain: domain === 'ai.onnx' ? '' : (domain ?? ''), version }));
  const message = ModelProto.fromObject({
    ...rest,
    irVersion: Math.max(SMALLEST_IR, (rest as { readonly irVersion?: number }).irVersion ?? 0),
    producerName: 'sotto',
    opsetImport: opsets.some(({ domain }) => domain === '') ? opsets : [{ domain: '', version: OPSET }, ...opsets],
    graph: {
      name: 'propensity',
      node: [...before.nodes, ...own, ...after.nodes],
      initializer: [
        ...(graph.initializer ?? []).map((tensor) => ({ ...tensor, name: renamed(tensor.name) })),
        ...before.initializers,
        ...after.initializers,
      ],
      input: [value('features', FLOAT, ['N', width]), value('action', INT64, ['N'])],
      output: [value('propensity', FLOAT, ['N'])],
      sparseInitializer: graph.sparseInitializer ?? [],
    },
  });
  return Uint8Array.from(ModelProto.encode(message).finish());
}

/**
 * The file as it is, but that the tensor an answer is read from is its one output: what runtimes that know no maps can run.
 * For comparing with what was made of it.
 */
export const originalWithAnswer = (bytes: Uint8Array, output: string): Uint8Array => {
  const model = ModelProto.toObject(ModelProto.decode(bytes), { longs: Number }) as { readonly graph: Graph };
  const { from, without } = answerOf(model.graph, output);
  const node = (model.graph.node ?? []).filter((one) => one !== without);
  const kept = (model.graph.output ?? []).filter(({ name }) => name === from);
  const exposed = kept.length > 0 ? kept : [{ name: from, type: { tensorType: { elemType: FLOAT } } }];
  return Uint8Array.from(ModelProto.encode(ModelProto.fromObject({ ...model, graph: { ...model.graph, node, output: exposed } })).finish());
};

/** Numbers of an input's columns for one row, as the mapping says: what a caller of the original would give it. */
export const originalRow = (columns: readonly ImportColumn[], field: (path: string) => unknown, action: string): number[] =>
  columns.map((column) => {
    if (typeof column === 'string') return numberOr(field(column), 0);
    if ('constant' in column) return column.constant;
    if ('action' in column) return column.action[action] ?? 0;
    const value = field(column.field);
    if ('value' in column) return value === column.value ? 1 : 0;
    if ('codes' in column) return typeof value === 'string' ? (column.codes[value] ?? 0) : 0;
    if ('flag' in column) return value === true ? 1 : 0;
    return numberOr(value, column.unknown ?? 0);
  });

const numberOr = (value: unknown, unknown: number): number => (typeof value === 'number' ? value : unknown);
