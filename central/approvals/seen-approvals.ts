/** Approvals as people are told of them: who has each, until when, and what was asked in between. */
import { type RawBuilder, sql } from 'kysely';
import { type ApprovalItem, type ApprovalStanding, type ApprovalView, Asked, MAY_DO } from '#contract/approval.ts';
import type { PersonPrincipal } from '../access/directory.ts';
import type { CatalogueWords } from '../policy/catalogue.ts';
import type { Query } from '../store/open-store.ts';
import type { ApprovalRow } from './load-approval.ts';

export interface SeenApproval extends ApprovalRow {
  readonly agent_name: string;
  readonly assignee_name: string | null;
  /** Of whoever asks. */
  readonly teams: readonly string[];
  /** Null: nothing that is not answered. */
  readonly question: string | null;
}

const MOST = 1_000;

/** `only`: of the table `q`. The next breach first. */
export async function seenApprovals(db: Query, only: RawBuilder<unknown>): Promise<readonly SeenApproval[]> {
  const { rows } = await sql<SeenApproval>`
    select q.*, p.name as agent_name, s.name as assignee_name,
      array(select team_id from team_members m where m.person_id = q.requester) as teams,
      (select m.text from approval_messages m where m.approval_id = q.approval_id and m.author <> q.requester
        and not exists (select from approval_messages a where a.approval_id = q.approval_id and a.author = q.requester and a.at_ms >= m.at_ms)
        order by m.at_ms desc limit 1) as question
    from approval_requests q join people p on p.person_id = q.requester left join people s on s.person_id = q.assignee
    where ${only} order by q.deadline_at_ms, q.approval_id limit ${MOST}`.execute(db);
  return rows;
}

/** What those see who may decide it: at its level or below, of their teams or of nobody's. */
export const mayDecideNow = (principal: PersonPrincipal, seen: SeenApproval): boolean =>
  seen.requester !== principal.personId && (principal.roles.has('break-glass') || holdsLevel(principal, seen));

function holdsLevel({ roles, teams }: PersonPrincipal, seen: SeenApproval): boolean {
  const wanted = seen.roles.slice(0, seen.level + 1).filter((role) => (roles as ReadonlySet<string>).has(role));
  const isNear = seen.teams.length === 0 || seen.teams.some((team) => teams.includes(team));
  return wanted.length > 0 && (isNear || wanted.some((role) => role === 'council' || role === 'huddle'));
}

/** `hasSpoken`: whoever asks gave their verdict. */
export function mayDo(principal: PersonPrincipal, seen: SeenApproval, hasSpoken: boolean): ApprovalView['may'] {
  if (seen.requester === principal.personId || seen.ended_at_ms !== null || seen.state === 'approved') return [];
  const holds = holdsLevel(principal, seen);
  const may: Readonly<Record<(typeof MAY_DO)[number], boolean>> = {
    decide: holds && !hasSpoken,
    take: holds && !hasSpoken && seen.assignee !== principal.personId,
    assign: holds,
    'break-glass': principal.roles.has('break-glass'),
  };
  return MAY_DO.filter((word) => may[word]);
}

const MOST_CANDIDATES = 50;

/** Who else could decide it, and said nothing of it yet. */
export async function candidatesFor(db: Query, { approval_id }: SeenApproval, personId: string): Promise<ApprovalView['candidates']> {
  const { rows } = await sql<ApprovalView['candidates'][number]>`
    select p.person_id as "personId", p.name from approval_requests q
      join people p on p.active and p.person_id not in (q.requester, coalesce(q.assignee, ''), ${personId})
    where q.approval_id = ${approval_id}
      and not exists (select from approval_verdicts v where v.approval_id = q.approval_id and v.approver = p.person_id)
      and exists (select from person_roles r where r.person_id = p.person_id and r.role = any(q.roles[1:q.level + 1]) and (
        r.role in ('council', 'huddle') or not exists (select from team_members m where m.person_id = q.requester)
        or exists (select from team_members a join team_members b using (team_id) where a.person_id = q.requester and b.person_id = p.person_id)))
    order by p.name, p.person_id limit ${MOST_CANDIDATES}`.execute(db);
  return rows;
}

/** Open ones that this person may decide, by what is theirs: for the database. */
export function decidableBy({ personId, roles, teams }: PersonPrincipal): RawBuilder<unknown> {
  const all = [...roles];
  const isWide = roles.has('break-glass');
  return sql`(q.ended_at_ms is null and q.requester <> ${personId} and (${isWide} or (
    q.roles[1:q.level + 1] && ${all}::text[] and (
      q.roles[1:q.level + 1] && array(select unnest(${all}::text[]) intersect select unnest(array['council', 'huddle']))
      or not exists (select from team_members m where m.person_id = q.requester)
      or exists (select from team_members m where m.person_id = q.requester and m.team_id = any(${teams}::text[]))))))`;
}

export const askedOf = ({ asked }: Pick<ApprovalRow, 'asked'>): Asked | null => (asked === null ? null : Asked.parse(JSON.parse(asked)));

export function itemOf(seen: SeenApproval, { nameOf, currency }: CatalogueWords): ApprovalItem {
  const asked = askedOf(seen);
  return {
    approvalId: seen.approval_id,
    state: seen.state,
    actionId: asked?.actionId ?? '',
    actionName: asked === null ? '' : nameOf(asked.actionId),
    kind: asked?.kind ?? '',
    amount: asked?.amount ?? null,
    currency,
    agentId: seen.agent_id,
    agentName: seen.agent_name,
    assigneeId: seen.assignee,
    assigneeName: seen.assignee_name,
    level: seen.level,
    requestedAtMs: seen.requested_at_ms,
    goalAtMs: seen.goal_at_ms,
    deadlineAtMs: seen.deadline_at_ms,
    expiresAtMs: seen.expires_at_ms,
    endedAtMs: seen.ended_at_ms,
  };
}

/** Null of a case that is known to be wrong, and of what was erased: no agent waits for it. */
export function standingOf(seen: SeenApproval): ApprovalStanding | null {
  const asked = askedOf(seen);
  if (seen.is_seeded || asked === null) return null;
  const { outcomeId, decisionId, callId, actionId } = asked;
  return {
    approvalId: seen.approval_id,
    outcomeId,
    decisionId,
    callId,
    actionId,
    state: seen.state,
    withName: seen.assignee_name,
    deadlineAtMs: seen.deadline_at_ms,
    expiresAtMs: seen.expires_at_ms,
    question: seen.question,
    detail: seen.end_detail,
    atMs: seen.changed_at_ms,
  };
}
