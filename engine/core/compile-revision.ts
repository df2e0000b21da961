/** A checked revision made ready for deciding: done once when a revision becomes current. */
import { actionNumbers } from './action-numbers.ts';
import { at } from './at.ts';
import type { CheckedAction, CheckedRevision } from '#contract/checked-policy.ts';
import type { Channel } from '#contract/profile.ts';
import { compileReason, type CompiledReason } from './compile-reason.ts';
import { unitsOf } from './contact-units.ts';
import { type Conditions, indexConditions } from './failure-bits.ts';
import { PhraseFinder } from './phrases.ts';
import { type ChangingSlots, changingSlots, type SlotSource, slotSources } from './fill-slots.ts';
import { type Predicate, PredicateTable } from './predicates.ts';
import { SlotTable } from './slots.ts';
import { heardIn, type Place } from './templates.ts';
import { treatmentChooser, type Treatments } from './treatments.ts';
import { turningPoints } from './turning-points.ts';

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
  /** 1 where the action is mandatory, of sales kind, of fallback kind, not counted to contact limits, in need of a second person. */
  readonly mandatory: Uint8Array;
  readonly sales: Uint8Array;
  readonly fallback: Uint8Array;
  readonly transactional: Uint8Array;
  readonly significant: Uint8Array;
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
  /** Per purpose, the fields that may be read for nothing else. */
  readonly fieldsOfPurpose: readonly Int32Array[];
  /** Actions of sales kind. */
  readonly ofSales: Int32Array;
  /** Actions of each purpose. */
  readonly ofPurpose: readonly Int32Array[];
  /** Actions with a day before or after which they are not valid. */
  readonly limitedInTime: readonly { readonly action: number; readonly fromMs: number; readonly toMs: number }[];
  /** Per holdout, the actions it keeps from whoever is in it. */
  readonly heldOutBy: readonly Int32Array[];
  /** Per contact policy, the actions of each unit it suppresses together; must-say lines and transactional actions are in none. */
  readonly suppresses: readonly ReadonlyMap<number, Int32Array>[];
  /** Actions that any contact policy covers. */
  readonly limitedInContact: Int32Array;
  /** Actions with a maybe-later influence. */
  readonly influenced: readonly number[];
  readonly reasons: readonly (readonly CompiledReason[])[];
  /** Fields that any stage reads or that are learnt from, by index into the revision's fields: what a record holds. */
  readonly usedFields: readonly number[];
  /** Moments at which the revision itself changes: validity dates. Ascending. */
  readonly validityMs: readonly number[];
  /** Whole seconds at which a condition on the call's own clocks can turn. Ascending. */
  readonly secondTurns: { readonly elapsed: readonly number[]; readonly customerSilent: readonly number[] };
  /** The same in milliseconds for the time since a field. */
  readonly sinceTurns: readonly { readonly field: number; readonly points: readonly number[] }[];
  readonly treatments: (channel: Channel, language: string) => Treatments;
}

export function compileRevision(revision: CheckedRevision): CompiledRevision {
  const { actions } = revision;
  const slots = new SlotTable(revision);
  const table = new PredicateTable(slots);
  const care = revision.care.map((rule) => table.add(rule.condition));
  const conditions = indexConditions(actions, table);
  const hasContext = revision.factors?.context !== false;
  const context = actions.map((action) =>
    (hasContext ? action.context : []).map(({ when, weight }) => ({ predicate: table.add(when), weight })),
  );
  const contextPredicates = [...new Set(context.flat().map(({ predicate }) => predicate))];
  const contextNumbers = new Map(contextPredicates.map((predicate, number) => [predicate, number]));
  const contextStart = new Int32Array(actions.length + 1);
  for (const [action, entries] of context.entries()) contextStart[action + 1] = (contextStart[action] as number) + entries.length;
  const reasons = actions.map((action, index) => {
    const heard = at(conditions.stated, index).flatMap(({ condition }) => heardIn(revision, slots, condition));
    return action.reasons.map((reason) => compileReason(revision, slots, table, reason, heard));
  });
  const treatments = actions.map((action) => action.treatments.map(({ when }) => (when === undefined ? null : table.add(when))));
  const usedFields = fieldsRead(slots, reasons, revision.adaptive?.features ?? []);
  const sources = slotSources(revision, slots, usedFields);
  const groups = [...new Set(actions.map((action) => action.group))];
  const issues = [...new Set(actions.map((action) => action.issue))];
  const flags = (of: (action: CheckedAction) => boolean): Uint8Array =>
    columnOf(actions, new Uint8Array(actions.length), (action) => (of(action) ? 1 : 0));
  const turns = turningPoints(table.predicates);
  const base = {
    revision,
    groupOf: columnOf(actions, new Int32Array(actions.length), ({ group }) => groups.indexOf(group)),
    issueOf: columnOf(actions, new Int32Array(actions.length), ({ issue }) => issues.indexOf(issue)),
  };
  const suppresses = unitsOf(base);
  const limitedInTime = [...numbersOf(actions, (one) => one.validFromMs !== undefined || one.validToMs !== undefined)].map((action) => {
    const { validFromMs, validToMs } = at(actions, action);
    return { action, fromMs: validFromMs ?? -Infinity, toMs: validToMs ?? Infinity };
  });
  return {
    ...base,
    slots,
    slotSources: sources,
    changing: changingSlots(sources, usedFields, revision),
    predicates: table.predicates,
    conditions,
    finder: new PhraseFinder(slots.lists),
    actionIndex: new Map(actions.map((action, index) => [action.id, index])),
    purposeOf: columnOf(actions, new Int32Array(actions.length), ({ purpose }) => purpose),
    groups,
    issues,
    mandatory: flags((action) => action.mandatory),
    sales: flags((action) => action.sales),
    fallback: flags((action) => action.fallback),
    transactional: flags((action) => action.transactional),
    significant: flags((action) => action.significant),
    urgent: flags((action) => action.urgency === 'must'),
    numbers: actionNumbers(revision),
    ranksByPropensity: revision.factors?.propensity !== false,
    hasThresholds: actions.some(({ minPropensity, minPriority }) => minPropensity > 0 || minPriority > 0),
    care,
    contextStart,
    contextOf: Int32Array.from(context.flat(), ({ predicate }) => contextNumbers.get(predicate) as number),
    contextPredicates: Int32Array.from(contextPredicates),
    contextWeight: Float64Array.from(context.flat(), ({ weight }) => weight),
    fieldsOfPurpose: revision.purposes.map(({ id }) =>
      Int32Array.from(revision.fields.flatMap(({ purpose }, field) => (purpose === id ? [field] : []))),
    ),
    ofSales: numbersOf(actions, ({ sales }) => sales),
    ofPurpose: revision.purposes.map((_, purpose) => numbersOf(actions, (action) => action.purpose === purpose)),
    limitedInTime,
    heldOutBy: (revision.holdouts ?? []).map((holdout) => numbersOf(actions, ({ id }) => holdout.actions.includes(id))),
    suppresses,
    limitedInContact: limitedBy(suppresses, actions),
    influenced: [...numbersOf(actions, ({ influence }) => hasContext && influence.length > 0)],
    reasons,
    usedFields,
    validityMs: [
      ...limitedInTime.flatMap(({ fromMs, toMs }) => [fromMs, toMs].filter(Number.isFinite)),
      ...revision.exclusions.map(({ untilMs }) => untilMs),
      ...(revision.holdouts ?? []).flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]),
    ].toSorted((a, b) => a - b),
    secondTurns: { elapsed: turns('field', 'call.elapsedS'), customerSilent: turns('field', 'call.customerSilentS') },
    sinceTurns: slots.slots.flatMap((slot) =>
      slot.kind === 'since' ? [{ field: slot.field, points: turns('since', at(revision.fields, slot.field).path) }] : [],
    ),
    treatments: treatmentChooser(revision, treatments),
  };
}

// The loops below go by index: all of this runs once, in a process that has compiled nothing yet.

/** Fills `column` with a number of each action. */
function columnOf<T extends Int32Array | Uint8Array>(
  actions: readonly CheckedAction[],
  column: T,
  of: (action: CheckedAction) => number,
): T {
  for (let action = 0; action < actions.length; action++) column[action] = of(at(actions, action));
  return column;
}

/** The actions that pass a test, ascending. */
function numbersOf(actions: readonly CheckedAction[], test: (action: CheckedAction, index: number) => boolean): Int32Array {
  const numbers: number[] = [];
  for (let action = 0; action < actions.length; action++) if (test(at(actions, action), action)) numbers.push(action);
  return new Int32Array(numbers);
}

/** The actions of any unit, ascending. */
function limitedBy(suppresses: CompiledRevision['suppresses'], actions: readonly CheckedAction[]): Int32Array {
  const isLimited = new Uint8Array(actions.length);
  for (const units of suppresses) for (const unit of units.values()) for (let i = 0; i < unit.length; i++) isLimited[unit[i] as number] = 1;
  return numbersOf(actions, (_, action) => isLimited[action] === 1);
}

function fieldsRead(slots: SlotTable, reasons: CompiledRevision['reasons'], learntFrom: readonly string[]): readonly number[] {
  const used = new Set(learntFrom.map((path) => slots.field(path)));
  const note = (places: readonly Place[]): void => {
    for (const place of places) if (place.kind === 'field') used.add(place.field);
  };
  for (const slot of slots.slots) if (slot.kind === 'field' || slot.kind === 'since' || slot.kind === 'has') used.add(slot.field);
  for (const ofAction of reasons) {
    for (const { textPlaces, speakPlaces } of ofAction) {
      note(textPlaces);
      if (speakPlaces !== null) note(speakPlaces);
    }
  }
  return [...used].toSorted((a, b) => a - b);
}
