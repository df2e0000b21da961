/**
 * An additive propensity model as an ONNX file:
 *
 *   features [N, F] ──────────────┐
 *   action [N] ─ Gather(weights) ─ Mul ─ ReduceSum(axis 1) ─ Add ─ Sigmoid ─ propensity [N]
 *            └── Gather(intercepts) ──────────────────────────┘
 */
import { logistic } from '../fit-additive.ts';
import { floatTensor, int64Tensor, modelBytes, node, value } from './graph-parts.ts';
import { FLOAT, INT64 } from './schema.ts';

/** What is served: one row of weights and one intercept per action, as the 32-bit floats that are written. */
export interface AdditiveWeights {
  /** Width F of the feature vector. */
  readonly width: number;
  /** One per action. */
  readonly intercepts: Float32Array;
  /** Row-major actions × width. */
  readonly weights: Float32Array;
}

/** The file's bytes; the same weights give the same bytes. */
export const writeAdditiveModel = (model: AdditiveWeights): Uint8Array => {
  const actions = model.intercepts.length;
  return modelBytes({
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
      floatTensor('weights', [actions, model.width], model.weights),
      floatTensor('intercepts', [actions], model.intercepts),
      int64Tensor('feature_axis', [1]),
    ],
    input: [value('features', FLOAT, ['N', model.width]), value('action', INT64, ['N'])],
    output: [value('propensity', FLOAT, ['N'])],
  });
};

/** Propensity of one row by the same weights, in 64-bit floats: what the file must agree with. */
export const additivePropensity = (model: AdditiveWeights, features: ArrayLike<number>, action: number): number => {
  let sum = model.intercepts[action] as number;
  for (let f = 0; f < model.width; f++) sum += (model.weights[action * model.width + f] as number) * (features[f] as number);
  return logistic(sum);
};
