/** How good an adaptive model is on responses in the order they came: it says, then hears, then learns, once each. */
import { measureQuality, type ModelQuality } from '../model-quality.ts';
import { AdaptiveModel } from './adaptive-model.ts';
import type { AdaptiveShape, Cell } from './response-encoder.ts';

type Figures = Pick<ModelQuality, 'auc' | 'logLoss'>;

export interface Progress extends Figures {
  readonly n: number;
  readonly positives: number;
  /** The last fifth: whether it has kept up. Null where a class is empty there. */
  readonly last20: Figures | null;
}

const hasBoth = (outcomes: Uint8Array): boolean => outcomes.includes(0) && outcomes.includes(1);

const figuresOf = (said: Float64Array, outcomes: Uint8Array): Figures => {
  const { auc, logLoss } = measureQuality(said, outcomes);
  return { auc, logLoss };
};

export class ProgressiveValidation {
  readonly model: AdaptiveModel;
  #said = new Float64Array(1_024);
  #outcomes = new Uint8Array(1_024);
  #n = 0;

  constructor(shape: AdaptiveShape) {
    this.model = new AdaptiveModel(shape);
  }

  /** One response in its turn; returns the propensity said before its outcome was known. */
  take(action: readonly Cell[], features: readonly Cell[], isPositive: boolean): number {
    if (this.#n === this.#said.length) {
      const [said, outcomes] = [new Float64Array(2 * this.#n), new Uint8Array(2 * this.#n)];
      said.set(this.#said);
      outcomes.set(this.#outcomes);
      [this.#said, this.#outcomes] = [said, outcomes];
    }
    const said = this.model.learn(action, features, isPositive);
    this.#said[this.#n] = said;
    this.#outcomes[this.#n] = isPositive ? 1 : 0;
    this.#n += 1;
    return said;
  }

  /** Null where one class never came: there is nothing to tell apart. */
  progress(): Progress | null {
    const said = this.#said.subarray(0, this.#n);
    const outcomes = this.#outcomes.subarray(0, this.#n);
    if (!hasBoth(outcomes)) return null;
    const from = Math.floor(this.#n * 0.8);
    const last = outcomes.subarray(from);
    return {
      n: this.#n,
      positives: this.model.positives,
      ...figuresOf(said, outcomes),
      last20: hasBoth(last) ? figuresOf(said.subarray(from), last) : null,
    };
  }
}
