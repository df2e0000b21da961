/**
 * An additive propensity model for all actions at once, strongly shrunk:
 *
 *   logit p(x, a) = b + c_a + Σ_f (w_f + d_af) · x_f
 *
 * Weights w are shared by all actions; each action may deviate by d_a as far as its own responses
 * pay for it. The penalised log likelihood is strictly convex and solved by Newton's method. Its
 * Hessian is an arrow (one shared block, one block per action that touches only the shared one),
 * so each step is one small Cholesky per action and one for the shared part:
 *
 *   ⎡ S   G₁  G₂ … ⎤   G_a = X_aᵀ R X_a over the action's rows, r = p(1 − p)
 *   ⎢ G₁  D₁       ⎥   S   = Σ G_a + Λ_shared
 *   ⎣ G₂      D₂ … ⎦   D_a = G_a + Λ_deviation
 *
 * (Schur complement; Boyd & Vandenberghe, Convex Optimization, C.4.) Every sum runs in row order:
 * the same rows give the same bits.
 */
import { exp } from '#core';
import { choleskyInPlace, choleskySolve, forwardSolve } from './cholesky.ts';

export interface Responses {
  /** Row-major rows × width. */
  readonly features: Float32Array;
  readonly width: number;
  /** Action of each row, 0 … actionCount − 1. */
  readonly actions: Uint32Array;
  readonly actionCount: number;
  /** 1 = positive, 0 = not. */
  readonly outcomes: Uint8Array;
}

/** Penalties ½·λ·weight² on the summed log loss: a λ of 100 is worth a hundred responses' doubt. */
export interface Shrinkage {
  /** On the shared weights (not on the intercept b). */
  readonly shared: number;
  /** On each action's own intercept c_a. */
  readonly intercept: number;
  /** On each action's own weights d_a. */
  readonly deviation: number;
}

export interface AdditiveModel {
  readonly width: number;
  readonly actionCount: number;
  /** b, then w. */
  readonly shared: Float64Array;
  /** Per action c_a, then d_a. */
  readonly deviations: Float64Array;
}

const MAX_STEPS = 50;
const MAX_HALVINGS = 30;
/** Largest step in any weight at which the optimum counts as reached: far below the grid the weights are rounded to. */
const REACHED = 1e-10;
/** Keeps the shared intercept's block definite; far too small to move it. */
const INTERCEPT_RIDGE = 1e-9;

/** 1 / (1 + e^−x) without overflow on either side. */
export const logistic = (x: number): number => {
  const small = exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + small) : small / (1 + small);
};

/** log(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(exp(-Math.abs(x)));

/** The model's log-odds for one row of features. */
export const logOdds = (model: AdditiveModel, features: Float32Array, from: number, action: number): number => {
  const own = action * (model.width + 1);
  let sum = (model.shared[0] as number) + (model.deviations[own] as number);
  for (let f = 0; f < model.width; f++)
    sum += ((model.shared[f + 1] as number) + (model.deviations[own + f + 1] as number)) * (features[from + f] as number);
  return sum;
};

/** The penalised objective: what fitAdditive minimises. */
export const penalisedLoss = (model: AdditiveModel, data: Responses, shrinkage: Shrinkage): number => {
  let loss = 0;
  for (let row = 0; row < data.outcomes.length; row++) {
    const odds = logOdds(model, data.features, row * data.width, data.actions[row] as number);
    loss += softplus(odds) - (data.outcomes[row] === 1 ? odds : 0);
  }
  const n = data.width + 1;
  let penalty = INTERCEPT_RIDGE * (model.shared[0] as number) ** 2;
  for (let f = 1; f < n; f++) penalty += shrinkage.shared * (model.shared[f] as number) ** 2;
  for (let at = 0; at < model.deviations.length; at++)
    penalty += (at % n === 0 ? shrinkage.intercept : shrinkage.deviation) * (model.deviations[at] as number) ** 2;
  return loss + penalty / 2;
};

/** Gradient (per action) and G_a (lower triangles mirrored) at the model's present weights. */
const curvature = (model: AdditiveModel, data: Responses): { gradient: Float64Array; blocks: Float64Array } => {
  const n = data.width + 1;
  const gradient = new Float64Array(data.actionCount * n);
  const blocks = new Float64Array(data.actionCount * n * n);
  const nonZero = new Uint32Array(n);
  const x = new Float64Array(n);
  x[0] = 1;
  for (let row = 0; row < data.outcomes.length; row++) {
    const action = data.actions[row] as number;
    const from = row * data.width;
    const p = logistic(logOdds(model, data.features, from, action));
    const error = p - (data.outcomes[row] as number);
    const weight = p * (1 - p);
    // Most features are zero (one-hot, flags): only the others are walked.
    let count = 1;
    for (let f = 0; f < data.width; f++) {
      const value = data.features[from + f] as number;
      x[f + 1] = value;
      if (value !== 0) nonZero[count++] = f + 1;
    }
    for (let i = 0; i < count; i++) {
      const f = nonZero[i] as number;
      const value = x[f] as number;
      gradient[action * n + f] = (gradient[action * n + f] as number) + error * value;
      const at = (action * n + f) * n;
      const weighted = weight * value;
      for (let j = 0; j <= i; j++) {
        const g = nonZero[j] as number;
        blocks[at + g] = (blocks[at + g] as number) + weighted * (x[g] as number);
      }
    }
  }
  for (let action = 0; action < data.actionCount; action++) {
    const from = action * n * n;
    for (let f = 0; f < n; f++) for (let g = 0; g < f; g++) blocks[from + g * n + f] = blocks[from + f * n + g] as number;
  }
  return { gradient, blocks };
};

/** The Newton step, as a model-shaped change of weights. */
const newtonStep = (model: AdditiveModel, data: Responses, shrinkage: Shrinkage): AdditiveModel => {
  const n = data.width + 1;
  const { gradient, blocks } = curvature(model, data);
  const shared = new Float64Array(n);
  const schur = new Float64Array(n * n);
  for (let f = 0; f < n; f++) {
    const ridge = f === 0 ? INTERCEPT_RIDGE : shrinkage.shared;
    schur[f * n + f] = ridge;
    shared[f] = -ridge * (model.shared[f] as number);
  }
  const own = new Float64Array(data.actionCount * n);
  const lowers = new Float64Array(data.actionCount * n * n);
  const half = new Float64Array(n * n);
  for (let action = 0; action < data.actionCount; action++) {
    const at = action * n * n;
    const lower = lowers.subarray(at, at + n * n);
    const block = blocks.subarray(at, at + n * n);
    lower.set(block);
    for (let f = 0; f < n; f++) {
      const ridge = f === 0 ? shrinkage.intercept : shrinkage.deviation;
      lower[f * n + f] = (lower[f * n + f] as number) + ridge;
      own[action * n + f] = -(gradient[action * n + f] as number) - ridge * (model.deviations[action * n + f] as number);
      shared[f] = (shared[f] as number) - (gradient[action * n + f] as number);
    }
    if (!choleskyInPlace(lower, n))
      throw new Error(`the curvature of action ${action} is not positive definite; are all penalties above zero?`);
    choleskySolve(lower, n, own, action * n);
    // D = LLᵀ, so G·D⁻¹·G is YᵀY with Y = L⁻¹G. G is symmetric: its rows serve as its columns.
    half.set(block);
    for (let f = 0; f < n; f++) forwardSolve(lower, n, half, f * n);
    for (let f = 0; f < n; f++) {
      let ofOwn = 0;
      for (let k = 0; k < n; k++) ofOwn += (block[f * n + k] as number) * (own[action * n + k] as number);
      shared[f] = (shared[f] as number) - ofOwn;
      for (let g = 0; g <= f; g++) {
        let product = block[f * n + g] as number;
        for (let k = 0; k < n; k++) product -= (half[f * n + k] as number) * (half[g * n + k] as number);
        schur[f * n + g] = (schur[f * n + g] as number) + product;
      }
    }
  }
  if (!choleskyInPlace(schur, n)) throw new Error('the shared curvature is not positive definite; are all penalties above zero?');
  choleskySolve(schur, n, shared);
  const through = new Float64Array(n);
  for (let action = 0; action < data.actionCount; action++) {
    const at = action * n * n;
    for (let f = 0; f < n; f++) {
      let sum = 0;
      for (let g = 0; g < n; g++) sum += (blocks[at + f * n + g] as number) * (shared[g] as number);
      through[f] = sum;
    }
    choleskySolve(lowers.subarray(at, at + n * n), n, through);
    for (let f = 0; f < n; f++) own[action * n + f] = (own[action * n + f] as number) - (through[f] as number);
  }
  return { width: data.width, actionCount: data.actionCount, shared, deviations: own };
};

const moved = (model: AdditiveModel, step: AdditiveModel, fraction: number): AdditiveModel => ({
  ...model,
  shared: model.shared.map((weight, at) => weight + fraction * (step.shared[at] as number)),
  deviations: model.deviations.map((weight, at) => weight + fraction * (step.deviations[at] as number)),
});

const largest = (step: AdditiveModel): number => {
  let most = 0;
  for (const weight of step.shared) most = Math.max(most, Math.abs(weight));
  for (const weight of step.deviations) most = Math.max(most, Math.abs(weight));
  return most;
};

/** The one optimum for these rows and penalties (all > 0). Throws where Newton's method does not arrive in 50 steps: a broken invariant. */
export const fitAdditive = (data: Responses, shrinkage: Shrinkage): AdditiveModel => {
  const n = data.width + 1;
  let model: AdditiveModel = {
    width: data.width,
    actionCount: data.actionCount,
    shared: new Float64Array(n),
    deviations: new Float64Array(data.actionCount * n),
  };
  let loss = penalisedLoss(model, data, shrinkage);
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const step = newtonStep(model, data, shrinkage);
    if (largest(step) <= REACHED) return moved(model, step, 1);
    let fraction = 1;
    let next = moved(model, step, fraction);
    let nextLoss = penalisedLoss(next, data, shrinkage);
    // Far from the optimum a whole step can overshoot; rounding near it must not stop the way.
    for (let halvings = 0; nextLoss > loss * (1 + 1e-12) && halvings < MAX_HALVINGS; halvings++) {
      fraction /= 2;
      next = moved(model, step, fraction);
      nextLoss = penalisedLoss(next, data, shrinkage);
    }
    model = next;
    loss = nextLoss;
  }
  throw new Error(`the fit of ${data.outcomes.length} rows did not arrive in ${MAX_STEPS} steps`);
};
