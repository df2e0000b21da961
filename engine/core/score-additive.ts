/**
 * Propensities of an additive model for all candidates of one decision.
 *
 * z = intercept + Σ dense, in the order of the columns, then + Σ sparse, in theirs; P = 1 / (1 + exp(−z)). Four candidates
 * are summed side by side: each keeps its own order of additions, so the result is the plain loop's to the last bit.
 */
import { exp } from './exponential.ts';
import type { FeatureDefinition } from '#contract/model.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { type AdditiveModel, type CompiledFeature, isDense } from './compile-model.ts';
import type { FieldFact } from './facts.ts';

/** What a profile comes to as features: its numbers, and the features that are still to be read. */
interface ScaledProfile {
  readonly dense: Float64Array;
  readonly rest: readonly CompiledFeature[];
}

/** One number, which follows from the profile alone. */
const isSettled = ({ definition, field }: CompiledFeature, values: readonly FieldFact[]): boolean =>
  isDense(definition) && definition.field.startsWith('profile.') && isKnown(definition.kind, values[field]);

function isKnown(kind: FeatureDefinition['kind'], value: FieldFact | undefined): boolean {
  switch (kind) {
    case 'number':
      return typeof value === 'number';
    case 'flag':
      return typeof value === 'boolean';
    case 'coded':
    case 'one-hot':
      return typeof value === 'string';
    case 'contains':
      return Array.isArray(value);
  }
}

export class AdditiveScorer {
  readonly #model: AdditiveModel;
  readonly #dense: Float64Array;
  readonly #sparseColumns: Int32Array;
  readonly #sparseValues: Float64Array;
  #sparseCount = 0;
  readonly #profiles = new WeakMap<ProfileSlice, ScaledProfile>();

  constructor(model: AdditiveModel) {
    this.#model = model;
    this.#dense = new Float64Array(model.denseWidth);
    this.#sparseColumns = new Int32Array(model.sparseWidth);
    this.#sparseValues = new Float64Array(model.sparseWidth);
  }

  /**
   * Writes P of each candidate into `propensity`, NaN for an action the model does not know. `values`: by index into the
   * revision's fields; `profile`: the one whose fields they have as it has them, where there is one.
   */
  score(values: readonly FieldFact[], profile: ProfileSlice | null, actions: Int32Array, propensity: Float64Array): void {
    this.#sparseCount = 0;
    if (profile === null) this.#readFeatures(this.#model.features, values);
    else {
      const { dense, rest } = this.#scaled(profile, values);
      this.#dense.set(dense);
      this.#readFeatures(rest, values);
    }
    addDense(this.#model, this.#dense, actions, propensity);
    if (this.#sparseCount > 0) this.#addSparse(actions, propensity);
    toShares(propensity, actions.length);
  }

  #scaled(profile: ProfileSlice, values: readonly FieldFact[]): ScaledProfile {
    let known = this.#profiles.get(profile);
    if (known === undefined) {
      this.#readFeatures(this.#model.features, values);
      this.#sparseCount = 0;
      const rest = this.#model.features.filter((feature) => !isSettled(feature, values));
      known = { dense: this.#dense.slice(), rest };
      this.#profiles.set(profile, known);
    }
    return known;
  }

  #readFeatures(features: readonly CompiledFeature[], values: readonly FieldFact[]): void {
    for (const { definition, field, column, unknownColumn, byValue } of features) {
      const value = values[field];
      switch (definition.kind) {
        case 'number': {
          let scaled = 0;
          if (typeof value === 'number') {
            scaled = (value - definition.mean) / definition.scale;
            if (scaled > definition.clip) scaled = definition.clip;
            else if (scaled < -definition.clip) scaled = -definition.clip;
          }
          this.#dense[column] = scaled;
          break;
        }
        case 'coded':
          this.#dense[column] = typeof value === 'string' ? (byValue.get(value) ?? 0) : 0;
          break;
        case 'flag':
          this.#dense[column] = value === true ? 1 : 0;
          break;
        case 'one-hot': {
          const place = typeof value === 'string' ? byValue.get(value) : undefined;
          if (place !== undefined) this.#set(column + place, 1);
          break;
        }
        case 'contains':
          if (Array.isArray(value)) {
            for (const [option, place] of byValue) if (value.includes(option)) this.#set(column + place, 1);
          }
          break;
      }
      if (!isKnown(definition.kind, value)) this.#set(unknownColumn, 1);
    }
  }

  #set(column: number, value: number): void {
    this.#sparseColumns[this.#sparseCount] = column;
    this.#sparseValues[this.#sparseCount++] = value;
  }

  #addSparse(actions: Int32Array, sums: Float64Array): void {
    const { sparse: weights, sparseWidth } = this.#model;
    for (let i = 0; i < actions.length; i++) {
      const row = (actions[i] as number) * sparseWidth;
      let sum = sums[i] as number;
      for (let k = 0; k < this.#sparseCount; k++) {
        sum += (weights[row + (this.#sparseColumns[k] as number)] as number) * (this.#sparseValues[k] as number);
      }
      sums[i] = sum;
    }
  }
}

function addDense({ dense, denseWidth }: AdditiveModel, x: Float64Array, actions: Int32Array, sums: Float64Array): void {
  const whole = actions.length & -4;
  for (let i = 0; i < whole; i += 4) addFour(dense, denseWidth, x, actions, sums, i);
  for (let i = whole; i < actions.length; i++) addOne(dense, denseWidth, x, actions, sums, i);
}

/** The candidates at `i` to `i` + 3. */
function addFour(weights: Float64Array, width: number, x: Float64Array, actions: Int32Array, sums: Float64Array, i: number): void {
  let a = (actions[i] as number) * (width + 1);
  let b = (actions[i + 1] as number) * (width + 1);
  let c = (actions[i + 2] as number) * (width + 1);
  let d = (actions[i + 3] as number) * (width + 1);
  let sumA = weights[a++] as number;
  let sumB = weights[b++] as number;
  let sumC = weights[c++] as number;
  let sumD = weights[d++] as number;
  for (let k = 0; k < width; k++) {
    const value = x[k] as number;
    sumA += (weights[a + k] as number) * value;
    sumB += (weights[b + k] as number) * value;
    sumC += (weights[c + k] as number) * value;
    sumD += (weights[d + k] as number) * value;
  }
  sums[i] = sumA;
  sums[i + 1] = sumB;
  sums[i + 2] = sumC;
  sums[i + 3] = sumD;
}

function addOne(weights: Float64Array, width: number, x: Float64Array, actions: Int32Array, sums: Float64Array, i: number): void {
  let a = (actions[i] as number) * (width + 1);
  let sum = weights[a++] as number;
  for (let k = 0; k < width; k++) sum += (weights[a + k] as number) * (x[k] as number);
  sums[i] = sum;
}

function toShares(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) values[i] = 1 / (1 + exp(-(values[i] as number)));
}
