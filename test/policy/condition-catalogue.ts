/** Fields of every type, for conditions that tests write or generate. */
import { CALL_FIELDS } from '#contract/built-in-fields.ts';
import type { CheckedField } from '#contract/checked-policy.ts';
import type { Catalogue } from '../../engine/policy/catalogue.ts';

export const field = (path: string, type: CheckedField['type'], values?: string[]): CheckedField => ({
  path,
  type,
  label: path,
  subject: 'customer',
  kind: 'fact',
  changeableBy: 'nobody',
  ...(values === undefined ? {} : { values }),
});
const declared = [
  field('profile.n', 'number'),
  field('profile.m', 'number'),
  field('profile.b', 'boolean'),
  field('profile.c', 'boolean'),
  field('profile.e', 'enum', ['red', 'green', 'blue']),
  field('profile.t', 'text'),
  field('profile.s', 'set', ['x', 'y', 'z']),
];
const fields = new Map([...CALL_FIELDS, ...declared].map((one) => [one.path, one]));
export const catalogue: Catalogue = {
  fields,
  brokenFields: new Set(),
  topics: new Map(),
  actions: new Set(),
  groups: new Set(),
  issues: new Set(),
  fieldsComplete: true,
  topicsComplete: true,
};
