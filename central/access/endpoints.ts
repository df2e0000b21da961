/**
 * Who may ask what: one row an endpoint, HTTP and sockets alike. The guard is built from it, and central does not start with a route
 * that has no row. Whoever has a role that is not named is refused; whose rows they see is said beside the role.
 */
import { APPROVALS_PATH, APPROVER_NAMESPACE, BREAKS_PATH, METER_PATH, SEEDED_PATH } from '#contract/approval.ts';
import { CONTESTABLE_PATH, CONTESTS_PATH } from '#contract/contest.ts';
import { CORE_PATH } from '#contract/core-source.ts';
import { CHANGES_PATH, EXCLUSIONS_PATH, ROLLBACK_PATH, STATUS_PATH } from '#contract/change-request.ts';
import { ENROL_PATH, CHALLENGE_PATH, SESSION_PATH, SIGN_IN_PATH } from '#contract/sign-in.ts';
import { LEARNT_PATH } from '#contract/learning.ts';
import { DESK_NAMESPACE, MODEL_PATH, PRODUCER_NAMESPACE, REVISION_PATH } from '#contract/live.ts';
import {
  COACHING_PATH,
  FIGURES_PATH,
  NOTICES_PATH,
  OVERRIDE_CASES_PATH,
  OVERRIDE_ITEMS_PATH,
  OVERRIDES_PATH,
} from '#contract/override-review.ts';
import { PEOPLE_PATH } from '#contract/people.ts';
import { PERSON_ROLES, type PersonRole, type Role } from '#contract/roles.ts';
import { SUBJECTS_PATH } from '#contract/subject-orders.ts';
import {
  ALERTS_PATH,
  COACH_PATH,
  SUPERVISED_PATH,
  SUPERVISION_PATH,
  SUPERVISOR_NAMESPACE,
  TRANSCRIPT_PATH,
} from '#contract/supervision.ts';
import { OUTBOX_PATH } from '#contract/sync.ts';

/** Whose rows: one's own, those of one's teams' agents, or everybody's. What holds nothing of anybody is `all`. */
export type Reach = 'own' | 'team' | 'all';

export interface Endpoint {
  /** Anybody, without a token: it holds nothing, or the request carries its own proof. */
  readonly open?: true;
  /** Anybody on this computer, in the embedded central alone. */
  readonly openInDevelopment?: true;
  readonly may: Readonly<Partial<Record<Role, Reach>>>;
}

const everybody = (reach: Reach, ...roles: readonly Role[]): Endpoint['may'] => Object.fromEntries(roles.map((role) => [role, reach]));
const OPEN: Endpoint = { open: true, may: {} };
/** Breaking glass is a right beside a role, not a role to read with. */
const PEOPLE = PERSON_ROLES.filter((role) => role !== 'break-glass');

/** Who may see what is changed, and why. */
const GOVERNING = ['supervisor', 'council', 'huddle', 'analyst', 'privacy', 'operator'] as const satisfies readonly PersonRole[];

/** Of significant requests: whoever may be asked to decide them. */
const DECIDING_FOR_OTHERS = {
  approver: 'team',
  supervisor: 'team',
  council: 'all',
  huddle: 'all',
  'break-glass': 'all',
} as const satisfies Endpoint['may'];
const DECIDING = { agent: 'own', ...DECIDING_FOR_OTHERS } as const satisfies Endpoint['may'];

/** Of overrides: whoever judges them. */
const REVIEWING = { supervisor: 'team', council: 'all' } as const satisfies Endpoint['may'];

/** Of contests: whoever may be asked to look at them, and who sees to it that they are. */
const ANSWERING = { supervisor: 'team', council: 'all', huddle: 'all' } as const satisfies Endpoint['may'];
const CONTESTED = { ...ANSWERING, privacy: 'all' } as const satisfies Endpoint['may'];

export const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'GET /health/live': OPEN,
  'GET /health/ready': OPEN,
  // Numbers alone. What stands between central and the world does not pass it on (docs/OPERATING.md).
  'GET /metrics': OPEN,

  [`GET ${SIGN_IN_PATH}`]: OPEN,
  [`POST ${CHALLENGE_PATH}`]: OPEN,
  [`POST ${ENROL_PATH}`]: OPEN,
  [`POST ${SESSION_PATH}`]: OPEN,
  'POST /dev/token': OPEN,

  'POST /api/events': { may: { integration: 'all' } },
  'POST /api/actions/answers': { may: { integration: 'all' } },
  'GET /api/intake': { may: everybody('all', ...PEOPLE, 'integration') },
  'GET /api/calls/:callId': {
    may: { agent: 'own', supervisor: 'team', approver: 'team', analyst: 'all', privacy: 'all', integration: 'all' },
  },
  'GET /api/outcomes': { may: { agent: 'own', supervisor: 'team', analyst: 'all', privacy: 'all', integration: 'all' } },
  'GET /api/ledger-heads': { may: everybody('all', 'analyst', 'privacy', 'operator', 'integration') },
  [`GET ${SUBJECTS_PATH}/:customerId`]: { may: everybody('all', 'privacy') },
  [`GET ${SUBJECTS_PATH}/:customerId/orders`]: { may: everybody('all', 'privacy') },
  [`POST ${SUBJECTS_PATH}/:customerId/hold`]: { may: everybody('all', 'privacy') },
  [`POST ${SUBJECTS_PATH}/:customerId/erase`]: { may: everybody('all', 'privacy') },
  'GET /api/central-heads': { may: everybody('all', 'analyst', 'privacy', 'operator', 'integration') },
  'POST /api/central-heads': { may: everybody('all', 'privacy', 'operator') },
  'GET /decisions': { openInDevelopment: true, may: { supervisor: 'team', analyst: 'all', privacy: 'all' } },

  [`POST ${OUTBOX_PATH}`]: { may: { device: 'own' } },
  'GET /api/revision': { may: everybody('all', ...PEOPLE, 'integration') },
  [`GET ${REVISION_PATH}/:hash`]: { may: everybody('all', ...PEOPLE, 'integration') },
  [`GET ${CORE_PATH}/:hash`]: { may: everybody('all', ...PEOPLE, 'integration') },
  [`GET ${MODEL_PATH}/:hash`]: { may: everybody('all', ...PEOPLE, 'integration') },

  [`GET ${LEARNT_PATH}`]: { may: everybody('all', ...GOVERNING) },
  [`GET ${LEARNT_PATH}/:hash`]: { may: everybody('all', ...PEOPLE, 'integration') },

  [`POST ${CHANGES_PATH}`]: { may: everybody('all', 'council', 'huddle') },
  [`GET ${CHANGES_PATH}/:requestId`]: { may: everybody('all', ...GOVERNING) },
  [`GET ${STATUS_PATH}`]: { may: everybody('all', ...GOVERNING) },
  [`POST ${CHANGES_PATH}/:requestId/review`]: { may: everybody('all', 'council', 'huddle') },
  [`POST ${CHANGES_PATH}/:requestId/publish`]: { may: everybody('all', 'council', 'huddle') },
  [`POST ${ROLLBACK_PATH}`]: { may: everybody('all', 'council', 'huddle', 'operator') },
  [`POST ${EXCLUSIONS_PATH}`]: { may: everybody('all', 'council', 'huddle', 'supervisor') },
  [`POST ${EXCLUSIONS_PATH}/:exclusionId/lift`]: { may: everybody('all', 'council', 'huddle', 'supervisor') },
  [`POST ${EXCLUSIONS_PATH}/:exclusionId/review`]: { may: everybody('all', 'council', 'huddle') },

  [`GET ${APPROVALS_PATH}`]: { may: DECIDING },
  [`GET ${APPROVALS_PATH}/:approvalId`]: { may: { ...DECIDING, privacy: 'all' } },
  [`POST ${APPROVALS_PATH}/:approvalId/opened`]: { may: DECIDING_FOR_OTHERS },
  [`POST ${APPROVALS_PATH}/:approvalId/judge`]: { may: DECIDING_FOR_OTHERS },
  [`POST ${APPROVALS_PATH}/:approvalId/verdict`]: { may: DECIDING_FOR_OTHERS },
  [`POST ${APPROVALS_PATH}/:approvalId/assign`]: { may: DECIDING_FOR_OTHERS },
  [`POST ${APPROVALS_PATH}/:approvalId/message`]: { may: DECIDING },
  [`POST ${APPROVALS_PATH}/:approvalId/change`]: { may: { agent: 'own' } },
  [`POST ${APPROVALS_PATH}/:approvalId/withdraw`]: { may: { agent: 'own' } },
  [`POST ${APPROVALS_PATH}/:approvalId/break-glass`]: { may: { 'break-glass': 'all' } },
  [`POST ${APPROVALS_PATH}/:approvalId/break-glass/review`]: { may: { supervisor: 'team', council: 'all', privacy: 'all' } },
  [`GET ${BREAKS_PATH}`]: { may: { supervisor: 'team', council: 'all', privacy: 'all' } },
  [`POST ${SEEDED_PATH}`]: { may: { supervisor: 'team', council: 'all' } },
  [`GET ${METER_PATH}`]: { may: { supervisor: 'team', council: 'all', privacy: 'all' } },

  [`GET ${SUPERVISION_PATH}`]: { may: { supervisor: 'team', ...everybody('all', 'council', 'huddle', 'operator') } },
  [`GET ${ALERTS_PATH}`]: { may: { supervisor: 'team', ...everybody('all', 'council', 'huddle', 'operator') } },
  [`POST ${ALERTS_PATH}`]: { may: { supervisor: 'team', ...everybody('all', 'council', 'huddle', 'operator') } },
  [`POST ${ALERTS_PATH}/:ruleId/end`]: { may: { supervisor: 'team', ...everybody('all', 'council', 'huddle', 'operator') } },
  [`POST ${COACH_PATH}`]: { may: { supervisor: 'team' } },
  [`GET ${TRANSCRIPT_PATH}`]: { may: { supervisor: 'team' } },
  [`GET ${SUPERVISED_PATH}`]: { may: { agent: 'own', supervisor: 'team', privacy: 'all' } },
  [`GET ${OVERRIDES_PATH}`]: { may: { ...REVIEWING, analyst: 'all' } },
  [`GET ${OVERRIDE_CASES_PATH}`]: { may: REVIEWING },
  [`GET ${OVERRIDE_CASES_PATH}/:outcomeId`]: { may: REVIEWING },
  [`POST ${OVERRIDE_CASES_PATH}/:outcomeId/verdict`]: { may: REVIEWING },
  [`GET ${OVERRIDE_ITEMS_PATH}`]: { may: everybody('all', ...GOVERNING) },
  [`POST ${OVERRIDE_ITEMS_PATH}/:itemId`]: { may: everybody('all', 'supervisor', 'council', 'huddle') },
  [`GET ${FIGURES_PATH}`]: { may: { supervisor: 'team', ...everybody('all', 'council', 'huddle', 'analyst', 'privacy') } },
  // Figures of one agent, each look written down; whom they are about sees who looked.
  [`POST ${COACHING_PATH}`]: { may: { supervisor: 'team' } },
  [`GET ${COACHING_PATH}`]: { may: { agent: 'own', supervisor: 'team', privacy: 'all' } },
  [`GET ${NOTICES_PATH}`]: { may: { agent: 'own' } },
  [`POST ${NOTICES_PATH}/:itemId/seen`]: { may: { agent: 'own' } },

  [`POST ${CONTESTS_PATH}`]: { may: { agent: 'own', ...CONTESTED } },
  [`GET ${CONTESTS_PATH}`]: { may: CONTESTED },
  [`GET ${CONTESTABLE_PATH}`]: { may: { agent: 'own', ...CONTESTED } },
  [`GET ${CONTESTS_PATH}/:contestId`]: { may: CONTESTED },
  [`GET ${CONTESTS_PATH}/:contestId/letter`]: { may: CONTESTED },
  [`POST ${CONTESTS_PATH}/:contestId/assign`]: { may: ANSWERING },
  [`POST ${CONTESTS_PATH}/:contestId/answer`]: { may: ANSWERING },
  [`POST ${CONTESTS_PATH}/:contestId/withdraw`]: { may: ANSWERING },

  [`GET ${PEOPLE_PATH}`]: { may: everybody('all', 'privacy', 'operator') },
  [`POST ${PEOPLE_PATH}`]: { may: { operator: 'all' } },

  [`SOCKET ${DESK_NAMESPACE}`]: { may: { agent: 'own' } },
  // Privacy hears that a contest changed; of requests there is nothing for them to decide.
  [`SOCKET ${APPROVER_NAMESPACE}`]: { may: { ...DECIDING_FOR_OTHERS, privacy: 'all' } },
  [`SOCKET ${SUPERVISOR_NAMESPACE}`]: { may: { supervisor: 'team' } },
  [`SOCKET ${PRODUCER_NAMESPACE}`]: { may: { integration: 'all' } },
};
