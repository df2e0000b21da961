/** Reason codes by number, as records hold them. */
import { REASONS, type ReasonCode, type Stage } from '#contract/reason-codes.ts';

function index(stage: Stage, code: ReasonCode): number {
  const found = REASONS.findIndex((reason) => reason.stage === stage && reason.code === code);
  if (found < 0) throw new Error(`REASONS has no ${stage}/${code}: add it at the end of the list`);
  return found;
}

/** Not in REASONS: nothing has stopped the action yet. */
export const PASSED = 255;

export const CODE = {
  notYetValid: index('available', 'not-yet-valid'),
  noLongerValid: index('available', 'no-longer-valid'),
  excluded: index('available', 'emergency-excluded'),
  revisionExpired: index('available', 'revision-expired'),
  mustSayOnly: index('available', 'must-say-only'),
  noTreatment: index('available', 'no-treatment-for-channel'),
  noBasis: index('basis', 'no-basis'),
  basisUnknown: index('basis', 'basis-unknown'),
  objected: index('basis', 'objected'),
  notEligible: index('eligibility', 'condition-false'),
  eligibilityUnknown: index('eligibility', 'condition-unknown'),
  notApplicable: index('applicability', 'condition-false'),
  applicabilityUnknown: index('applicability', 'condition-unknown'),
  notSuitable: index('suitability', 'condition-false'),
  suitabilityUnknown: index('suitability', 'condition-unknown'),
  careBeforeSale: index('care', 'care-before-sale'),
  careUnknown: index('care', 'care-unknown'),
  contactLimit: index('contact', 'contact-limit'),
  contactUnknown: index('contact', 'contact-unknown'),
  rejectedInCall: index('contact', 'rejected-in-call'),
  answeredInCall: index('contact', 'answered-in-call'),
  snoozed: index('contact', 'snoozed'),
  constraintReached: index('constraint', 'constraint-reached'),
  constraintUnknown: index('constraint', 'constraint-unknown'),
  throttled: index('threshold', 'maturity-throttle'),
  control: index('threshold', 'control-group'),
  heldOut: index('threshold', 'held-out'),
  belowPropensity: index('threshold', 'below-propensity'),
  belowPriority: index('threshold', 'below-priority'),
  outranked: index('arbitrated', 'outranked'),
  notDrawn: index('arbitrated', 'not-drawn'),
  notWorth: index('interruption', 'not-worth-interrupting'),
  capReached: index('interruption', 'cap-reached'),
  gapNotOver: index('interruption', 'gap-not-over'),
  speaking: index('interruption', 'someone-speaking'),
  quiet: index('interruption', 'quiet'),
  callNotActive: index('interruption', 'call-not-active'),
  capturePaused: index('interruption', 'capture-paused'),
  primary: index('shown', 'primary'),
  chip: index('shown', 'chip'),
} as const;

/** Three-valued truth. */
export const FALSE = 0;
export const TRUE = 1;
export const UNKNOWN = 2;
export type Truth = typeof FALSE | typeof TRUE | typeof UNKNOWN;
