/**
 * What could have been otherwise on a call because it lies in the customer's or the agent's hand: fields the catalogue
 * says so of, and what either could have said. Never a protected attribute, whatever the catalogue says.
 */
import type { Speaker } from '#contract/call-events.ts';
import type { CheckedField } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import type { FeatureDefinition } from '#contract/model.ts';
import { at } from './at.ts';
import type { CompiledModel } from './compile-model.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { leavesOf } from './condition-leaves.ts';
import type { SlotSource } from './fill-slots.ts';

interface Slotted {
  /** Its number: fields in the order of the catalogue, then what can be said. */
  readonly number: number;
  /** The slots that depend on it, and where they get their numbers from. */
  readonly slots: readonly number[];
  readonly sources: readonly SlotSource[];
}

export interface FieldVariable extends Slotted {
  readonly kind: 'field';
  readonly field: CheckedField;
  /** Index into the revision's fields, and places among the facts' fields and modelFields; −1 where it is not there. */
  readonly index: number;
  readonly place: number;
  readonly modelPlace: number;
  /** The purpose it may be read for, by number; −1 for any. */
  readonly purpose: number;
  /** Numbers it is compared with; lengths of time since it; numbers beyond which it moves a model no further. */
  readonly bounds: readonly number[];
  readonly sinceBounds: readonly number[];
  readonly modelBounds: readonly number[];
  /** Values that conditions or the model name, in the catalogue's order where it declares them. */
  readonly named: readonly string[];
  /** A model the core computes reads it. */
  readonly isScored: boolean;
  readonly by: Speaker;
}

/** Something a phrase list listens for that could have been said. */
export interface SpeechVariable extends Slotted {
  readonly kind: 'speech';
  readonly list: number;
  readonly ways: readonly Saying[];
}

/** One phrase said by one person, and all that would have been heard in it. */
export interface Saying {
  readonly by: Speaker;
  readonly phrase: string;
  readonly lists: readonly (readonly [list: number, phrase: number])[];
  readonly topics: readonly string[];
}

export type Variable = FieldVariable | SpeechVariable;

const TOPICS = 'call.topics';

/** Whether a field may be moved at all. What follows from knowing the caller, or not, is not in a record: see `reachable`. */
function isChangeable({ path, kind, changeableBy }: CheckedField): boolean {
  if (changeableBy === 'nobody' || kind === 'protected' || kind === 'affect' || path === TOPICS) return false;
  return path === 'call.identity' || path.startsWith('profile.') || path.startsWith('journey.');
}

/** The variables of one revision, and with a model that the core computes what that reads. */
export class Changeable {
  readonly variables: readonly Variable[];
  readonly #compiled: CompiledRevision;
  readonly #byField = new Map<number, number>();
  readonly #byList = new Map<number, readonly number[]>();
  readonly #byTopic = new Map<string, readonly number[]>();
  readonly #ofPredicate: (readonly number[] | undefined)[] = [];

  constructor(compiled: CompiledRevision, model: CompiledModel | null) {
    this.#compiled = compiled;
    const named = namedValues(compiled);
    const variables: Variable[] = [];
    const { revision, usedFields } = compiled;
    for (const [index, field] of revision.fields.entries()) {
      if (!isChangeable(field) || field.changeableBy === 'nobody') continue;
      const features = model?.additive?.features.filter((feature) => feature.field === index).map(({ definition }) => definition) ?? [];
      const slotted = slotsOf(compiled, (slot) => slot.kind !== 'count' && slot.kind !== 'said' && slot.field === index);
      if (slotted.slots.length === 0 && features.length === 0) continue;
      const words = new Set([...(named.words.get(index) ?? []), ...features.flatMap(wordsOf)]);
      this.#byField.set(index, variables.length);
      variables.push({
        ...slotted,
        kind: 'field',
        number: variables.length,
        field,
        index,
        place: usedFields.indexOf(index),
        modelPlace: model?.extraFields.indexOf(index) ?? -1,
        purpose: compiled.revision.purposes.findIndex(({ id }) => id === field.purpose),
        bounds: [...(named.bounds.get(index) ?? [])],
        sinceBounds: [...(named.since.get(index) ?? [])],
        modelBounds: features.flatMap(boundsOf),
        named: field.values === undefined ? [...words] : field.values.filter((value) => words.has(value)),
        isScored: features.length > 0,
        by: field.changeableBy,
      });
    }
    for (const [list] of compiled.slots.lists.entries()) {
      const ways = waysToSay(compiled, list);
      if (ways.length === 0) continue;
      const lists = new Set(ways.flatMap((way) => way.lists.map(([heard]) => heard)));
      const topics = new Set(ways.flatMap((way) => way.topics));
      const topicsField = compiled.slots.find(TOPICS);
      const slotted = slotsOf(
        compiled,
        (slot) =>
          (slot.kind === 'said' && lists.has(slot.list)) || (slot.kind === 'has' && slot.field === topicsField && topics.has(slot.value)),
      );
      if (slotted.slots.length === 0) continue;
      for (const heard of lists) this.#byList.set(heard, [...(this.#byList.get(heard) ?? []), variables.length]);
      for (const topic of topics) this.#byTopic.set(topic, [...(this.#byTopic.get(topic) ?? []), variables.length]);
      variables.push({ ...slotted, kind: 'speech', number: variables.length, list, ways });
    }
    this.variables = variables;
  }

  /** Numbers of the variables that a predicate's truth can depend on. */
  ofPredicate(predicate: number): readonly number[] {
    return (this.#ofPredicate[predicate] ??= [...new Set(this.#mentioned(at(this.#compiled.predicates, predicate).condition))]);
  }

  #mentioned(condition: Condition): readonly number[] {
    return leavesOf(condition).flatMap((leaf) => {
      switch (leaf.op) {
        case 'compare':
        case 'in':
          return leaf.left.kind === 'count' ? [] : this.#field(leaf.left.path);
        case 'has':
          return leaf.path === TOPICS ? (this.#byTopic.get(leaf.value) ?? []) : this.#field(leaf.path);
        case 'said': {
          const { slots } = this.#compiled.slots;
          const slot = slots[this.#compiled.slots.said(leaf.by, leaf.phrases)];
          return slot?.kind === 'said' ? (this.#byList.get(slot.list) ?? []) : [];
        }
        case 'literal':
          return [];
      }
    });
  }

  #field(path: string): readonly number[] {
    const variable = this.#byField.get(this.#compiled.slots.field(path));
    return variable === undefined ? [] : [variable];
  }
}

function slotsOf({ slots, slotSources }: CompiledRevision, test: (slot: (typeof slots.slots)[number]) => boolean): Omit<Slotted, 'number'> {
  const found = slots.slots.flatMap((slot, number) => (test(slot) ? [number] : []));
  return { slots: found, sources: found.map((number) => at(slotSources, number)) };
}

/** Each phrase of a list by each person it listens to; of those with the same effect the first. */
function waysToSay({ revision, slots, finder }: CompiledRevision, list: number): readonly Saying[] {
  const { by, phrases } = at(slots.lists, list);
  const isTopic = list < revision.topics.length;
  if (isTopic && revision.fields[slots.find(TOPICS) ?? -1]?.changeableBy === 'nobody') return [];
  const ways = new Map<string, Saying>();
  for (const speaker of by === 'anyone' ? (['agent', 'customer'] as const) : [by]) {
    for (const phrase of phrases) {
      const heard = finder.find(speaker, phrase);
      const key = heard
        .map((one) => one.list)
        .toSorted((a, b) => a - b)
        .join(' ');
      if (ways.has(key) || !heard.some((one) => one.list === list)) continue;
      const topics = [...new Set(heard.flatMap((one) => revision.topics[one.list]?.topic ?? []))];
      ways.set(key, { by: speaker, phrase, lists: heard.map((one) => [one.list, one.phrase] as const), topics });
    }
  }
  return [...ways.values()];
}

interface Named {
  readonly bounds: ReadonlyMap<number, ReadonlySet<number>>;
  readonly since: ReadonlyMap<number, ReadonlySet<number>>;
  readonly words: ReadonlyMap<number, ReadonlySet<string>>;
}

/** Every number and word that a condition of the revision compares a field with, by index of the field. */
function namedValues({ predicates, slots }: CompiledRevision): Named {
  const bounds = new Map<number, Set<number>>();
  const since = new Map<number, Set<number>>();
  const words = new Map<number, Set<string>>();
  const note = <T>(into: Map<number, Set<T>>, path: string, value: T): void => {
    const field = slots.field(path);
    const known = into.get(field);
    if (known === undefined) into.set(field, new Set([value]));
    else known.add(value);
  };
  for (const leaf of predicates.flatMap(({ condition }) => leavesOf(condition))) {
    if (leaf.op === 'has') note(words, leaf.path, leaf.value);
    if ((leaf.op !== 'compare' && leaf.op !== 'in') || leaf.left.kind === 'count') continue;
    for (const literal of leaf.op === 'in' ? leaf.set : [leaf.right]) {
      if (typeof literal === 'number') note(leaf.left.kind === 'since' ? since : bounds, leaf.left.path, literal);
      else if (typeof literal === 'string') note(words, leaf.left.path, literal);
    }
  }
  return { bounds, since, words };
}

function wordsOf(feature: FeatureDefinition): readonly string[] {
  if (feature.kind === 'coded') return feature.codes.map(({ value }) => value);
  return 'values' in feature ? feature.values : [];
}

/** Beyond these a model's number moves no further. */
const boundsOf = (feature: FeatureDefinition): readonly number[] =>
  feature.kind === 'number' ? [feature.mean - feature.clip * feature.scale, feature.mean + feature.clip * feature.scale] : [];
