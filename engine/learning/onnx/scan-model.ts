/** What a model file says about itself, read without running it: the check before a runtime sees the bytes. */
import { type Attribute, decodeGraph, type Graph, type ModelRest, type Tensor, type Value } from './model-graph.ts';
import { EXTERNAL, FLOAT, INT64 } from './schema.ts';

/** Why a model file is not taken. */
export type ModelFault =
  | 'not-onnx'
  | 'too-large'
  | 'external-data'
  | 'custom-operator'
  | 'forbidden-operator'
  | 'inner-graph'
  | 'sparse-data'
  | 'wrong-size'
  | 'not-a-number'
  | 'wrong-inputs'
  | 'wrong-output';

interface Found {
  readonly code: ModelFault;
  readonly detail: string;
}

/** Largest file that is read at all. */
export const MAX_MODEL_BYTES = 16 * 1024 * 1024;
/** Largest number of nodes of a graph, and of numbers in one of its tensors. */
const MAX_NODES = 10_000;
const MAX_NUMBERS = 4 * 1024 * 1024;

/**
 * The operators a model may be made of, by domain: none repeats (Loop, Scan), branches (If), makes room of a size
 * that it works out (Expand, Tile, Range, ConstantOfShape, OneHot), draws chance, or reads anything. What remains can still
 * multiply two shapes: how much memory a run takes is not bounded here.
 */
const OPERATORS: Readonly<Record<string, ReadonlySet<string>>> = {
  onnx: new Set(
    'Abs Add And ArgMax Cast Clip Concat Constant Div Equal Exp Flatten Floor Gather GatherElements Gemm Greater GreaterOrEqual Identity'
      .concat(' Less LessOrEqual Log MatMul Max Min Mul Neg Not Or Pow ReduceMax ReduceMean ReduceSum Relu Reshape Shape Sigmoid Slice')
      .concat(' Softmax Sqrt Squeeze Sub Sum Tanh Transpose Unsqueeze Where')
      .split(' '),
  ),
  'ai.onnx.ml': new Set(
    'ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer LinearClassifier LinearRegressor Normalizer Scaler'
      .concat(' SVMClassifier SVMRegressor TreeEnsembleClassifier TreeEnsembleRegressor')
      .split(' '),
  ),
};

/** ONNX's own operators, and its operators of classical machine learning; undefined for anybody else's. */
const operatorsOf = (domain: string | undefined): ReadonlySet<string> | undefined =>
  domain === undefined || domain === '' || domain === 'ai.onnx' ? OPERATORS['onnx'] : OPERATORS[domain];

const isExternal = (tensor: Tensor): boolean => tensor.dataLocation === EXTERNAL || (tensor.externalData?.length ?? 0) > 0;

/** A graph of its own, or a name of a function's. */
const isInner = ({ g, graphs = [], refAttrName = '' }: Attribute): boolean =>
  (g !== undefined && g !== null) || graphs.length > 0 || refAttrName !== '';

const isSparse = ({ sparseTensor, sparseTensors = [] }: Attribute): boolean =>
  (sparseTensor !== undefined && sparseTensor !== null) || sparseTensors.length > 0;

const attributesOf = (graph: Graph): readonly Attribute[] => (graph.node ?? []).flatMap(({ attribute }) => attribute ?? []);

const tensorsOf = (graph: Graph): readonly Tensor[] => [
  ...(graph.initializer ?? []),
  ...attributesOf(graph).flatMap(({ t, tensors = [], g }) => [...(t ? [t] : []), ...tensors, ...(g ? tensorsOf(g) : [])]),
];

/** In words what is wrong with a tensor's size; null when its shape is the count of the numbers it holds. */
function wrongSize({ name = '', dims = [], dataType, rawData, floatData = [], int64Data = [] }: Tensor): string | null {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0) || count > MAX_NUMBERS)
    return `the numbers "${name}" have the shape [${dims.join(', ')}]; at most ${MAX_NUMBERS} fit`;
  const size = dataType === FLOAT ? 4 : dataType === INT64 ? 8 : null;
  // Of another type the runtime counts itself.
  if (size === null) return null;
  const held =
    rawData !== undefined && rawData.length > 0 ? rawData.length / size : dataType === FLOAT ? floatData.length : int64Data.length;
  return held === count ? null : `the numbers "${name}" have the shape [${dims.join(', ')}] and are ${held}`;
}

const isNumber = (value: number): boolean => Number.isFinite(value);

/** Whether all weights are numbers: an infinite or missing one gives an answer that means nothing. */
function holdsNumbers({ dataType, rawData, floatData = [] }: Tensor): boolean {
  if (dataType !== FLOAT) return true;
  if (rawData === undefined || rawData.length === 0) return floatData.every(isNumber);
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  for (let at = 0; at + 4 <= rawData.length; at += 4) if (!isNumber(view.getFloat32(at, true))) return false;
  return true;
}

/** `float32 [N, 4]`, with a name or `?` for a dimension that is free. */
const shapeOf = (value: Value): string => {
  const type = value.type?.tensorType;
  const kind = type?.elemType === FLOAT ? 'float32' : type?.elemType === INT64 ? 'int64' : `type ${type?.elemType ?? 'unknown'}`;
  const dims = (type?.shape?.dim ?? []).map(({ dimValue }) => (dimValue === undefined || dimValue === 0 ? 'N' : String(dimValue)));
  return `${value.name ?? ''}: ${kind} [${dims.join(', ')}]`;
};

function* faultsOfGraph(graph: Graph, rest: ModelRest): Generator<Found> {
  const nodes = graph.node ?? [];
  const attributes = attributesOf(graph);
  const tensors = tensorsOf(graph);
  if (nodes.length > MAX_NODES) yield { code: 'too-large', detail: `the graph has ${nodes.length} nodes; at most ${MAX_NODES} are taken` };
  if (tensors.some(isExternal)) yield { code: 'external-data', detail: 'numbers lie outside the file; save the model as one file' };
  const custom =
    nodes.find(({ domain }) => operatorsOf(domain) === undefined) ??
    rest.opsetImport?.find(({ domain }) => operatorsOf(domain) === undefined);
  if (custom !== undefined) yield { code: 'custom-operator', detail: `an operator of "${custom.domain}" is not part of ONNX` };
  const forbidden = nodes.find(({ domain, opType = '' }) => operatorsOf(domain)?.has(opType) === false);
  if (forbidden !== undefined)
    yield { code: 'forbidden-operator', detail: `the operator ${forbidden.opType || '(none)'} is not one that a model may use` };
  if (attributes.some(isInner) || (rest.functions ?? []).length > 0 || (rest.trainingInfo ?? []).length > 0)
    yield { code: 'inner-graph', detail: 'the file holds a graph inside another, a function or a way to train it; save the plain model' };
  if ((graph.sparseInitializer ?? []).length > 0 || attributes.some(isSparse))
    yield { code: 'sparse-data', detail: 'sparse numbers are not taken; save them in full' };
  const size = tensors
    .filter((tensor) => !isExternal(tensor))
    .map(wrongSize)
    .find((words) => words !== null);
  if (size !== undefined) yield { code: 'wrong-size', detail: size };
  if (!tensors.every(holdsNumbers) || !attributes.every(({ floats = [] }) => floats.every(isNumber)))
    yield { code: 'not-a-number', detail: 'a weight is infinite or not a number' };
}

interface Wanted {
  readonly inputs: string;
  readonly outputs: string;
}

/** What all kinds are held to, whatever they take and give. */
function scanModel(bytes: Uint8Array, wanted: Wanted): readonly Found[] {
  if (bytes.length > MAX_MODEL_BYTES)
    return [{ code: 'too-large', detail: `the file has ${bytes.length} bytes; at most ${MAX_MODEL_BYTES} are taken` }];
  const decoded = decodeGraph(bytes);
  if (!decoded.ok) return [{ code: 'not-onnx', detail: decoded.why }];
  const { graph, rest } = decoded;
  const faults: Found[] = [...faultsOfGraph(graph, rest)];
  const inputs = (graph.input ?? []).map(shapeOf).toSorted().join('; ');
  if (inputs !== wanted.inputs) faults.push({ code: 'wrong-inputs', detail: `inputs are ${inputs}; they must be ${wanted.inputs}` });
  const outputs = (graph.output ?? []).map(shapeOf).join('; ');
  if (outputs !== wanted.outputs)
    faults.push({ code: 'wrong-output', detail: `outputs are ${outputs}; there must be one, ${wanted.outputs}` });
  return faults;
}

/** Faults of a file that should be a propensity model of this width (contract/model.ts); empty = it may be loaded. */
export const scanPropensityModel = (bytes: Uint8Array, width: number): readonly Found[] =>
  scanModel(bytes, { inputs: `action: int64 [N]; features: float32 [N, ${width}]`, outputs: 'propensity: float32 [N]' });

/** Faults of a file that should tell intents with so many probabilities (contract/text-model.ts); empty = it may be loaded. */
export const scanIntentModel = (bytes: Uint8Array, classes: number): readonly Found[] =>
  scanModel(bytes, { inputs: 'places: int64 [N, N]; weights: float32 [N, N]', outputs: `probabilities: float32 [N, ${classes}]` });
