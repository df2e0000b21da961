/** The stages of a decision in order, and the closed reasons for which an action ends in one. Records store the index of a reason in REASONS. */
export const STAGES = [
  'available',
  'basis',
  'eligibility',
  'applicability',
  'suitability',
  'care',
  'contact',
  'constraint',
  'scored',
  'threshold',
  'arbitrated',
  'interruption',
  'shown',
] as const;
export type Stage = (typeof STAGES)[number];

/** An action that ends in one of these must not be done for this customer, not even by the agent's own choice. */
export const FORBIDDING_STAGES: ReadonlySet<Stage> = new Set(['available', 'basis', 'eligibility', 'care', 'constraint']);

/** Append only: records hold indices into this list. */
export const REASONS = [
  { code: 'not-yet-valid', stage: 'available' },
  { code: 'no-longer-valid', stage: 'available' },
  { code: 'emergency-excluded', stage: 'available' },
  { code: 'revision-expired', stage: 'available' },
  { code: 'no-treatment-for-channel', stage: 'available' },
  { code: 'no-basis', stage: 'basis' },
  { code: 'basis-unknown', stage: 'basis' },
  { code: 'objected', stage: 'basis' },
  { code: 'condition-false', stage: 'eligibility' },
  { code: 'condition-unknown', stage: 'eligibility' },
  { code: 'condition-false', stage: 'applicability' },
  { code: 'condition-unknown', stage: 'applicability' },
  { code: 'condition-false', stage: 'suitability' },
  { code: 'condition-unknown', stage: 'suitability' },
  { code: 'care-before-sale', stage: 'care' },
  { code: 'care-unknown', stage: 'care' },
  { code: 'contact-limit', stage: 'contact' },
  { code: 'contact-unknown', stage: 'contact' },
  { code: 'rejected-in-call', stage: 'contact' },
  { code: 'answered-in-call', stage: 'contact' },
  { code: 'snoozed', stage: 'contact' },
  { code: 'constraint-reached', stage: 'constraint' },
  { code: 'constraint-unknown', stage: 'constraint' },
  { code: 'score-failed', stage: 'scored' },
  { code: 'below-propensity', stage: 'threshold' },
  { code: 'below-priority', stage: 'threshold' },
  { code: 'maturity-throttle', stage: 'threshold' },
  { code: 'control-group', stage: 'threshold' },
  { code: 'outranked', stage: 'arbitrated' },
  { code: 'not-worth-interrupting', stage: 'interruption' },
  { code: 'cap-reached', stage: 'interruption' },
  { code: 'gap-not-over', stage: 'interruption' },
  { code: 'someone-speaking', stage: 'interruption' },
  { code: 'quiet', stage: 'interruption' },
  { code: 'call-not-active', stage: 'interruption' },
  { code: 'capture-paused', stage: 'interruption' },
  { code: 'primary', stage: 'shown' },
  { code: 'chip', stage: 'shown' },
  { code: 'rules-only', stage: 'scored' },
  { code: 'must-say-only', stage: 'available' },
  { code: 'not-drawn', stage: 'arbitrated' },
  { code: 'held-out', stage: 'threshold' },
] as const satisfies readonly { code: string; stage: Stage }[];
export type Reason = (typeof REASONS)[number];
export type ReasonCode = Reason['code'];

/** The alphabet in which `reasons` writes one index into REASONS per action. */
export const REASON_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
if (REASONS.length > REASON_ALPHABET.length) throw new Error('REASONS outgrew the record alphabet: a new record version is needed');

/** Why nothing is shown. */
export const REFRAIN_REASONS = [
  'nothing-available',
  'nothing-permitted',
  'nothing-relevant',
  'not-worth-interrupting',
  'cap-reached',
  'gap-not-over',
  'someone-speaking',
  'quiet',
  'call-not-active',
  'capture-paused',
] as const;
export type RefrainReason = (typeof REFRAIN_REASONS)[number];

/** How degraded a decision was, best first. */
export const RUNGS = ['model', 'last-good-model', 'starting-propensity', 'rules-only', 'must-say-only', 'refrain'] as const;
export type Rung = (typeof RUNGS)[number];
