/**
 * One word of bits per action: which of its conditions are not true, ten bits a stage, so that the first bit that is set
 * tells the stage. A stage with more conditions keeps the tenth bit for all from the tenth on, asked in their order.
 */
import type { CheckedAction } from '#contract/checked-policy.ts';
import type { StatedCondition } from '#contract/condition.ts';
import { at } from './at.ts';
import { CODE, PASSED, TRUE } from './codes.ts';
import { InvertedIndex, type Other } from './inverted-index.ts';
import type { Evaluate, PredicateTable } from './predicates.ts';

const STAGE_BITS = 10;
/** The bits of the first stage. */
export const ELIGIBILITY_BITS = (1 << STAGE_BITS) - 1;

const STAGES = [
  { failed: CODE.notEligible, unknown: CODE.eligibilityUnknown },
  { failed: CODE.notApplicable, unknown: CODE.applicabilityUnknown },
  { failed: CODE.notSuitable, unknown: CODE.suitabilityUnknown },
] as const;

/** By twice the place of the first bit that is set, from 1, and one more where it is unknown: what stops the action. PASSED where none is. */
export const STOP_OF_FIRST = Uint8Array.of(
  PASSED,
  PASSED,
  ...STAGES.flatMap(({ failed, unknown }) => Array.from({ length: STAGE_BITS }, () => [failed, unknown]).flat()),
);

export interface Conditions {
  readonly index: InvertedIndex;
  /** Per action, its conditions in the order in which they are asked. */
  readonly stated: readonly (readonly StatedCondition[])[];
  /** The same as predicates. */
  readonly predicates: readonly (readonly number[])[];
}

/** The conditions of all actions, each known to the table and indexed by its bit. */
export function indexConditions(actions: readonly CheckedAction[], table: PredicateTable): Conditions {
  const postings: (number[] | undefined)[] = [];
  const rests: Other[] = [];
  const stated: (readonly StatedCondition[])[] = [];
  const predicates: (readonly number[])[] = [];
  for (let action = 0; action < actions.length; action++) {
    const { eligibility, applicability, suitability } = at(actions, action);
    const ofAction = [eligibility, applicability, suitability].map((conditions) => conditions.map(({ condition }) => table.add(condition)));
    for (let stage = 0; stage < ofAction.length; stage++) {
      const ofStage = at(ofAction, stage);
      const place = (action << 5) + stage * STAGE_BITS;
      const alone = ofStage.length > STAGE_BITS ? STAGE_BITS - 1 : ofStage.length;
      for (let i = 0; i < alone; i++) post(postings, at(ofStage, i), place + i);
      if (alone < ofStage.length) {
        const rest = ofStage.slice(alone).map((number) => at(table.predicates, number).evaluate);
        rests.push({ evaluate: firstNotTrue(rest), postings: Int32Array.of(place + alone) });
      }
    }
    stated.push([...eligibility, ...applicability, ...suitability]);
    predicates.push(ofAction.flat());
  }
  return { index: new InvertedIndex(table.predicates, postings, rests), stated, predicates };
}

function post(postings: (number[] | undefined)[], predicate: number, place: number): void {
  const places = postings[predicate];
  if (places === undefined) postings[predicate] = [place];
  else places.push(place);
}

/** What the first that is not true says. */
const firstNotTrue =
  (conditions: readonly Evaluate[]): Evaluate =>
  (x) => {
    for (const condition of conditions) {
      const truth = condition(x);
      if (truth !== TRUE) return truth;
    }
    return TRUE;
  };
