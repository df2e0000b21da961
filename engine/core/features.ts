/** The feature vector of a model, from the fields of the catalogue: one vector a decision, unknown values flagged. */
import type { FeatureDefinition } from '#contract/model.ts';
import type { FieldValues } from './field-values.ts';

/** Numbers the features take, the unknown flags included. */
export const featureWidth = (features: readonly FeatureDefinition[]): number =>
  features.reduce((width, feature) => width + columnsOf(feature) + 1, 0);

/** Columns of a feature before its unknown flag. */
export const columnsOf = (feature: FeatureDefinition): number => ('values' in feature ? feature.values.length : 1);

/** Features in their declared order; a value that does not fit its feature is unknown. */
export function featureVector(features: readonly FeatureDefinition[], fields: FieldValues): Float32Array {
  const vector = new Float32Array(featureWidth(features));
  let at = 0;
  for (const feature of features) {
    const value = fields.field(feature.field);
    let known: boolean;
    switch (feature.kind) {
      case 'number':
        known = typeof value === 'number';
        if (typeof value === 'number') {
          const scaled = (value - feature.mean) / feature.scale;
          vector[at] = Math.min(feature.clip, Math.max(-feature.clip, scaled));
        }
        at++;
        break;
      case 'coded':
        known = typeof value === 'string';
        vector[at++] = feature.codes.find((code) => code.value === value)?.code ?? 0;
        break;
      case 'flag':
        known = typeof value === 'boolean';
        vector[at++] = value === true ? 1 : 0;
        break;
      case 'one-hot':
        known = typeof value === 'string';
        for (const option of feature.values) vector[at++] = value === option ? 1 : 0;
        break;
      case 'contains':
        known = Array.isArray(value);
        for (const option of feature.values) vector[at++] = Array.isArray(value) && value.includes(option) ? 1 : 0;
        break;
    }
    vector[at++] = known ? 0 : 1;
  }
  return vector;
}
