/** What a contact policy counts together and suppresses together. */
import { at } from './at.ts';
import type { CheckedContactPolicy, CheckedRevision } from '#contract/checked-policy.ts';

interface Numbered {
  readonly revision: CheckedRevision;
  /** Group and issue of each action by number. */
  readonly groupOf: Int32Array;
  readonly issueOf: Int32Array;
}

/** The unit an action belongs to under a policy; null when the policy does not cover it. */
export function unitOf({ revision, groupOf, issueOf }: Numbered, policy: CheckedContactPolicy, action: number): number | null {
  if (policy.issues !== undefined && !policy.issues.includes(at(revision.actions, action).issue)) return null;
  switch (policy.per) {
    case 'action':
      return action;
    case 'group':
      return groupOf[action] as number;
    case 'issue':
      return issueOf[action] as number;
    case 'all':
      return 0;
  }
}

/** Per policy, the actions of each unit; must-say lines and transactional actions are exempt from all. */
export function unitsOf(numbered: Numbered): readonly ReadonlyMap<number, Int32Array>[] {
  const { actions, contact } = numbered.revision;
  return contact.map((policy) => {
    const units = new Map<number, number[]>();
    for (const [action, { mandatory, transactional }] of actions.entries()) {
      const unit = mandatory || transactional ? null : unitOf(numbered, policy, action);
      if (unit === null) continue;
      const list = units.get(unit);
      if (list === undefined) units.set(unit, [action]);
      else list.push(action);
    }
    return new Map([...units].map(([unit, list]) => [unit, Int32Array.from(list)]));
  });
}
