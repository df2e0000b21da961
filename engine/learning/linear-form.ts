/** The linear form: weights shared by all actions, and what each action may deviate by; strongly shrunk. */
import type { FeatureDefinition } from '#contract/model.ts';
import { type AdditiveModel, fitAdditive, logistic, logOdds, type Responses, type Shrinkage } from './fit-additive.ts';
import { measureQuality } from './model-quality.ts';
import { type AdditiveWeights, additivePropensity, writeAdditiveModel } from './onnx/write-additive-model.ts';
import { type FittedForm, type Served, subset, type TrainingForm } from './training-form.ts';

/** Doubts tried, strongest first: of equal ones the strongest is taken. */
const DEVIATIONS = [3_000, 300, 30] as const;
const SHARED = [30, 3] as const;
const INTERCEPT = 3;

/**
 * Weights on a grid of 2⁻²⁰, which a 32-bit float holds exactly below 16. The optimum is known to
 * about 1e-10, so another runtime's last bit of exp() does not change the file.
 */
const onGrid = (weight: number): number => Math.round(weight * 2 ** 20) / 2 ** 20;

const weightsOf = (model: AdditiveModel): AdditiveWeights => {
  const n = model.width + 1;
  const shared = (f: number) => model.shared[f] as number;
  return {
    width: model.width,
    intercepts: Float32Array.from({ length: model.actionCount }, (_, a) => onGrid(shared(0) + (model.deviations[a * n] as number))),
    weights: Float32Array.from({ length: model.actionCount * model.width }, (_, at) => {
      const f = (at % model.width) + 1;
      return onGrid(shared(f) + (model.deviations[Math.floor(at / model.width) * n + f] as number));
    }),
  };
};

const propensitiesOf = (model: AdditiveModel, { features, width, actions, outcomes }: Responses): Float64Array =>
  Float64Array.from({ length: outcomes.length }, (_, row) => logistic(logOdds(model, features, row * width, actions[row] as number)));

export class LinearForm implements TrainingForm {
  readonly name = 'linear';
  readonly features: readonly FeatureDefinition[];
  readonly data: Responses;
  #shrinkage: Shrinkage | null = null;

  constructor(features: readonly FeatureDefinition[], data: Responses) {
    this.features = features;
    this.data = data;
  }

  choose(fitted: Uint32Array, chosen: Uint32Array, _seed: number, onStep: (step: string) => void): void {
    const data = subset(this.data, fitted);
    const checks = subset(this.data, chosen);
    let best: { shrinkage: Shrinkage; logLoss: number } | undefined;
    for (const deviation of DEVIATIONS) {
      for (const shared of SHARED) {
        const shrinkage = { shared, intercept: INTERCEPT, deviation };
        onStep(`trying shrinkage ${shared} / ${deviation}`);
        const { logLoss } = measureQuality(propensitiesOf(fitAdditive(data, shrinkage), checks), checks.outcomes);
        if (best === undefined || logLoss < best.logLoss - 1e-6) best = { shrinkage, logLoss };
      }
    }
    this.#shrinkage = best?.shrinkage ?? null;
  }

  fit(rows: Uint32Array | null): FittedForm {
    if (this.#shrinkage === null) throw new Error('no shrinkage was chosen');
    const model = fitAdditive(rows === null ? this.data : subset(this.data, rows), this.#shrinkage);
    return {
      propensities: (of) => propensitiesOf(model, subset(this.data, of)),
      served: (): Served => {
        const weights = weightsOf(model);
        return {
          onnx: writeAdditiveModel(weights),
          propensity: (vector, action) => additivePropensity(weights, vector, action),
          weights,
        };
      },
    };
  }
}
