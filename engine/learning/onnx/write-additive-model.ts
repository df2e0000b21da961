/**
 * An additive propensity model as an ONNX file:
 *
 *   features [N, F] ──────────────┐
 *   action [N] ─ Gather(weights) ─ Mul ─ ReduceSum(axis 1) ─ Add ─ Sigmoid ─ propensity [N]
 *            └── Gather(intercepts) ──────────────────────────┘
 */
import { logistic } from '../fit-additive.ts';
import { ATTRIBUTE_INT, FLOAT, INT64, ModelProto } from './schema.ts';

/** What is served: one row of weights and one intercept per action, as the 32-bit floats that are written. */
export interface AdditiveWeights {
  /** Width F of the feature vector. */
  readonly width: number;
  /** One per action. */
  readonly intercepts: Float32Array;
  /** Row-major actions × width. */
  readonly weights: Float32Array;
}

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

const tensor = (name: string, dataType: number, dims: readonly number[], rawData: Uint8Array) => ({ name, dataType, dims, rawData });
const node = (opType: string, input: readonly string[], output: string, ints: Readonly<Record<string, number>> = {}) => ({
  opType,
  input,
  output: [output],
  name: output,
  attribute: Object.entries(ints).map(([name, i]) => ({ name, i, type: ATTRIBUTE_INT })),
});
const value = (name: string, elemType: number, dims: readonly (number | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) },
    },
  },
});

/** The file's bytes; the same weights give the same bytes. */
export const writeAdditiveModel = (model: AdditiveWeights): Uint8Array => {
  const actions = model.intercepts.length;
  const message = ModelProto.fromObject({
    irVersion: IR_VERSION,
    producerName: 'sotto',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: 'propensity',
      node: [
        node('Gather', ['weights', 'action'], 'own_weights', { axis: 0 }),
        node('Mul', ['features', 'own_weights'], 'parts'),
        node('ReduceSum', ['parts', 'feature_axis'], 'sum', { keepdims: 0 }),
        node('Gather', ['intercepts', 'action'], 'own_intercept', { axis: 0 }),
        node('Add', ['sum', 'own_intercept'], 'log_odds'),
        node('Sigmoid', ['log_odds'], 'propensity'),
      ],
      initializer: [
        tensor('weights', FLOAT, [actions, model.width], floatBytes(model.weights)),
        tensor('intercepts', FLOAT, [actions], floatBytes(model.intercepts)),
        tensor('feature_axis', INT64, [1], int64Bytes([1])),
      ],
      input: [value('features', FLOAT, ['N', model.width]), value('action', INT64, ['N'])],
      output: [value('propensity', FLOAT, ['N'])],
    },
  });
  // A copy of its own: the writer may hand out a view into a pooled buffer.
  return Uint8Array.from(ModelProto.encode(message).finish());
};

/** Propensity of one row by the same weights, in 64-bit floats: what the file must agree with. */
export const additivePropensity = (model: AdditiveWeights, features: ArrayLike<number>, action: number): number => {
  let sum = model.intercepts[action] as number;
  for (let f = 0; f < model.width; f++) sum += (model.weights[action * model.width + f] as number) * (features[f] as number);
  return logistic(sum);
};
