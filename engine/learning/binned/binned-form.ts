/** The binned form: additive on bins, with pairs where they gain; features may be made to go one way. */
import type { FeatureDefinition } from '#contract/model.ts';
import { logistic, type Responses } from '../fit-additive.ts';
import { writeTreeModel } from '../onnx/write-tree-model.ts';
import type { FittedForm, Served, TrainingForm } from '../training-form.ts';
import { axesOf, binData, type BinnedData, binnedRows, type Direction } from './binned-data.ts';
import { binnedPropensity } from './binned-model.ts';
import { logOddsOf } from './fit-binned.ts';
import { type BinnedChoice, chooseBinned, fitChosen, servedBinned } from './train-binned.ts';

/** Names get one column of numbers in place of one column each. */
export const codedFeatures = (features: readonly FeatureDefinition[]): readonly FeatureDefinition[] =>
  features.map((feature) =>
    feature.kind === 'one-hot'
      ? { kind: 'coded', field: feature.field, codes: feature.values.map((value, at) => ({ value, code: at + 1 })) }
      : feature,
  );

export class BinnedForm implements TrainingForm {
  readonly name = 'binned';
  readonly features: readonly FeatureDefinition[];
  readonly data: Responses;
  readonly #monotone: ReadonlyMap<string, Direction>;
  #binned: BinnedData | null = null;
  #choice: BinnedChoice | null = null;

  /** `data` holds the features as `codedFeatures` gives them. */
  constructor(features: readonly FeatureDefinition[], data: Responses, monotone: ReadonlyMap<string, Direction>) {
    this.features = features;
    this.data = data;
    this.#monotone = monotone;
  }

  choose(fitted: Uint32Array, chosen: Uint32Array, seed: number, onStep: (step: string) => void): void {
    const rows = Uint32Array.from([...fitted, ...chosen]).toSorted();
    this.#choice = chooseBinned(binnedRows(this.#data(), rows), seed, onStep);
  }

  fit(rows: Uint32Array | null): FittedForm {
    if (this.#choice === null) throw new Error('nothing was chosen');
    const data = this.#data();
    const fit = fitChosen(rows === null ? data : binnedRows(data, rows), this.#choice);
    return {
      propensities: (of) => logOddsOf(fit, binnedRows(data, of)).map(logistic),
      served: (): Served => {
        const model = servedBinned(fit, this.data.width);
        return { onnx: writeTreeModel(model), propensity: (vector, action) => binnedPropensity(model, vector, action), weights: null };
      },
    };
  }

  #data(): BinnedData {
    this.#binned ??= binData(axesOf(this.features, this.data, this.#monotone), this.data);
    return this.#binned;
  }
}
