/** Whose a change of policy is: the council owns who may be offered what and how often; the huddle owns how it is said and weighed, and may be stricter. */
import type { Tier } from '#contract/change-request.ts';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { type RuleChange, ruleChanges } from './blast-radius/rule-changes.ts';

/** Parts of an action that open no door and close none. */
const TACTICS_OF_ACTION = new Set(
  'wording treatments lever context influence value startingPropensity startingEvidence minPropensity minPriority validFrom validTo expiresAfterMs'.split(
    ' ',
  ),
);
const TACTICS_OF_REVISION = new Set([
  'maturityThrottle',
  'control',
  'experiment',
  'challenger',
  'holdouts',
  'exploration',
  'maxChips',
  'useModel',
]);
/** In which direction a number of a contact policy or a constraint is stricter. */
const STRICTER: Readonly<Record<string, 'less' | 'more'>> = { limit: 'less', windowMs: 'more', suppressForMs: 'more' };

/** `before` null: the first revision, which is all policy. */
export const tierOf = (before: CheckedRevision | null, after: CheckedRevision): Tier =>
  before !== null && ruleChanges(before, after).every(isTactics) ? 'huddle' : 'council';

function isTactics({ of, change, part, from, to }: RuleChange): boolean {
  if (change === 'reworded') return true;
  switch (of) {
    case 'action':
      return TACTICS_OF_ACTION.has(part);
    case 'contact':
    case 'constraint':
      return part === '' ? change === 'added' : isStricter(part, Number(from), Number(to));
    case 'exclusion':
      return part === '' && change === 'added';
    case 'attention':
      return true;
    case 'revision':
      return TACTICS_OF_REVISION.has(part);
    case 'care':
    case 'purpose':
    case 'field':
    case 'topic':
      return false;
  }
}

function isStricter(part: string, from: number, to: number): boolean {
  const direction = STRICTER[part];
  if (direction === undefined || Number.isNaN(from) || Number.isNaN(to)) return false;
  return direction === 'less' ? to < from : to > from;
}
