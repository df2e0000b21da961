/** Additive log-odds, centred on a background: Shapley's values of a sum are weight × (value − mean). */
import type { ModelParts } from './model-parts.ts';

/** In whatever width of float a model computes with. */
interface Weights {
  readonly width: number;
  /** One per action. */
  readonly intercepts: ArrayLike<number>;
  /** Row-major actions × width. */
  readonly weights: ArrayLike<number>;
}

export class AdditiveParts implements ModelParts {
  readonly #model: Weights;
  readonly #means: Float64Array;

  constructor(model: Weights, background: readonly ArrayLike<number>[]) {
    this.#model = model;
    this.#means = Float64Array.from(
      { length: model.width },
      (_, column) => background.reduce((sum, row) => sum + (row[column] as number), 0) / background.length,
    );
  }

  logOdds(vector: ArrayLike<number>, action: number): number {
    return this.#sum(vector, action);
  }

  apart(vector: ArrayLike<number>, action: number): { readonly base: number; readonly columns: Float64Array } {
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
