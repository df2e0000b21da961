/**
 * The numbers of each action that scoring needs, side by side in memory: an action's eight fill one line of the
 * processor's cache, where eight arrays would fill eight.
 */
import type { CheckedAction } from '#contract/checked-policy.ts';

/** Places in an action's row. */
export const STARTING_PROPENSITY = 0;
export const STARTING_EVIDENCE = 1;
/** V, in the revision's currency. */
export const VALUE = 2;
/** L. */
export const LEVER = 3;
export const MIN_PROPENSITY = 4;
export const MIN_PRIORITY = 5;
/** The money accepting asks for. */
export const AMOUNT = 6;

/** Shift that turns an action's number into the start of its row. */
export const ROW = 3;

export function actionNumbers(actions: readonly CheckedAction[]): Float64Array {
  const numbers = new Float64Array(actions.length << ROW);
  for (const [action, one] of actions.entries()) {
    const row = action << ROW;
    numbers[row + STARTING_PROPENSITY] = one.startingPropensity;
    numbers[row + STARTING_EVIDENCE] = one.startingEvidence;
    numbers[row + VALUE] = one.value;
    numbers[row + LEVER] = one.lever;
    numbers[row + MIN_PROPENSITY] = one.minPropensity;
    numbers[row + MIN_PRIORITY] = one.minPriority;
    numbers[row + AMOUNT] = one.request?.amount ?? 0;
  }
  return numbers;
}
