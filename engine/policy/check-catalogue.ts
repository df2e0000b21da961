/** The files every condition leans on: fields, purposes, topics; and the names of actions, groups and issues. */
import { z } from 'zod';
import { CALL_FIELDS } from '#contract/built-in-fields.ts';
import type { CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import { FieldDefinition, PhraseList, PurposeDefinition } from '#contract/policy.ts';
import { Slug } from '#contract/text.ts';
import { words } from '#core';
import type { Catalogue } from './catalogue.ts';
import { compareText } from './compare-text.ts';
import type { FaultList } from './fault-list.ts';
import { isAgentAffect } from './is-agent-affect.ts';
import { suggestion } from './nearest-name.ts';
import { type SourcePath, type PolicySource, valueAt } from './policy-source.ts';
import type { RevisionFolder } from './revision-folder.ts';
import { parsePart } from './schema-fault.ts';

export interface CheckedCatalogue {
  readonly names: Catalogue;
  readonly fields: CheckedRevision['fields'];
  readonly purposes: CheckedRevision['purposes'];
  /** False: a purpose that is not found proves nothing. */
  readonly purposesComplete: boolean;
  readonly topics: CheckedRevision['topics'];
}

export const checkCatalogue = (folder: RevisionFolder, faults: FaultList): CheckedCatalogue => {
  const topics = checkTopics(folder.catalogue.get('phrases'), faults);
  const purposes = checkPurposes(folder.catalogue.get('purposes'), faults);
  const declared = checkFields(folder.catalogue.get('fields'), purposes, faults);
  const topicNames = topics.list.map(({ topic }) => topic);
  const builtIn = CALL_FIELDS.map((field) => (field.path === 'call.topics' ? { ...field, values: topicNames } : field));
  const fields = [...declared.list, ...builtIn].toSorted((a, b) => compareText(a.path, b.path));
  const groups = folder.issues.flatMap((issue) => issue.groups);
  return {
    names: {
      fields: new Map(fields.map((field) => [field.path, field])),
      brokenFields: declared.broken,
      topics: new Map(topics.list.map(({ topic, phrases }) => [topic, phrases])),
      actions: new Set(groups.flatMap(({ actions }) => actions.map(({ id }) => id))),
      groups: new Set(groups.map(({ group }) => group)),
      issues: new Set(folder.issues.map(({ issue }) => issue)),
      fieldsComplete: declared.complete,
      topicsComplete: topics.complete,
    },
    fields,
    purposes: purposes.list,
    purposesComplete: purposes.complete,
    topics: topics.list,
  };
};

/** Parses each entry of a list by itself, so that one bad entry does not hide the others. */
export const parseEntries = <T extends z.ZodType>(
  schema: T,
  source: PolicySource,
  faults: FaultList,
): readonly { readonly index: number; readonly entry: z.output<T> | null }[] | null => {
  const list = parsePart(z.array(z.unknown()), source, [], faults);
  return list && list.map((_, index) => ({ index, entry: parsePart(schema, source, [index], faults) }));
};

/** Faults of a list of names at `path`: unknown ones and those listed twice. */
export const checkNames = (
  source: PolicySource,
  path: SourcePath,
  named: readonly string[] | undefined,
  known: ReadonlySet<string>,
  what: 'action' | 'group' | 'issue',
  faults: FaultList,
): void => {
  for (const [i, name] of (named ?? []).entries()) {
    const reason = !known.has(name)
      ? `there is no ${what} "${name}"${suggestion(name, known)}`
      : named?.indexOf(name) !== i
        ? `${what} "${name}" is listed twice: keep one`
        : null;
    if (reason !== null) faults.add(source.file, source.lineAt([...path, i]), reason);
  }
};

const checkFields = (
  source: PolicySource | undefined,
  purposes: ReturnType<typeof checkPurposes>,
  faults: FaultList,
): { readonly list: readonly CheckedField[]; readonly broken: ReadonlySet<string>; readonly complete: boolean } => {
  const entries = source && parseEntries(FieldDefinition, source, faults);
  if (source === undefined || !entries) return { list: [], broken: new Set(), complete: false };
  const list = new Map<string, CheckedField>();
  const broken = new Set<string>();
  let complete = true;
  for (const { index, entry } of entries) {
    if (entry === null) {
      const path = valueAt(source.value, [index, 'path']);
      if (typeof path === 'string') broken.add(path);
      else complete = false;
      continue;
    }
    const add = (key: string, reason: string): void => {
      faults.add(source.file, source.lineAt([index, key]), reason);
      broken.add(entry.path);
    };
    if (list.has(entry.path)) add('path', `field ${entry.path} is declared twice: keep one`);
    const listed = entry.type === 'enum' || entry.type === 'set';
    if (listed && entry.values === undefined)
      add(
        'type',
        `field ${entry.path} is ${entry.type === 'enum' ? 'an enum' : 'a set'} and needs "values": list every value there can be`,
      );
    if (!listed && entry.values !== undefined)
      add('values', `field ${entry.path} is a ${entry.type} field and has no "values": take them out or make it an enum`);
    const { purpose } = entry;
    if (purpose !== undefined && purposes.complete && !purposes.list.some(({ id }) => id === purpose)) {
      const known = new Set(purposes.list.map(({ id }) => id));
      faults.add(source.file, source.lineAt([index, 'purpose']), `there is no purpose "${purpose}"${suggestion(purpose, known)}`);
    }
    const twice = entry.values?.findIndex((value, i, values) => values.indexOf(value) < i) ?? -1;
    if (twice >= 0) {
      faults.add(source.file, source.lineAt([index, 'values', twice]), `value "${entry.values?.[twice]}" is listed twice: keep one`);
    }
    // EU AI Act Art. 5(1)(f): nothing may be inferred from, or decided on, the emotions of people at work.
    if (isAgentAffect(entry)) {
      add('kind', `field ${entry.path} describes the agent's state of mind, which must never be used: take it out`);
    }
    if (!list.has(entry.path)) list.set(entry.path, entry);
  }
  return { list: [...list.values()].filter(({ path }) => !broken.has(path)), broken, complete };
};

const checkPurposes = (
  source: PolicySource | undefined,
  faults: FaultList,
): { readonly list: readonly PurposeDefinition[]; readonly complete: boolean } => {
  const entries = source && parseEntries(PurposeDefinition, source, faults);
  if (source === undefined || !entries) return { list: [], complete: false };
  const list: PurposeDefinition[] = [];
  for (const { index, entry } of entries) {
    if (entry === null) continue;
    if (list.some(({ id }) => id === entry.id))
      faults.add(source.file, source.lineAt([index, 'id']), `purpose "${entry.id}" is there twice: keep one`);
    else list.push(entry);
  }
  return { list, complete: list.length === entries.length };
};

const checkTopics = (
  source: PolicySource | undefined,
  faults: FaultList,
): { readonly list: CheckedRevision['topics']; readonly complete: boolean } => {
  if (source === undefined || parsePart(z.record(z.string(), z.unknown()), source, [], faults) === null)
    return { list: [], complete: false };
  const topics = Object.keys(Object(source.value)).toSorted(compareText);
  const list: CheckedRevision['topics'][number][] = [];
  for (const topic of topics) {
    const name = Slug.safeParse(topic);
    if (!name.success) {
      faults.add(source.file, source.lineOfKey([], topic), `topic "${topic}" ${name.error.issues[0]?.message ?? 'is not a name'}`);
      continue;
    }
    const entry = parsePart(PhraseList, source, [topic], faults);
    if (entry === null) continue;
    const spoken = new Set<string>();
    for (const [i, phrase] of entry.phrases.entries()) {
      const said = words(phrase).join(' ');
      const line = source.lineAt([topic, 'phrases', i]);
      if (said === '') faults.add(source.file, line, `phrase "${phrase}" has no word in it: write what is said`);
      else if (spoken.has(said))
        faults.add(
          source.file,
          line,
          `phrase "${phrase}" is listed twice for topic "${topic}" (letter case and punctuation do not count): keep one`,
        );
      spoken.add(said);
    }
    list.push({ topic, by: entry.by, phrases: entry.phrases });
  }
  return { list, complete: list.length === topics.length };
};
