/** Additive log-odds, centred on a background: Shapley's values of a sum are weight × (value − mean). */
import type { AdditiveWeights } from '../onnx/write-additive-model.ts';
import type { ModelParts } from './model-parts.ts';

export class AdditiveParts implements ModelParts {
  readonly #model: AdditiveWeights;
  readonly #means: Float64Array;

  constructor(model: AdditiveWeights, background: readonly Float32Array[]) {
    this.#model = model;
    this.#means = Float64Array.from(
      { length: model.width },
      (_, column) => background.reduce((sum, row) => sum + (row[column] as number), 0) / background.length,
    );
  }

  logOdds(vector: Float32Array, action: number): number {
    return this.#sum(vector, action);
  }

  apart(vector: Float32Array, action: number): { readonly base: number; readonly columns: Float64Array } {
    const { width, weights } = this.#model;
    const from = action * width;
    const columns = this.#means.map((mean, column) => (weights[from + column] as number) * ((vector[column] as number) - mean));
    return { base: this.#sum(this.#means, action), columns };
  }

  #sum(row: ArrayLike<number>, action: number): number {
    const { width, weights, intercepts } = this.#model;
    const from = action * width;
    let sum = intercepts[action] as number;
    for (let column = 0; column < width; column++) sum += (weights[from + column] as number) * (row[column] as number);
    return sum;
  }
}
