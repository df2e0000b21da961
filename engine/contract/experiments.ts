/**
 * Experiments on deciding itself: what an arm leaves out of a next best action, so that its worth can be measured. `nba` is
 * everything as the policy has it.
 */
export const EXPERIMENT_ARMS = [
  /** Which of the actions that passed every stage comes first is drawn, the same for a call as long as it lasts. */
  'random-relevant',
  /** By propensity alone: context weight, value and lever count as 1. */
  'propensity-only',
  /** Levers count as 1. */
  'no-levers',
  /** Applicability and suitability are not asked of actions that are neither mandatory nor significant. Care before sale is. */
  'eligibility-only',
  /** A drawn number ranks in the propensity's place, the same for a call as long as it lasts. */
  'random-propensity',
] as const;
export type ExperimentArm = (typeof EXPERIMENT_ARMS)[number];

/** What is assigned as one. Who or what is not known is in no arm. */
export const EXPERIMENT_UNITS = ['customer', 'agent', 'site'] as const;
export type ExperimentUnit = (typeof EXPERIMENT_UNITS)[number];

/** How often everybody is assigned anew; left out where it is for good. Months are of UTC. */
export const ASSIGNED_ANEW = ['monthly'] as const;
export type AssignedAnew = (typeof ASSIGNED_ANEW)[number];

/** The five questions that are always worth asking, each the policy against one arm. */
export const STANDING_EXPERIMENTS = [
  { id: 'nba-vs-random-relevant', arm: 'random-relevant', asks: 'Is ranking worth more than chance?' },
  { id: 'nba-vs-propensity-only', arm: 'propensity-only', asks: 'What do context weights, values and levers add to propensity?' },
  { id: 'nba-vs-no-levers', arm: 'no-levers', asks: 'What do levers cost or bring?' },
  { id: 'nba-vs-eligibility-only', arm: 'eligibility-only', asks: 'What do applicability and suitability add to eligibility?' },
  { id: 'model-vs-random-propensity', arm: 'random-propensity', asks: 'What does the model add to chance?' },
] as const satisfies readonly { readonly id: string; readonly arm: ExperimentArm; readonly asks: string }[];
