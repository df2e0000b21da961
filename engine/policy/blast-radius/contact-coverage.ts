/** Which actions the contact policies of a revision limit, and how long a rest they impose can last. */
import type { CheckedAction, CheckedContactPolicy, CheckedRevision } from '#contract/checked-policy.ts';

const DAY_MS = 86_400_000;

/** History is kept this long: a rest that lasts longer outlives what brought it about, and so does not end in practice. */
export const KEPT_MS = 400 * DAY_MS;

/** Must-say lines and transactional actions are exempt. */
const covers = ({ issues }: CheckedContactPolicy, { mandatory, transactional, issue }: CheckedAction): boolean =>
  !mandatory && !transactional && (issues === undefined || issues.includes(issue));

/** Ids of the policies that limit an action; null where the revision has no such action. */
export function policiesOver({ actions, contact }: CheckedRevision, actionId: string): readonly string[] | null {
  const action = actions.find(({ id }) => id === actionId);
  return action === undefined ? null : contact.filter((policy) => covers(policy, action)).map(({ id }) => id);
}

export const isEndless = ({ suppressForMs }: CheckedContactPolicy): boolean => suppressForMs > KEPT_MS;
