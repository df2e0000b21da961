/**
 * The facts of a record, which are told in the numbers of the revision it was taken under, told in those of another one:
 * fields by their paths, counts by what they count, phrases by their words, actions, purposes and policies by their ids.
 * What the new revision asks and the record does not hold is a gap: it is unknown where a stage can be told so.
 */
import type { CheckedField } from '#contract/checked-policy.ts';
import { REASONS } from '#contract/reason-codes.ts';
import { canonicalJson, type CompiledModel, type CompiledRevision, type DecisionFacts, type FieldFact } from '#core';
import { AskedBy, type Asking, countKey, fieldKey } from './asked-by.ts';
import { CarriedContact } from './carried-contact.ts';
import { CarriedSpeech } from './carried-speech.ts';
import type { Gap } from './gaps.ts';

const NO_BASIS_KNOWN = REASONS.findIndex(({ stage, code }) => stage === 'basis' && code === 'basis-unknown');
const TOPICS = 'call.topics';

export interface Carried {
  readonly facts: DecisionFacts;
  readonly gaps: readonly Gap[];
}

/** Where a value is found in the former facts; null where it is not held. */
type Place = { readonly in: 'fields' | 'modelFields'; readonly at: number } | null;

const same = (one: unknown, other: unknown): boolean => canonicalJson(one ?? null) === canonicalJson(other ?? null);

export class CarriedFacts {
  readonly #before: CompiledRevision;
  readonly #after: CompiledRevision;
  readonly #speech: CarriedSpeech;
  readonly #contact: CarriedContact;
  readonly #fields: readonly Place[];
  readonly #modelFields: readonly Place[];
  /** Of the holdouts before, their numbers after. */
  readonly #holdouts: readonly number[];
  /** Per count of the new revision, its place among the former ones, −1 where it was not counted. */
  readonly #counts: readonly number[];
  readonly #basis: readonly (number | 'none' | 'unknown')[];
  readonly #usage: readonly number[];
  /** Number of an action under the new revision by its former number, −1 where it is gone. */
  readonly #actions: readonly number[];
  /** What no record taken under the former revision can hold. */
  readonly #gaps: readonly Gap[];

  constructor(before: CompiledRevision, after: CompiledRevision, modelBefore: CompiledModel | null, modelAfter: CompiledModel | null) {
    this.#before = before;
    this.#after = after;
    const askedBy = new AskedBy(after.revision);
    const gaps: Gap[] = [];
    this.#speech = new CarriedSpeech(before, after, askedBy);
    this.#contact = new CarriedContact(before, after);
    this.#actions = before.revision.actions.map(({ id }) => after.actionIndex.get(id) ?? -1);
    const place = placeFinder(before, modelBefore);
    this.#fields = after.usedFields.map((field) => {
      const definition = after.revision.fields[field];
      const found = definition === undefined ? null : place(definition);
      if (definition !== undefined && found === null && definition.path !== TOPICS)
        gaps.push({ what: definition.path, askings: askedBy.of(fieldKey(definition.path)), told: 'unknown' });
      return found;
    });
    const scored = after.revision.actions.map((_, action): Asking => ({ action, stage: 'scored' }));
    this.#modelFields = (modelAfter?.extraFields ?? []).map((field) => {
      const definition = after.revision.fields[field];
      const found = definition === undefined ? null : place(definition);
      // Scores of a model outside the core are kept as they were, whatever it read.
      if (definition !== undefined && found === null && modelAfter?.additive !== null)
        gaps.push({ what: definition.path, askings: scored, told: 'assumed' });
      return found;
    });
    const formerCounts = countsOf(before);
    this.#counts = countsOf(after).map(({ key, members, what }) => {
      const at = formerCounts.findIndex((former) => former.key === key && former.members.every((id) => members.includes(id)));
      if (at < 0) gaps.push({ what, askings: askedBy.of(key), told: 'unknown' });
      return at;
    });
    this.#basis = basisPlaces(before, after, gaps);
    this.#usage = after.revision.constraints.map(({ id, period, covers, maxAgeMs }) => {
      const at = before.revision.constraints.findIndex((one) => one.id === id && one.period === period && one.maxAgeMs <= maxAgeMs);
      if (at < 0) gaps.push({ what: `use of ${id}`, askings: covers.map((action) => ({ action, stage: 'constraint' })), told: 'unknown' });
      return at;
    });
    this.#holdouts = (before.revision.holdouts ?? []).map(({ id }) => (after.revision.holdouts ?? []).findIndex((one) => one.id === id));
    this.#gaps = [...gaps, ...wholeGaps(before, after, scored)];
  }

  /** `atMs` is when the record was taken. */
  carry(facts: DecisionFacts, atMs: number): Carried {
    const { revision } = this.#after;
    const { said, topics, gaps: speechGaps } = this.#speech.carry(facts.said);
    const { contact, gaps: contactGaps } = this.#contact.carry(facts.contact, atMs);
    const read = (place: Place): FieldFact => (place === null ? null : (facts[place.in][place.at] ?? null));
    const fields = this.#after.usedFields.map((field, index) => {
      const definition = revision.fields[field];
      return definition?.path === TOPICS ? topics : fitting(definition, read(this.#fields[index] ?? null));
    });
    const number = (action: number): number => this.#actions[action] ?? -1;
    const actions = (list: readonly number[]): readonly number[] =>
      list
        .map(number)
        .filter((action) => action >= 0)
        .toSorted((a, b) => a - b);
    const pairs = (list: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] =>
      list
        .map(([action, value]) => [number(action), value] as const)
        .filter(([action]) => action >= 0)
        .toSorted((a, b) => a[0] - b[0]);
    return {
      facts: {
        ...facts,
        excluded: this.#excluded(facts, atMs, actions),
        fields,
        modelFields: this.#modelFields.map(read),
        counts: this.#counts.map((at) => (at < 0 ? null : (facts.counts[at] ?? null))),
        said,
        basis: this.#basis.map((at) => (at === 'none' ? -1 : at === 'unknown' ? NO_BASIS_KNOWN : (facts.basis[at] ?? NO_BASIS_KNOWN))),
        contact,
        influence: pairs(facts.influence).filter(([action]) => (revision.actions[action]?.influence.length ?? 0) > 0),
        usage: this.#usage.map((at) => (at < 0 ? null : (facts.usage[at] ?? null))),
        control: revision.control !== undefined && facts.control,
        arm: revision.experiment?.arms.some(({ arm }) => arm === facts.arm) === true ? facts.arm : 'nba',
        heldOut: facts.heldOut
          .map((number) => this.#holdouts[number] ?? -1)
          .filter((number) => number >= 0)
          .toSorted((a, b) => a - b),
        challenged: revision.challenger !== undefined && facts.challenged,
        rejected: actions(facts.rejected),
        answered: actions(facts.answered),
        snoozed: pairs(facts.snoozed),
        open: pairs(facts.open),
        laterAtMs: null,
      },
      gaps: [...this.#gaps, ...speechGaps, ...contactGaps],
    };
  }

  /** A record does not say who excluded an action; what its revision excluded then is taken to have been that. */
  #excluded(
    { excluded, channel }: DecisionFacts,
    atMs: number,
    actions: (list: readonly number[]) => readonly number[],
  ): readonly number[] {
    const inForce = ({ revision }: CompiledRevision): ReadonlySet<number> =>
      new Set(revision.exclusions.filter((one) => atMs < one.untilMs && (one.channel ?? channel) === channel).map(({ action }) => action));
    const former = inForce(this.#before);
    const kept = actions(excluded.filter((action) => !former.has(action)));
    return [...new Set([...kept, ...inForce(this.#after)])].toSorted((a, b) => a - b);
  }
}

/** A value that its field no longer allows is unknown. */
function fitting(field: CheckedField | undefined, value: FieldFact): FieldFact {
  const declared = field?.values;
  if (declared === undefined || declared.length === 0) return value;
  if (typeof value === 'string') return declared.includes(value) ? value : null;
  return Array.isArray(value) && !value.every((item) => declared.includes(item)) ? null : value;
}

function placeFinder(before: CompiledRevision, model: CompiledModel | null): (field: CheckedField) => Place {
  const places = new Map<string, NonNullable<Place>>();
  for (const [at, field] of (model?.extraFields ?? []).entries())
    places.set(before.revision.fields[field]?.path ?? '', { in: 'modelFields', at });
  for (const [at, field] of before.usedFields.entries()) places.set(before.revision.fields[field]?.path ?? '', { in: 'fields', at });
  const definitions = new Map(before.revision.fields.map((field) => [field.path, field]));
  return (field) => {
    const former = definitions.get(field.path);
    const place = places.get(field.path) ?? null;
    if (former === undefined || former.type !== field.type) return null;
    // What was too old then is not held; what would be too old now cannot be told.
    return (field.maxAgeHours ?? Infinity) === (former.maxAgeHours ?? Infinity) ? place : null;
  };
}

interface Count {
  readonly key: string;
  /** Actions of the group or issue it counts; an action that is new has no history. */
  readonly members: readonly string[];
  readonly what: string;
}

function countsOf({ slots, revision }: CompiledRevision): readonly Count[] {
  return slots.slots.flatMap((slot): Count[] => {
    if (slot.kind !== 'count') return [];
    const { operand } = slot;
    const { scope, outcome } = operand;
    const of = scope.of === 'group' || scope.of === 'issue' ? scope.of : null;
    const members =
      of === null || scope.of === 'any' ? [] : revision.actions.filter((action) => action[of] === scope.name).map(({ id }) => id);
    const what = `count of ${outcome} ${scope.of === 'any' ? 'in all' : `of ${scope.of} ${scope.name}`} in ${operand.windowMs / 3_600_000} h`;
    return [{ key: countKey(operand), members, what }];
  });
}

function basisPlaces(before: CompiledRevision, after: CompiledRevision, gaps: Gap[]): readonly (number | 'none' | 'unknown')[] {
  const former = before.revision.purposes;
  return after.revision.purposes.map(({ id, basis, maxAgeHours }, purpose) => {
    if (basis === 'legal-obligation') return 'none';
    const at = former.findIndex((one) =>
      basis === 'contract'
        ? one.basis === 'contract'
        : one.id === id && one.basis === basis && (basis === 'legitimate-interest' || one.maxAgeHours === maxAgeHours),
    );
    if (at >= 0) return at;
    const askings = after.revision.actions.flatMap((action, index): Asking[] =>
      action.purpose === purpose ? [{ action: index, stage: 'basis' }] : [],
    );
    gaps.push({ what: `basis of purpose ${id}`, askings, told: 'unknown' });
    return 'unknown';
  });
}

/** What concerns every action: how long the revision holds, who is in the control group, what the budget counted, what influences. */
function wholeGaps(
  { revision: before }: CompiledRevision,
  { revision: after }: CompiledRevision,
  scored: readonly Asking[],
): readonly Gap[] {
  const gaps: Gap[] = [];
  const all = (stage: Asking['stage']): readonly Asking[] => after.actions.map((_, action) => ({ action, stage }));
  if (before.usableOfflineMs !== after.usableOfflineMs)
    gaps.push({ what: 'how long central was away', askings: all('available'), told: 'assumed' });
  if (after.control !== undefined && !same(before.control, after.control))
    gaps.push({ what: 'the control group', askings: scored, told: 'assumed' });
  if (after.experiment !== undefined && !same(before.experiment, after.experiment))
    gaps.push({ what: 'the arms of the experiment', askings: scored, told: 'assumed' });
  if (after.holdouts !== undefined && !same(before.holdouts, after.holdouts))
    gaps.push({ what: 'who is held out of what', askings: scored, told: 'assumed' });
  if (!same(before.challenger, after.challenger))
    gaps.push({ what: 'who is decided for by which model', askings: scored, told: 'assumed' });
  if (after.useModel && !before.useModel) gaps.push({ what: 'scores of a model', askings: scored, told: 'assumed' });
  const former = new Map(before.actions.map((action) => [action.id, action]));
  if (after.actions.some(({ id, mandatory }) => (former.get(id)?.mandatory ?? mandatory) !== mandatory))
    gaps.push({ what: 'prompts of this call that counted', askings: scored, told: 'assumed' });
  for (const [action, { id, influence }] of after.actions.entries()) {
    if (influence.length > 0 && !same(former.get(id)?.influence ?? [], influence))
      gaps.push({ what: `what influences ${id}`, askings: [{ action, stage: 'scored' }], told: 'assumed' });
  }
  return gaps;
}
