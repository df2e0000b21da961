/** The places of a sentence: `{profile.billIncrease}`, `{said}` and `{ago}`. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import type { SlotTable } from './slots.ts';

export type Place =
  | { readonly kind: 'field'; readonly name: string; readonly field: number }
  /** The words that were heard, as the policy writes them. */
  | { readonly kind: 'said'; readonly name: 'said' }
  /** Milliseconds since then. */
  | { readonly kind: 'ago'; readonly name: 'ago' };

const NONE: readonly never[] = [];

export function placesOf(slots: SlotTable, template: string): readonly Place[] {
  let open = template.indexOf('{');
  let places: readonly Place[] = NONE;
  while (open >= 0) {
    const close = template.indexOf('}', open);
    if (close < 0) throw new Error(`the checked revision has a sentence with an open place: ${template}`);
    places = [...places, placeNamed(slots, template.slice(open + 1, close))];
    open = template.indexOf('{', close);
  }
  return places;
}

const placeNamed = (slots: SlotTable, name: string): Place => {
  if (name === 'said') return { kind: 'said', name };
  if (name === 'ago') return { kind: 'ago', name };
  return { kind: 'field', name, field: slots.field(name) };
};

/** The phrase lists whose being heard makes a condition true: `said` and topics, not under a `not`. */
export function heardIn(revision: CheckedRevision, slots: SlotTable, condition: Condition): readonly number[] {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.flatMap((part) => heardIn(revision, slots, part));
    case 'said': {
      const slot = slots.slots[slots.said(condition.by, condition.phrases)];
      return slot?.kind === 'said' ? [slot.list] : NONE;
    }
    case 'has':
      if (condition.path !== 'call.topics') return NONE;
      return revision.topics.flatMap(({ topic }, list) => (topic === condition.value ? [list] : []));
    case 'compare':
    case 'in':
    case 'not':
    case 'literal':
      return NONE;
  }
}
