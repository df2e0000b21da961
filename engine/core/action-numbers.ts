/**
 * The numbers of each action that scoring needs, side by side in memory: an action's eight fill one line of the
 * processor's cache, where eight arrays would fill eight.
 */
import type { CheckedRevision } from '#contract/checked-policy.ts';

/** Places in an action's row. */
export const STARTING_PROPENSITY = 0;
export const STARTING_EVIDENCE = 1;
/** V, in the revision's currency. */
export const VALUE = 2;
/** L as it ranks: 1 where the factor is switched off. */
export const LEVER = 3;
export const MIN_PROPENSITY = 4;
export const MIN_PRIORITY = 5;
/** The money accepting asks for. */
export const AMOUNT = 6;
/** V as it ranks: 1 where the factor is switched off. */
export const RANKING_VALUE = 7;

/** Shift that turns an action's number into the start of its row. */
export const ROW = 3;

export function actionNumbers({ actions, factors }: CheckedRevision): Float64Array {
  const numbers = new Float64Array(actions.length << ROW);
  for (const [action, one] of actions.entries()) {
    const row = action << ROW;
    numbers[row + STARTING_PROPENSITY] = one.startingPropensity;
    numbers[row + STARTING_EVIDENCE] = one.startingEvidence;
    numbers[row + VALUE] = one.value;
    numbers[row + LEVER] = factors?.lever === false ? 1 : one.lever;
    numbers[row + RANKING_VALUE] = factors?.value === false ? 1 : one.value;
    numbers[row + MIN_PROPENSITY] = one.minPropensity;
    numbers[row + MIN_PRIORITY] = one.minPriority;
    numbers[row + AMOUNT] = one.request?.amount ?? 0;
  }
  return numbers;
}
