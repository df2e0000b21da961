/** The workload's propensities as a model bundle that the core computes itself. */
import type { AdditiveManifest } from '#contract/model.ts';
import { FIELDS, NUMBERS, VALUES, WORDS, type Workload } from './workload.ts';

/** Every feature has its column and, after it, one that says that it is unknown, which here it never is. */
const WIDTH = 2 * FIELDS;

const weightsText = (weights: Float64Array): string => {
  const columns = Buffer.alloc(WIDTH * Float64Array.BYTES_PER_ELEMENT);
  for (const [field, weight] of weights.entries()) columns.writeDoubleLE(weight, 2 * field * Float64Array.BYTES_PER_ELEMENT);
  return columns.toString('base64');
};

export const additiveManifest = ({ actions }: Workload): AdditiveManifest => ({
  id: 'common-workload',
  kind: 'additive',
  version: 1,
  features: [
    ...Array.from({ length: NUMBERS }, (_, i) => ({ kind: 'number' as const, field: `profile.f${i}`, mean: 0, scale: 1_000, clip: 1 })),
    ...Array.from({ length: WORDS }, (_, i) => ({
      kind: 'coded' as const,
      field: `profile.c${i}`,
      codes: VALUES.map((value, place) => ({ value, code: place / (VALUES.length - 1) })),
    })),
  ],
  width: WIDTH,
  // No evidence for the starting propensity and some for the model: what it says is what counts.
  actions: actions.map(({ id, bias, weights }) => ({ id, evidence: 1, positives: 1, intercept: bias, weights: weightsText(weights) })),
});
