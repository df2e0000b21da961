/** Says what zod found wrong in words an author of a policy can act on, at the line it stands on. */
import { z } from 'zod';
import type { FaultList } from './fault-list.ts';
import { didYouMean, suggestion } from './nearest-name.ts';
import { type SourcePath, type PolicySource, valueAt } from './policy-source.ts';

/** Parses the part of `source` at `base`; faults go to `faults` and give null. */
export const parsePart = <T extends z.ZodType>(
  schema: T,
  source: PolicySource,
  base: SourcePath,
  faults: FaultList,
): z.output<T> | null => {
  // Generating code for a schema costs more than the few values most of them see; the one for actions is compiled beforehand.
  const result = schema.safeParse(valueAt(source.value, base), { jitless: true });
  if (result.success) return result.data;
  for (const issue of result.error.issues) addIssue(issue, schema, source, base, faults);
  return null;
};

const addIssue = (issue: z.core.$ZodIssue, schema: z.ZodType, source: PolicySource, base: SourcePath, faults: FaultList): void => {
  const inner = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const path = [...base, ...inner];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, inner);
    for (const key of issue.keys) {
      faults.add(source.file, source.lineOfKey(path, key), `unknown key "${key}": correct it or take it out${suggestion(key, known)}`);
    }
    return;
  }
  const value = valueAt(source.value, path);
  const name = nameOf(path);
  if (value === undefined || (value === null && isNeeded(path))) {
    const why = WHY_NEEDED[String(path.at(-1))]?.(valueAt(source.value, path.slice(0, -1)));
    faults.add(source.file, source.lineAt(path), `${name} is missing: ${why ?? 'add it'}`);
  } else faults.add(source.file, source.lineAt(path), `${name} ${describe(issue, value, path)}`);
};

/** Why something must be written, and what, given what stands beside it. */
const WHY_NEEDED: Readonly<Record<string, (beside: unknown) => string | undefined>> = {
  suppressFor: () =>
    'a suppression without an end lasts for ever; write how long it lasts from the last one counted, such as suppressFor: 30d',
  until: () => 'an exclusion without an end is forgotten and lasts for ever; write when it ends, such as until: 2026-01-31T18:00:00Z',
  purpose: (beside) =>
    valueAt(beside, ['sales']) === true
      ? 'selling needs a lawful basis such as consent, and the purpose says which; name one of purposes.yaml'
      : undefined,
};
const isNeeded = (path: SourcePath): boolean => Object.hasOwn(WHY_NEEDED, String(path.at(-1)));

const FORMS: Readonly<Record<string, string>> = {
  path: 'must be profile.NAME, journey.NAME or model.NAME, NAME being letters and digits that start with a small letter',
  currency: 'must be three capital letters such as AUD',
  language: 'must be a language tag such as en or en-AU',
};

const describe = (issue: z.core.$ZodIssue, value: unknown, path: SourcePath): string => {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}, not ${shown(value)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}, not ${shown(value)}${typeof value === 'string' ? didYouMean(value, issue.values.map(String)) : ''}`;
    case 'too_small':
      return `must ${issue.origin === 'number' || issue.origin === 'int' ? 'be' : 'have'} ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}, not ${sizeOf(value)}`;
    case 'too_big':
      return `must ${issue.origin === 'number' || issue.origin === 'int' ? 'be' : 'have'} ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}, not ${sizeOf(value)}`;
    case 'invalid_format': {
      if (issue.format === 'datetime')
        return `must be a moment with its offset, such as 2026-01-31T18:00:00Z or 2026-01-31T18:00:00+11:00, not ${shown(value)}`;
      if (issue.format === 'date') return `must be a date such as 2026-01-31, not ${shown(value)}`;
      const form = FORMS[String(path.at(-1))];
      return `${form ?? issue.message}, not ${shown(value)}`;
    }
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return `is wrong: ${issue.message}`;
  }
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'text (in quotes if it looks like a number)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '');
const sizeOf = (value: unknown): string => (typeof value === 'string' || Array.isArray(value) ? String(value.length) : shown(value));

const shown = (value: unknown): string => {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
};

const nameOf = (path: SourcePath): string => {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  return typeof last === 'string' ? `"${last}"` : `entry ${last + 1}${path.length > 1 ? ` of "${String(path.at(-2))}"` : ''}`;
};

/** The keys a schema knows at a path, for suggestions. */
const keysAt = (schema: z.ZodType, path: SourcePath): readonly string[] => {
  let current: unknown = schema;
  for (const step of path) {
    current = bare(current);
    if (current instanceof z.ZodObject) current = current.shape[step];
    else if (current instanceof z.ZodArray) current = current.element;
    else return [];
  }
  current = bare(current);
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
};

const bare = (schema: unknown): unknown =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? bare(schema.unwrap()) : schema;
