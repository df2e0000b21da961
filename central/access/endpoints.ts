/**
 * Who may ask what: one row an endpoint, HTTP and sockets alike. The guard is built from it, and central does not start with a route
 * that has no row. Whoever has a role that is not named is refused; whose rows they see is said beside the role.
 */
import { CORE_PATH } from '#contract/core-source.ts';
import { CHANGES_PATH, EXCLUSIONS_PATH, ROLLBACK_PATH, STATUS_PATH } from '#contract/change-request.ts';
import { ENROL_PATH, CHALLENGE_PATH, SESSION_PATH, SIGN_IN_PATH } from '#contract/sign-in.ts';
import { DESK_NAMESPACE, MODEL_PATH, PRODUCER_NAMESPACE, REVISION_PATH } from '#contract/live.ts';
import { PEOPLE_PATH } from '#contract/people.ts';
import type { PersonRole, Role } from '#contract/roles.ts';
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
const PEOPLE = [
  'agent',
  'supervisor',
  'approver',
  'council',
  'huddle',
  'analyst',
  'privacy',
  'operator',
] as const satisfies readonly PersonRole[];

/** Who may see what is changed, and why. */
const GOVERNING = ['supervisor', 'council', 'huddle', 'analyst', 'privacy', 'operator'] as const satisfies readonly PersonRole[];

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
  'GET /api/subjects/:customerId': { may: everybody('all', 'privacy') },
  'GET /api/central-heads': { may: everybody('all', 'analyst', 'privacy', 'operator', 'integration') },
  'POST /api/central-heads': { may: everybody('all', 'privacy', 'operator') },
  'GET /decisions': { openInDevelopment: true, may: { supervisor: 'team', analyst: 'all', privacy: 'all' } },

  [`POST ${OUTBOX_PATH}`]: { may: { device: 'own' } },
  'GET /api/revision': { may: everybody('all', ...PEOPLE, 'integration') },
  [`GET ${REVISION_PATH}/:hash`]: { may: everybody('all', ...PEOPLE, 'integration') },
  [`GET ${CORE_PATH}/:hash`]: { may: everybody('all', ...PEOPLE, 'integration') },
  [`GET ${MODEL_PATH}/:hash`]: { may: everybody('all', ...PEOPLE, 'integration') },

  [`POST ${CHANGES_PATH}`]: { may: everybody('all', 'council', 'huddle') },
  [`GET ${CHANGES_PATH}/:requestId`]: { may: everybody('all', ...GOVERNING) },
  [`GET ${STATUS_PATH}`]: { may: everybody('all', ...GOVERNING) },
  [`POST ${CHANGES_PATH}/:requestId/review`]: { may: everybody('all', 'council', 'huddle') },
  [`POST ${CHANGES_PATH}/:requestId/publish`]: { may: everybody('all', 'council', 'huddle') },
  [`POST ${ROLLBACK_PATH}`]: { may: everybody('all', 'council', 'huddle', 'operator') },
  [`POST ${EXCLUSIONS_PATH}`]: { may: everybody('all', 'council', 'huddle', 'supervisor') },
  [`POST ${EXCLUSIONS_PATH}/:exclusionId/lift`]: { may: everybody('all', 'council', 'huddle', 'supervisor') },
  [`POST ${EXCLUSIONS_PATH}/:exclusionId/review`]: { may: everybody('all', 'council', 'huddle') },

  [`GET ${PEOPLE_PATH}`]: { may: everybody('all', 'privacy', 'operator') },
  [`POST ${PEOPLE_PATH}`]: { may: { operator: 'all' } },

  [`SOCKET ${DESK_NAMESPACE}`]: { may: { agent: 'own' } },
  [`SOCKET ${PRODUCER_NAMESPACE}`]: { may: { integration: 'all' } },
};
