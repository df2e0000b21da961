/** One way to learn a propensity from responses. All are chosen, measured and served alike. */
import type { FeatureDefinition } from '#contract/model.ts';
import type { Responses } from './fit-additive.ts';
import type { AdditiveWeights } from './onnx/write-additive-model.ts';

export const FORMS = ['linear', 'binned'] as const;
export type FormName = (typeof FORMS)[number];

export interface TrainingForm {
  readonly name: FormName;
  /** Features and rows as this form wants them. */
  readonly features: readonly FeatureDefinition[];
  readonly data: Responses;
  /** Settles how much freedom it has, by what fits of the first rows are worth on the second. */
  choose(fitted: Uint32Array, chosen: Uint32Array, seed: number, onStep: (step: string) => void): void;
  /** Null = all rows. */
  fit(rows: Uint32Array | null): FittedForm;
}

export interface FittedForm {
  propensities(rows: Uint32Array): Float64Array;
  served(): Served;
}

export interface Served {
  readonly onnx: Uint8Array;
  /** Our own evaluation of what is in the file. */
  readonly propensity: (vector: ArrayLike<number>, action: number) => number;
  /** Of the linear form. */
  readonly weights: AdditiveWeights | null;
}

export const subset = (data: Responses, rows: Uint32Array): Responses => {
  const features = new Float32Array(rows.length * data.width);
  for (const [to, from] of rows.entries())
    features.set(data.features.subarray(from * data.width, (from + 1) * data.width), to * data.width);
  return {
    ...data,
    features,
    actions: rows.map((row) => data.actions[row] as number),
    outcomes: Uint8Array.from(rows, (row) => data.outcomes[row] as number),
  };
};
