/** A row of a table as the feature vector of a model. */
import type { FeatureDefinition } from '#contract/model.ts';
import type { FieldDefinition } from '#contract/policy.ts';
import type { FieldValue } from '#contract/profile.ts';
import { featureVector } from '#core';
import { readCell } from '#learning';

const TYPES: Readonly<Record<FeatureDefinition['kind'], FieldDefinition['type']>> = {
  number: 'number',
  flag: 'boolean',
  'one-hot': 'enum',
  coded: 'enum',
  contains: 'set',
};

/** What each field of the features is worth in a row; `cell` finds a column's text. A cell that does not fit its feature is unknown. */
export const rowFields = (
  features: readonly FeatureDefinition[],
): ((cell: (column: string) => string) => (field: string) => FieldValue | null) => {
  const types = new Map(features.map(({ field, kind }) => [field, TYPES[kind]]));
  return (cell) => (field) => readCell(types.get(field) ?? 'text', cell(field)) ?? null;
};

export const rowVectors = (features: readonly FeatureDefinition[]): ((cell: (column: string) => string) => Float32Array) => {
  const fields = rowFields(features);
  return (cell) => featureVector(features, { field: fields(cell) });
};
