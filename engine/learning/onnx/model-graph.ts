/** The graph of an ONNX file, decoded, with look-ups by name. */
import { FLOAT, INT64, ModelProto } from './schema.ts';

export interface Tensor {
  readonly name?: string;
  readonly dims?: readonly number[];
  readonly dataType?: number;
  readonly dataLocation?: number;
  readonly rawData?: Uint8Array;
  readonly floatData?: readonly number[];
  readonly int64Data?: readonly number[];
  readonly externalData?: readonly unknown[];
}

export interface Attribute {
  readonly name?: string;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: Tensor;
  readonly g?: Graph;
  readonly tensors?: readonly Tensor[];
  /** Present or not; never read. */
  readonly graphs?: readonly object[];
  readonly sparseTensor?: object;
  readonly sparseTensors?: readonly object[];
  readonly refAttrName?: string;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly strings?: readonly Uint8Array[];
}

export interface GraphNode {
  readonly opType?: string;
  readonly domain?: string;
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly attribute?: readonly Attribute[];
}

export interface Value {
  readonly name?: string;
  readonly type?: { readonly tensorType?: { readonly elemType?: number; readonly shape?: { readonly dim?: readonly Dimension[] } } };
}
export interface Dimension {
  readonly dimValue?: number;
  readonly dimParam?: string;
}

export interface Graph {
  readonly node?: readonly GraphNode[];
  readonly initializer?: readonly Tensor[];
  readonly input?: readonly Value[];
  readonly output?: readonly Value[];
  readonly sparseInitializer?: readonly object[];
}

/** What a file holds beside its graph. */
export interface ModelRest {
  readonly opsetImport?: readonly { readonly domain?: string; readonly version?: number }[];
  readonly functions?: readonly object[];
  readonly trainingInfo?: readonly object[];
}

/** The file's graph and what stands beside it, or in words why there is none. */
export const decodeGraph = (
  bytes: Uint8Array,
): { readonly ok: true; readonly graph: Graph; readonly rest: ModelRest } | { readonly ok: false; readonly why: string } => {
  try {
    const { graph, ...rest } = ModelProto.toObject(ModelProto.decode(bytes), { longs: Number }) as ModelRest & { graph?: Graph };
    return graph === undefined ? { ok: false, why: 'the file holds no graph' } : { ok: true, graph, rest };
  } catch {
    // The library's own message is not repeated: it may quote the bytes.
    return { ok: false, why: 'the bytes are not an ONNX file' };
  }
};

const decoder = new TextDecoder();

/** A node's attributes by name; null where it has no such attribute. */
export class Attributes {
  readonly #byName: ReadonlyMap<string, Attribute>;

  constructor(node: GraphNode) {
    this.#byName = new Map((node.attribute ?? []).map((attribute) => [attribute.name ?? '', attribute]));
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  int(name: string): number | null {
    return this.#byName.get(name)?.i ?? null;
  }

  text(name: string): string | null {
    const bytes = this.#byName.get(name)?.s;
    return bytes === undefined ? null : decoder.decode(bytes);
  }

  tensor(name: string): Tensor | null {
    return this.#byName.get(name)?.t ?? null;
  }

  ints(name: string): readonly number[] {
    return this.#byName.get(name)?.ints ?? [];
  }

  floats(name: string): readonly number[] {
    return this.#byName.get(name)?.floats ?? [];
  }

  texts(name: string): readonly string[] {
    return (this.#byName.get(name)?.strings ?? []).map((bytes) => decoder.decode(bytes));
  }
}

/** Who makes what in a graph. */
export class GraphIndex {
  readonly #producers = new Map<string, GraphNode>();
  readonly #constants = new Map<string, Tensor>();

  constructor(graph: Graph) {
    for (const node of graph.node ?? []) for (const output of node.output ?? []) this.#producers.set(output, node);
    for (const tensor of graph.initializer ?? []) this.#constants.set(tensor.name ?? '', tensor);
  }

  /** The node that makes a value; null for inputs and initializers. */
  producer(value: string | undefined): GraphNode | null {
    return this.#producers.get(value ?? '') ?? null;
  }

  /** Numbers and shape of a value that is part of the file: float32 or int64. Null where it is not, or is of another type. */
  constant(value: string | undefined): { readonly dims: readonly number[]; readonly numbers: Float64Array } | null {
    const producer = this.producer(value);
    const tensor = producer?.opType === 'Constant' ? new Attributes(producer).tensor('value') : (this.#constants.get(value ?? '') ?? null);
    const numbers = tensor === null ? null : numbersOf(tensor);
    return tensor === null || numbers === null ? null : { dims: tensor.dims ?? [], numbers };
  }
}

/** A tensor's numbers, whichever of the two ways they are stored in; null for other types and where their count is not its shape's. */
function numbersOf({ dataType, dims = [], rawData, floatData = [], int64Data = [] }: Tensor): Float64Array | null {
  if (dataType !== FLOAT && dataType !== INT64) return null;
  const count = dims.reduce((product, dim) => product * dim, 1);
  const size = dataType === FLOAT ? 4 : 8;
  if (rawData === undefined || rawData.length === 0) {
    const stored = dataType === FLOAT ? floatData : int64Data;
    return stored.length === count ? Float64Array.from(stored) : null;
  }
  if (rawData.length !== count * size) return null;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Float64Array.from({ length: count }, (_, at) =>
    dataType === FLOAT ? view.getFloat32(at * size, true) : Number(view.getBigInt64(at * size, true)),
  );
}
