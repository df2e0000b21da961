/** From the facts of a decision to the numbers its conditions compare. */
import { at } from './at.ts';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionFacts, FieldFact } from './facts.ts';
import { INTENTS, ofSpeech } from './field-values.ts';
import { OTHER_WORD, type Slot, type SlotTable } from './slots.ts';

/** Where a slot gets its number from. */
export interface SlotSource {
  readonly kind: Slot['kind'];
  /** Place in the facts' fields, counts, or number of the phrase list. */
  readonly place: number;
  /** Numbers of the words of an enum or text field. */
  readonly words: ReadonlyMap<string, number> | null;
  /** With `has`: the value looked for, and whether missing events may yet bring it. */
  readonly value: string;
  readonly mayHoldMore: boolean;
  /** With `has`: whether what was not read may yet bring it. */
  readonly mayBeUnread: boolean;
}

/** One source per slot, in their order. `usedFields` as in the compiled revision. */
export function slotSources(revision: CheckedRevision, slots: SlotTable, usedFields: readonly number[]): readonly SlotSource[] {
  let counts = 0;
  return slots.slots.map((slot): SlotSource => {
    const none = { words: null, value: '', mayHoldMore: false, mayBeUnread: false };
    switch (slot.kind) {
      case 'field':
        return { ...none, kind: slot.kind, place: usedFields.indexOf(slot.field), words: slots.words(slot.field) };
      case 'since':
        return { ...none, kind: slot.kind, place: usedFields.indexOf(slot.field) };
      case 'count':
        return { ...none, kind: slot.kind, place: counts++ };
      case 'has': {
        const { path } = at(revision.fields, slot.field);
        const more = { mayHoldMore: ofSpeech(path), mayBeUnread: path === INTENTS };
        return { ...none, ...more, kind: slot.kind, place: usedFields.indexOf(slot.field), value: slot.value };
      }
      case 'said':
        return { ...none, kind: slot.kind, place: slot.list };
    }
  });
}

/** Slots that do not follow from the profile alone, with their sources. */
export interface ChangingSlots {
  readonly slots: Int32Array;
  readonly sources: readonly SlotSource[];
}

export function changingSlots(sources: readonly SlotSource[], usedFields: readonly number[], { fields }: CheckedRevision): ChangingSlots {
  const isChanging = ({ kind, place }: SlotSource): boolean =>
    (kind !== 'field' && kind !== 'has') || !at(fields, at(usedFields, place)).path.startsWith('profile.');
  const slots = sources.flatMap((source, slot) => (isChanging(source) ? [slot] : []));
  return { slots: Int32Array.from(slots), sources: slots.map((slot) => at(sources, slot)) };
}

/** Fills the slots of fields by their values alone, NaN where one is unknown; leaves the others. */
export function fillFieldSlots(sources: readonly SlotSource[], fields: DecisionFacts['fields'], x: Float64Array): void {
  for (const [slot, source] of sources.entries()) {
    const value = fields[source.place] ?? null;
    if (source.kind === 'field') x[slot] = numberOf(value, source.words);
    else if (source.kind === 'has') x[slot] = Array.isArray(value) ? Number(value.includes(source.value)) : Number.NaN;
  }
}

/** Fills `x`: NaN where a value is unknown. */
export function fillSlots(sources: readonly SlotSource[], facts: DecisionFacts, nowMs: number, x: Float64Array): void {
  const { fields, counts, said, eventsMissing, unread } = facts;
  for (let number = 0; number < sources.length; number++) {
    const source = sources[number] as SlotSource;
    switch (source.kind) {
      case 'field':
        x[number] = numberOf(fields[source.place] ?? null, source.words);
        break;
      case 'since': {
        const atMs = fields[source.place];
        x[number] = typeof atMs === 'number' ? nowMs - atMs : Number.NaN;
        break;
      }
      case 'count':
        x[number] = counts[source.place] ?? Number.NaN;
        break;
      case 'has': {
        const set = fields[source.place];
        if (!Array.isArray(set)) x[number] = Number.NaN;
        else if (set.includes(source.value)) x[number] = 1;
        else x[number] = (source.mayHoldMore && eventsMissing) || (source.mayBeUnread && unread) ? Number.NaN : 0;
        break;
      }
      case 'said':
        x[number] = isHeard(said, source.place) ? 1 : eventsMissing ? Number.NaN : 0;
        break;
    }
  }
}

function isHeard(said: DecisionFacts['said'], list: number): boolean {
  for (let i = 0; i < said.length; i++) if (said[i]?.[0] === list) return true;
  return false;
}

function numberOf(value: FieldFact, words: SlotSource['words']): number {
  switch (typeof value) {
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return words?.get(value) ?? OTHER_WORD;
    default:
      return Number.NaN;
  }
}
