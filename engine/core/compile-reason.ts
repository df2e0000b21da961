/** What may be told to the agent and the customer, made ready: predicates, places and the phrase lists a sentence may be about. */
import type { CheckedReason, CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import { type ConditionLeaf, leavesOf } from './condition-leaves.ts';
import type { PredicateTable } from './predicates.ts';
import type { SlotTable } from './slots.ts';
import { heardIn, type Place, placesOf } from './templates.ts';

export interface CompiledReason {
  readonly predicate: number;
  readonly textPlaces: readonly Place[];
  /** Null when it may not be spoken: no wording for it, or something protected in it. */
  readonly speakPlaces: readonly Place[] | null;
  /** Phrase lists whose hearing this reason may be about, nearest first: its own condition's, then the action's. */
  readonly lists: readonly (readonly number[])[];
}

/** `heardByAction` are the phrase lists of the action's conditions. */
export function compileReason(
  revision: CheckedRevision,
  slots: SlotTable,
  table: PredicateTable,
  { when, text, speak }: CheckedReason,
  heardByAction: readonly number[],
): CompiledReason {
  const isProtected = (path: string): boolean => revision.fields[slots.field(path)]?.kind === 'protected';
  const spoken = speak === undefined ? null : placesOf(slots, speak);
  const mayBeSpoken =
    spoken !== null && !spoken.some((place) => place.kind === 'field' && isProtected(place.name)) && !pathsOf(when).some(isProtected);
  return {
    predicate: table.add(when),
    textPlaces: placesOf(slots, text),
    speakPlaces: mayBeSpoken ? spoken : null,
    lists: [heardIn(revision, slots, when), heardByAction],
  };
}

/** Paths of the fields a condition reads. */
const pathsOf = (condition: Condition): readonly string[] => leavesOf(condition).flatMap((leaf) => pathOf(leaf) ?? []);

const pathOf = (leaf: ConditionLeaf): string | null => {
  switch (leaf.op) {
    case 'compare':
    case 'in':
      return leaf.left.kind === 'count' ? null : leaf.left.path;
    case 'has':
      return leaf.path;
    case 'said':
    case 'literal':
      return null;
  }
};
