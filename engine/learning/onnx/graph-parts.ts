/** Parts of an ONNX graph, and the file they make. The same parts give the same bytes. */
import { ATTRIBUTE_INT, FLOAT, INT64, ModelProto, UINT8 } from './schema.ts';

const IR_VERSION = 8;
const OPSET = 17;

/** ONNX stores numbers with the lowest byte first, whatever the machine does. */
const floatBytes = (values: Float32Array): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [at, value] of values.entries()) view.setFloat32(at * 4, value, true);
  return new Uint8Array(view.buffer);
};

const int64Bytes = (values: readonly number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  for (const [at, value] of values.entries()) view.setBigInt64(at * 8, BigInt(value), true);
  return new Uint8Array(view.buffer);
};

export const floatTensor = (name: string, dims: readonly number[], values: Float32Array): object => ({
  name,
  dataType: FLOAT,
  dims,
  rawData: floatBytes(values),
});

/** A list of whole numbers. */
export const int64Tensor = (name: string, values: readonly number[]): object => ({
  name,
  dataType: INT64,
  dims: [values.length],
  rawData: int64Bytes(values),
});

export const byteTensor = (name: string, dims: readonly number[], values: Uint8Array): object => ({
  name,
  dataType: UINT8,
  dims,
  rawData: values,
});

export const node = (opType: string, input: readonly string[], output: string, ints: Readonly<Record<string, number>> = {}): object => ({
  opType,
  input,
  output: [output],
  name: output,
  attribute: Object.entries(ints).map(([name, i]) => ({ name, i, type: ATTRIBUTE_INT })),
});

/** An input or output; a dimension with a name is free. */
export const value = (name: string, elemType: number, dims: readonly (number | string)[]): object => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) },
    },
  },
});

/** `classical`: version of the operators of ai.onnx.ml, where the graph has any. */
export const modelBytes = (graph: object, classical?: number): Uint8Array => {
  const message = ModelProto.fromObject({
    irVersion: IR_VERSION,
    producerName: 'sotto',
    opsetImport: [{ domain: '', version: OPSET }, ...(classical === undefined ? [] : [{ domain: 'ai.onnx.ml', version: classical }])],
    graph,
  });
  // A copy of its own: the writer may hand out a view into a pooled buffer.
  return Uint8Array.from(ModelProto.encode(message).finish());
};
