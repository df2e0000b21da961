/** Which columns of a table become features, and how: from the field catalogue where there is one, from the values where not. */
import { CALL_FIELDS } from '#contract/built-in-fields.ts';
import type { CheckedField } from '#contract/checked-policy.ts';
import type { FeatureDefinition } from '#contract/model.ts';
import type { FieldDefinition } from '#contract/policy.ts';
import type { FieldValue } from '#contract/profile.ts';
import { isDecimal, isTruth, readCell } from './read-cell.ts';
import type { Table } from './separated-rows.ts';
import type { TrainingFault } from './training-fault.ts';

/** Known values further than this from the mean, in standard deviations, count as this far: one typing error must not decide. */
const CLIP = 5;
/** More values than this are names or numbers of something, not a category. */
const MOST_VALUES = 100;

export interface FeatureColumns {
  readonly features: readonly FeatureDefinition[];
  /** Per feature, per row: the value, null = unknown. */
  readonly values: readonly (readonly (FieldValue | null)[])[];
  readonly faults: readonly TrainingFault[];
  /** Columns left out, and why. */
  readonly notices: readonly string[];
}

type CatalogueField = Pick<FieldDefinition, 'type' | 'kind' | 'values'>;

/** A value the catalogue does not list would count as unknown when it is scored, so it must not be learnt from. */
const isDeclared = ({ values }: CatalogueField, value: FieldValue | null): boolean =>
  value === null || values === undefined || values.length === 0 || [value].flat().every((item) => values.includes(String(item)));

/** What programs write for a number they do not have: it says nothing of what the column is. */
const NO_NUMBER = /^[+-]?(?:nan|inf|infinity|null|none|n\/a|#n\/a)$/i;

const inferType = (cells: readonly string[]): FieldDefinition['type'] => {
  if (cells.every(isTruth)) return 'boolean';
  // A number somebody failed to write is a mistake in a number column, not a category.
  const telling = cells.filter((cell) => !NO_NUMBER.test(cell.trim()));
  return telling.filter((cell) => isDecimal(cell.trim())).length > telling.length / 2 ? 'number' : 'enum';
};

const wantedOf = ({ type, values }: CatalogueField): string =>
  values === undefined || values.length === 0
    ? type
    : `value of the catalogue (${values.slice(0, 8).join(', ')}${values.length > 8 ? ' …' : ''})`;

const observed = (values: readonly (FieldValue | null)[]): string[] => {
  const seen = new Set<string>();
  for (const value of values) {
    if (Array.isArray(value)) for (const item of value) seen.add(item);
    else if (value !== null) seen.add(String(value));
  }
  return [...seen].toSorted();
};

/** Six significant digits: enough for standardising, and readable in the manifest. */
const short = (x: number): number => Number(x.toPrecision(6));

const numberFeature = (field: string, values: readonly (FieldValue | null)[]): FeatureDefinition | null => {
  let count = 0;
  let sum = 0;
  for (const value of values) {
    if (typeof value !== 'number') continue;
    count += 1;
    sum += value;
  }
  const mean = sum / count;
  let squares = 0;
  for (const value of values) if (typeof value === 'number') squares += (value - mean) ** 2;
  const scale = short(Math.sqrt(squares / count));
  return scale > 0 ? { kind: 'number', field, mean: short(mean), scale, clip: CLIP } : null;
};

const featureOf = (name: string, field: CatalogueField, values: readonly (FieldValue | null)[]): FeatureDefinition | string => {
  const found = observed(values);
  const hasUnknown = values.some((value) => value === null);
  const isSet = field.type === 'set';
  if (found.length === 0 && !isSet) return 'is unknown in every row';
  if (found.length === 1 && !hasUnknown && !isSet) return 'has the same value in every row';
  switch (field.type) {
    case 'number':
      return numberFeature(name, values) ?? 'has the same value in every row where it is known';
    case 'boolean':
      return { kind: 'flag', field: name };
    case 'enum':
    case 'set': {
      const declared = field.values !== undefined && field.values.length > 0 ? [...field.values] : found;
      if (declared.length === 0) return 'is empty in every row';
      return { kind: isSet ? 'contains' : 'one-hot', field: name, values: declared };
    }
    case 'text':
      return { kind: 'one-hot', field: name, values: found };
    case 'time':
      return 'is a time, which is no feature; give the time since instead';
  }
};

/** `columns` are those that may become features. `catalogue` null: types are inferred from the values. */
export const inferFeatures = (table: Table, columns: readonly string[], catalogue: readonly FieldDefinition[] | null): FeatureColumns => {
  const known = new Map<string, CatalogueField>(
    [...CALL_FIELDS, ...(catalogue ?? [])].map((field: CheckedField | FieldDefinition) => [field.path, field]),
  );
  const features: FeatureDefinition[] = [];
  const kept: (FieldValue | null)[][] = [];
  const faults: TrainingFault[] = [];
  const notices: string[] = [];
  for (const name of columns) {
    const at = table.columns.indexOf(name);
    const cells = table.rows.map((row) => row.fields[at] ?? '');
    const declared = known.get(name);
    if (declared === undefined && catalogue !== null) {
      faults.push({
        code: 'unknown-field',
        detail: `column "${name}" is no field of the catalogue; declare it or leave it out with --drop ${name}`,
      });
      continue;
    }
    if (declared?.kind === 'protected' || declared?.kind === 'affect') {
      const what = declared.kind === 'protected' ? 'a protected attribute' : "a person's state of mind";
      faults.push({ code: 'forbidden-field', detail: `column "${name}" is ${what} and never a feature; leave it out with --drop ${name}` });
      continue;
    }
    const field: CatalogueField = declared ?? { type: inferType(cells.filter((cell) => cell.trim() !== '')), kind: 'fact' };
    const values: (FieldValue | null)[] = [];
    let bad: TrainingFault | undefined;
    for (const [index, cell] of cells.entries()) {
      const value = readCell(field.type, cell);
      if ((value === undefined || !isDeclared(field, value)) && bad === undefined)
        bad = {
          code: 'bad-value',
          detail: `line ${table.rows[index]?.line ?? 0}: "${cell.trim().slice(0, 40)}" in column "${name}" is no ${wantedOf(field)}; mend it, or leave it empty if it is unknown`,
        };
      values.push(value ?? null);
    }
    if (bad !== undefined) {
      faults.push(bad);
      continue;
    }
    const feature = featureOf(name, field, values);
    if (typeof feature === 'string') {
      notices.push(`column "${name}" left out: it ${feature}`);
      continue;
    }
    if ('values' in feature && feature.values.length > MOST_VALUES) {
      faults.push({
        code: 'too-many-values',
        detail: `column "${name}" has ${feature.values.length} different values, at most ${MOST_VALUES} make a category; leave it out with --drop ${name}`,
      });
      continue;
    }
    features.push(feature);
    kept.push(values);
  }
  return { features, values: kept, faults, notices };
};
