/** Log-odds of trees by Shapley's values against a background. The action is no player: every row is one about the same action. */
import type { PropensityTrees } from '../onnx/read-propensity-model.ts';
import type { ModelParts } from './model-parts.ts';
import { sumOfTrees } from './tree-ensemble.ts';
import { TreeShapley } from './tree-shapley.ts';

export class TreeParts implements ModelParts {
  readonly #model: PropensityTrees;
  readonly #shapley: TreeShapley;
  /** As the trees read them, room for the action included. */
  readonly #background: readonly Float32Array[];

  constructor(model: PropensityTrees, background: readonly Float32Array[]) {
    this.#model = model;
    this.#background = background.map((row) => this.#row(row, 0));
    this.#shapley = new TreeShapley(model.trees, this.#background, model.actionColumn);
  }

  logOdds(vector: ArrayLike<number>, action: number): number {
    return sumOfTrees(this.#model.trees, this.#row(vector, action), this.#target(action));
  }

  apart(vector: ArrayLike<number>, action: number): { readonly base: number; readonly columns: Float64Array } {
    const { trees, actionColumn } = this.#model;
    const target = this.#target(action);
    let base = 0;
    for (const row of this.#background) {
      if (actionColumn !== null) row[actionColumn] = action;
      base += sumOfTrees(trees, row, target);
    }
    const columns = this.#shapley.values(this.#row(vector, action), target);
    return { base: base / this.#background.length, columns: columns.subarray(0, vector.length) };
  }

  #target(action: number): number {
    return this.#model.target === 'action' ? action : this.#model.target;
  }

  #row(vector: ArrayLike<number>, action: number): Float32Array {
    const { width, actionColumn } = this.#model;
    const row = new Float32Array(width);
    row.set(vector);
    if (actionColumn !== null) row[actionColumn] = action;
    return row;
  }
}
