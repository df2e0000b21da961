/** A checked revision made ready for deciding: done once when a revision becomes current. */
import { actionNumbers } from './action-numbers.ts';
import { at } from './at.ts';
import type { CheckedAction, CheckedReason, CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition, StatedCondition } from '#contract/condition.ts';
import type { Channel } from '#contract/profile.ts';
import { leavesOf } from './condition-leaves.ts';
import { unitsOf } from './contact-units.ts';
import { type Conditions, indexConditions } from './failure-bits.ts';
import { PhraseFinder } from './phrases.ts';
import { type ChangingSlots, changingSlots, type SlotSource, slotSources } from './fill-slots.ts';
import { type Predicate, PredicateTable } from './predicates.ts';
import { SlotTable } from './slots.ts';
import { heardIn, type Place, placesOf } from './templates.ts';

export interface CompiledReason {
  readonly predicate: number;
  readonly textPlaces: readonly Place[];
  /** Null when it may not be spoken: no wording for it, or something protected in it. */
  readonly speakPlaces: readonly Place[] | null;
  /** Phrase lists whose hearing this reason may be about, nearest first: its own condition's, then the action's. */
  readonly lists: readonly (readonly number[])[];
}

export interface CompiledRevision {
  readonly revision: CheckedRevision;
  readonly slots: SlotTable;
  readonly slotSources: readonly SlotSource[];
  readonly changing: ChangingSlots;
  readonly predicates: readonly Predicate[];
  readonly conditions: Conditions;
  readonly finder: PhraseFinder;
  readonly actionIndex: ReadonlyMap<string, number>;
  /** Purpose, group and issue of each action by number; groups and issues are numbered in order of the actions. */
  readonly purposeOf: Int32Array;
  readonly groupOf: Int32Array;
  readonly issueOf: Int32Array;
  readonly groups: readonly string[];
  readonly issues: readonly string[];
  /** 1 where the action is mandatory, of sales kind, of fallback kind, not counted to contact limits. */
  readonly mandatory: Uint8Array;
  readonly sales: Uint8Array;
  readonly fallback: Uint8Array;
  readonly transactional: Uint8Array;
  /** 1 where a prompt does not wait for a pause in speech. */
  readonly urgent: Uint8Array;
  /** What scoring and thresholds need of each action (action-numbers.ts). */
  readonly numbers: Float64Array;
  /** P ranks; else it counts as 1. */
  readonly ranksByPropensity: boolean;
  /** Any action has a threshold of either kind. */
  readonly hasThresholds: boolean;
  readonly care: readonly number[];
  /** Context weights: action i owns those from contextStart[i] up to contextStart[i + 1]. */
  readonly contextStart: Int32Array;
  /** By number among `contextPredicates`. */
  readonly contextOf: Int32Array;
  readonly contextWeight: Float64Array;
  /** The distinct conditions of context weights. */
  readonly contextPredicates: Int32Array;
  /** Actions of sales kind. */
  readonly ofSales: Int32Array;
  /** Actions of each purpose. */
  readonly ofPurpose: readonly Int32Array[];
  /** Actions with a day before or after which they are not valid. */
  readonly limitedInTime: readonly { readonly action: number; readonly fromMs: number; readonly toMs: number }[];
  /** Per contact policy, the actions of each unit it suppresses together; must-say lines and transactional actions are in none. */
  readonly suppresses: readonly ReadonlyMap<number, Int32Array>[];
  /** Actions that any contact policy covers. */
  readonly limitedInContact: Int32Array;
  /** Actions with a maybe-later influence. */
  readonly influenced: readonly number[];
  readonly reasons: readonly (readonly CompiledReason[])[];
  /** Fields that any stage reads, by index into the revision's fields: what a record holds. */
  readonly usedFields: readonly number[];
  /** Moments at which the revision itself changes: validity dates. Ascending. */
  readonly validityMs: readonly number[];
  /** Whole seconds at which a condition on the call's own clocks can turn. Ascending. */
  readonly secondTurns: { readonly elapsed: readonly number[]; readonly customerSilent: readonly number[] };
  /** The same in milliseconds for the time since a field. */
  readonly sinceTurns: readonly { readonly field: number; readonly points: readonly number[] }[];
  readonly treatments: (channel: Channel, language: string) => Treatments;
}

export interface Treatments {
  /** Index of the treatment to use per action, −1 where there is none. */
  readonly chosen: Int16Array;
  /** Actions that have none. */
  readonly missing: Int32Array;
}

export function compileRevision(revision: CheckedRevision): CompiledRevision {
  const { actions } = revision;
  const slots = new SlotTable(revision);
  const table = new PredicateTable(slots);
  const conditions = indexConditions(actions, table);
  const care = revision.care.map((rule) => table.add(rule.condition));
  const hasContext = revision.factors?.context !== false;
  const context = actions.map((action) =>
    (hasContext ? action.context : []).map(({ when, weight }) => ({ predicate: table.add(when), weight })),
  );
  const contextPredicates = [...new Set(context.flat().map(({ predicate }) => predicate))];
  const contextNumbers = new Map(contextPredicates.map((predicate, number) => [predicate, number]));
  const contextStart = new Int32Array(actions.length + 1);
  for (const [action, entries] of context.entries()) contextStart[action + 1] = (contextStart[action] as number) + entries.length;
  const reasons = actions.map((action, index) =>
    action.reasons.map((reason) => compileReason(slots, table, revision, reason, at(conditions.stated, index))),
  );
  const usedFields = fieldsRead(slots, reasons);
  const sources = slotSources(revision, slots, usedFields);
  const groups = [...new Set(actions.map((action) => action.group))];
  const issues = [...new Set(actions.map((action) => action.issue))];
  const flags = (of: (action: CheckedAction) => boolean): Uint8Array => Uint8Array.from(actions, (action) => (of(action) ? 1 : 0));
  const turns = turningPoints(table.predicates);
  const base = {
    revision,
    groupOf: Int32Array.from(actions, ({ group }) => groups.indexOf(group)),
    issueOf: Int32Array.from(actions, ({ issue }) => issues.indexOf(issue)),
  };
  const suppresses = unitsOf(base);
  return {
    ...base,
    slots,
    slotSources: sources,
    changing: changingSlots(sources, usedFields, revision),
    predicates: table.predicates,
    conditions,
    finder: new PhraseFinder(slots.lists),
    actionIndex: new Map(actions.map((action, index) => [action.id, index])),
    purposeOf: Int32Array.from(actions, (action) => action.purpose),
    groups,
    issues,
    mandatory: flags((action) => action.mandatory),
    sales: flags((action) => action.sales),
    fallback: flags((action) => action.fallback),
    transactional: flags((action) => action.transactional),
    urgent: flags((action) => action.urgency === 'must'),
    numbers: actionNumbers(revision),
    ranksByPropensity: revision.factors?.propensity !== false,
    hasThresholds: actions.some(({ minPropensity, minPriority }) => minPropensity > 0 || minPriority > 0),
    care,
    contextStart,
    contextOf: Int32Array.from(context.flat(), ({ predicate }) => contextNumbers.get(predicate) as number),
    contextPredicates: Int32Array.from(contextPredicates),
    contextWeight: Float64Array.from(context.flat(), ({ weight }) => weight),
    ofSales: numbersOf(actions, ({ sales }) => sales),
    ofPurpose: revision.purposes.map((_, purpose) => numbersOf(actions, (action) => action.purpose === purpose)),
    limitedInTime: actions.flatMap(({ validFromMs, validToMs }, action) =>
      validFromMs === undefined && validToMs === undefined
        ? []
        : [{ action, fromMs: validFromMs ?? -Infinity, toMs: validToMs ?? Infinity }],
    ),
    suppresses,
    limitedInContact: Int32Array.from(new Set(suppresses.flatMap((units) => [...units.values()].flatMap((unit) => [...unit])))).toSorted(),
    influenced: [...numbersOf(actions, ({ influence }) => hasContext && influence.length > 0)],
    reasons,
    usedFields,
    validityMs: [
      ...actions.flatMap(({ validFromMs, validToMs }) => [validFromMs ?? [], validToMs ?? []].flat()),
      ...revision.exclusions.map(({ untilMs }) => untilMs),
    ].toSorted((a, b) => a - b),
    secondTurns: { elapsed: turns('field', 'call.elapsedS'), customerSilent: turns('field', 'call.customerSilentS') },
    sinceTurns: slots.slots.flatMap((slot) =>
      slot.kind === 'since' ? [{ field: slot.field, points: turns('since', at(revision.fields, slot.field).path) }] : [],
    ),
    treatments: treatmentChooser(revision),
  };
}

const numbersOf = (actions: readonly CheckedAction[], test: (action: CheckedAction, index: number) => boolean): Int32Array =>
  Int32Array.from(actions.flatMap((action, index) => (test(action, index) ? [index] : [])));

function compileReason(
  slots: SlotTable,
  table: PredicateTable,
  revision: CheckedRevision,
  reason: CheckedReason,
  conditions: readonly StatedCondition[],
): CompiledReason {
  const isProtected = (path: string): boolean => revision.fields[slots.field(path)]?.kind === 'protected';
  const speakPlaces = reason.speak === undefined ? null : placesOf(slots, reason.speak);
  const named = [...pathsOf(reason.when), ...(speakPlaces ?? []).flatMap((place) => (place.kind === 'field' ? [place.name] : []))];
  return {
    predicate: table.add(reason.when),
    textPlaces: placesOf(slots, reason.text),
    speakPlaces: named.some(isProtected) ? null : speakPlaces,
    lists: [
      heardIn(revision, slots, [reason.when]),
      heardIn(
        revision,
        slots,
        conditions.map(({ condition }) => condition),
      ),
    ],
  };
}

/** Paths of the fields a condition reads. */
export const pathsOf = (condition: Condition): readonly string[] =>
  leavesOf(condition).flatMap((leaf) => {
    switch (leaf.op) {
      case 'compare':
      case 'in':
        return leaf.left.kind === 'count' ? [] : [leaf.left.path];
      case 'has':
        return [leaf.path];
      case 'said':
      case 'literal':
        return [];
    }
  });

function fieldsRead(slots: SlotTable, reasons: CompiledRevision['reasons']): readonly number[] {
  const used = new Set<number>();
  for (const slot of slots.slots) if (slot.kind === 'field' || slot.kind === 'since' || slot.kind === 'has') used.add(slot.field);
  for (const { textPlaces, speakPlaces } of reasons.flat()) {
    for (const place of [...textPlaces, ...(speakPlaces ?? [])]) if (place.kind === 'field') used.add(place.field);
  }
  return [...used].toSorted((a, b) => a - b);
}

/** Whole numbers at which a condition on a field, or on the time since it, can turn as the value grows. Ascending. */
function turningPoints(predicates: readonly Predicate[]): (kind: 'field' | 'since', path: string) => readonly number[] {
  const found = new Map<string, Set<number>>();
  for (const leaf of predicates.flatMap(({ condition }) => leavesOf(condition))) {
    if ((leaf.op !== 'compare' && leaf.op !== 'in') || leaf.left.kind === 'count') continue;
    const key = `${leaf.left.kind} ${leaf.left.path}`;
    const points = found.get(key) ?? new Set();
    found.set(key, points);
    const is = leaf.op === 'in' ? '==' : leaf.is;
    for (const literal of leaf.op === 'in' ? leaf.set : [leaf.right]) {
      if (typeof literal !== 'number') continue;
      if (is !== '>' && is !== '<=') points.add(Math.ceil(literal));
      if (is !== '>=' && is !== '<') points.add(Math.floor(literal) + 1);
    }
  }
  const sorted = new Map([...found].map(([key, points]) => [key, [...points].toSorted((a, b) => a - b)] as const));
  return (kind, path) => sorted.get(`${kind} ${path}`) ?? [];
}

const base = (language: string): string => language.replace(/-.*$/, '');

/** Languages a desk meets in practice; more are chosen anew each time rather than kept. */
const LANGUAGES_KEPT = 32;

/** The treatment in the language asked for, else in the same base language, else in the revision's language. */
function treatmentChooser(revision: CheckedRevision): CompiledRevision['treatments'] {
  const kept = new Map<string, Treatments>();
  const choose = (action: CheckedAction, channel: Channel, language: string): number => {
    const fits = (test: (tag: string) => boolean): number =>
      action.treatments.findIndex((treatment) => treatment.channel === channel && test(treatment.language));
    for (const wanted of [language, revision.language]) {
      const exact = fits((tag) => tag === wanted);
      if (exact >= 0) return exact;
      const close = fits((tag) => base(tag) === base(wanted));
      if (close >= 0) return close;
    }
    return -1;
  };
  return (channel, language) => {
    const key = `${channel} ${language}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const chosen = Int16Array.from(revision.actions, (action) => choose(action, channel, language));
    const treatments = { chosen, missing: numbersOf(revision.actions, (_, action) => (chosen[action] as number) < 0) };
    if (kept.size >= LANGUAGES_KEPT) kept.clear();
    kept.set(key, treatments);
    return treatments;
  };
}
