/** An action that passed its checks, as the core takes it. */
import type { CheckedAction } from '#contract/checked-policy.ts';
import type { ActionDefinition } from '#contract/policy.ts';
import { checkedRoute } from './check-significance.ts';
import { DAY_MS, durationMs } from './read-duration.ts';
import type { ActionPlace } from './resolve-scope.ts';

/** What the checks made of an action beyond what its file says. */
export type Worked = Pick<
  CheckedAction,
  'purpose' | 'lever' | 'context' | 'reasons' | 'treatments' | 'eligibility' | 'applicability' | 'suitability' | 'file'
> & { readonly minTransparency: number };

export const checkedAction = (own: ActionDefinition, { id, group, issue }: ActionPlace, worked: Worked): CheckedAction => {
  // Written out whole: thousands of them are made at a start, and one put together from parts takes five times as long.
  const action = {
    id,
    group,
    issue,
    name: own.name,
    mandatory: own.mandatory,
    transactional: own.transactional,
    fallback: own.fallback,
    sales: own.sales,
    significant: own.significant,
    urgency: own.urgency,
    purpose: worked.purpose,
    value: own.value,
    lever: worked.lever,
    context: worked.context,
    influence: own.influence.map(({ after, weight, over }) => ({ after, weight, overMs: durationMs(over, worked.file) })),
    startingPropensity: own.startingPropensity,
    startingEvidence: own.startingEvidence,
    minPropensity: own.minPropensity,
    minPriority: own.minPriority,
    eligibility: worked.eligibility,
    applicability: worked.applicability,
    suitability: worked.suitability,
    reasons: worked.reasons,
    treatments: worked.treatments,
    rejectReasons: own.rejectReasons,
    expiresAfterMs: own.expiresAfterS * 1_000,
    file: worked.file,
  };
  const { validFromMs, validToMs } = validity(own);
  const { route, request } = own;
  const { minTransparency } = worked;
  const isPlain =
    minTransparency === 1 && validFromMs === undefined && validToMs === undefined && route === undefined && request === undefined;
  if (isPlain) return action;
  return {
    ...action,
    ...(minTransparency === 1 ? {} : { minTransparency }),
    ...(validFromMs === undefined ? {} : { validFromMs }),
    ...(validToMs === undefined ? {} : { validToMs }),
    ...(route === undefined ? {} : { route: checkedRoute(route, worked.file) }),
    ...(request === undefined
      ? {}
      : { request: request.amount === undefined ? { kind: request.kind } : { kind: request.kind, amount: request.amount } }),
  };
};

/** From the first moment of the first day up to the end of the last, in UTC; undefined where nothing is said. */
export const validity = ({ validFrom, validTo }: ActionDefinition) => ({
  validFromMs: validFrom === undefined ? undefined : Date.parse(`${validFrom}T00:00:00Z`),
  validToMs: validTo === undefined ? undefined : Date.parse(`${validTo}T00:00:00Z`) + DAY_MS,
});
