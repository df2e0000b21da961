/** From field values to the numbers a model sees; the training twin of the core's feature vector. */
import type { FeatureDefinition } from '#contract/model.ts';
import type { FieldValue } from '#contract/profile.ts';

/** How many numbers one feature takes, its unknown flag included. */
export const featureWidth = (feature: FeatureDefinition): number => {
  switch (feature.kind) {
    case 'number':
    case 'flag':
      return 2;
    case 'one-hot':
    case 'contains':
      return feature.values.length + 1;
  }
};

export const vectorWidth = (features: readonly FeatureDefinition[]): number =>
  features.reduce((width, feature) => width + featureWidth(feature), 0);

/**
 * Writes the feature vector at `from`; `values` are in the order of the definitions, null = unknown.
 * The target must be zero there. A known value that a one-hot does not list gives all zeros.
 */
export const encodeFeatures = (
  features: readonly FeatureDefinition[],
  values: readonly (FieldValue | null)[],
  target: Float32Array,
  from = 0,
): void => {
  let at = from;
  for (const [index, feature] of features.entries()) {
    const value = values[index] ?? null;
    const width = featureWidth(feature);
    if (value === null) target[at + width - 1] = 1;
    else {
      switch (feature.kind) {
        case 'number':
          target[at] = Math.min(feature.clip, Math.max(-feature.clip, (Number(value) - feature.mean) / feature.scale));
          break;
        case 'flag':
          target[at] = value === true ? 1 : 0;
          break;
        case 'one-hot': {
          const place = feature.values.indexOf(String(value));
          if (place >= 0) target[at + place] = 1;
          break;
        }
        case 'contains':
          for (const [place, wanted] of feature.values.entries())
            if (Array.isArray(value) && value.includes(wanted)) target[at + place] = 1;
          break;
      }
    }
    at += width;
  }
};
