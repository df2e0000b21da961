/** The places of a sentence: `{profile.billIncrease}`, `{said}` and `{ago}`. */
import { at } from './at.ts';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import type { SlotTable } from './slots.ts';

export type Place =
  | { readonly kind: 'field'; readonly name: string; readonly field: number }
  /** The words that were heard, as the policy writes them. */
  | { readonly kind: 'said'; readonly name: 'said' }
  /** Milliseconds since then. */
  | { readonly kind: 'ago'; readonly name: 'ago' };

const PLACE = /\{([^{}]+)\}/g;

export function placesOf(slots: SlotTable, template: string): readonly Place[] {
  return [...template.matchAll(PLACE)].map((match): Place => {
    const name = at(match, 1).trim();
    if (name === 'said') return { kind: 'said', name };
    if (name === 'ago') return { kind: 'ago', name };
    return { kind: 'field', name, field: slots.field(name) };
  });
}

/** The phrase lists whose being heard makes one of the conditions true: `said` and topics, not under a `not`. */
export function heardIn(revision: CheckedRevision, slots: SlotTable, conditions: readonly Condition[]): readonly number[] {
  return conditions.flatMap((condition): readonly number[] => {
    switch (condition.op) {
      case 'and':
      case 'or':
        return heardIn(revision, slots, condition.of);
      case 'said': {
        const slot = slots.slots[slots.said(condition.by, condition.phrases)];
        return slot?.kind === 'said' ? [slot.list] : [];
      }
      case 'has': {
        if (condition.path !== 'call.topics') return [];
        return revision.topics.flatMap(({ topic }, list) => (topic === condition.value ? [list] : []));
      }
      case 'compare':
      case 'in':
      case 'not':
      case 'literal':
        return [];
    }
  });
}
