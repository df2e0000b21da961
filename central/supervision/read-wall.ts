/** Running calls as supervisors see them: one query for all who watch at this node, whatever changed. Alerts are raised from the same. */
import { sql } from 'kysely';
import { type Alert, type AlertRuleView, DeskCallState, MAX_ROW_ALERTS, type WallRow } from '#contract/supervision.ts';
import type { Query } from '../store/open-store.ts';
import { alertsOf } from './alerts.ts';
import { databaseMs, NODE_SILENT_MS } from './desk-seats.ts';

/** An agent's running calls are among the last that something happened on. */
const LAST_CALLS = 5;
/** A call whose end was never told is not shown for ever. */
const SILENT_FOR_MS = 12 * 3_600_000;

interface Source {
  readonly call_id: string;
  readonly agent_id: string;
  readonly agent_name: string;
  readonly teams: readonly string[];
  readonly phase: WallRow['phase'];
  readonly offered_at_ms: number;
  readonly state: unknown;
  readonly here: boolean | null;
  readonly last_here_ms: number | null;
  readonly waiting: number;
  readonly waiting_since_ms: number | null;
  readonly deadline_at_ms: number | null;
}

/** A row, what says who may see it, and all its alerts: a row has the first of them. */
export interface SeenCall {
  readonly row: WallRow;
  readonly teams: readonly string[];
  readonly alerts: readonly Alert[];
}

export interface WallReach {
  readonly teams: readonly string[];
  readonly agentIds: readonly string[];
}

/** `nameOf`: what the catalogue calls an action. */
export async function readWall(
  db: Query,
  reach: WallReach | 'everybody',
  rules: readonly AlertRuleView[],
  nameOf: (actionId: string) => string,
  nowMs: number,
): Promise<readonly SeenCall[]> {
  const { rows } = await sql<Source>`
    with reach as materialized (
      select a.agent_id, p.name, array(select team_id from team_members m where m.person_id = a.person_id order by team_id) as teams
      from agents a join people p using (person_id)
      where ${reach === 'everybody' ? sql`true` : isIn(reach)}
    ), seats as materialized (
      select s.agent_id, bool_or(s.left_at_ms is null and coalesce(n.seen_at_ms, 0) > ${databaseMs} - ${NODE_SILENT_MS}) as here,
        max(coalesce(s.left_at_ms, n.seen_at_ms)) as last_here_ms
      from desk_seats s left join live_nodes n using (node) where s.agent_id in (select agent_id from reach) group by s.agent_id
    )
    select c.call_id, c.agent_id, r.name as agent_name, r.teams, c.phase, c.offered_at_ms, d.state, seats.here, seats.last_here_ms,
      coalesce(q.waiting, 0) as waiting, q.waiting_since_ms, q.deadline_at_ms
    from reach r
    cross join lateral (
      select * from calls where calls.agent_id = r.agent_id and changed_at_ms > ${nowMs - SILENT_FOR_MS} order by changed_at_ms desc limit ${LAST_CALLS}
    ) c
    left join desk_states d on d.call_id = c.call_id and d.agent_id = c.agent_id
    left join seats on seats.agent_id = c.agent_id
    left join lateral (
      select count(*)::int as waiting, min(requested_at_ms) as waiting_since_ms, min(deadline_at_ms) as deadline_at_ms from approval_requests
      where approval_requests.call_id = c.call_id and ended_at_ms is null and state <> 'approved' and not is_seeded
    ) q on true
    where c.phase in ('offered', 'active', 'held')`.execute(db);
  return rows.map((source) => seenCall(source, rules, nameOf, nowMs));
}

const isIn = ({ teams, agentIds }: WallReach) => sql`(a.agent_id = any(${agentIds}::text[])
  or a.person_id in (select person_id from team_members where team_id = any(${teams}::text[])))`;

function seenCall(source: Source, rules: readonly AlertRuleView[], nameOf: (actionId: string) => string, nowMs: number): SeenCall {
  // A version of a desk that says more, or something else, has nothing to say here.
  const said = DeskCallState.safeParse(source.state);
  const {
    rung,
    topic,
    prompt,
    connectedAtMs = null,
  } = said.success ? said.data : { rung: null, topic: null, prompt: null, connectedAtMs: null };
  const awaySinceMs = source.here === true ? null : Math.max(source.last_here_ms ?? 0, source.offered_at_ms);
  const approvals =
    source.waiting_since_ms === null || source.deadline_at_ms === null
      ? null
      : { waiting: source.waiting, sinceMs: source.waiting_since_ms, deadlineAtMs: source.deadline_at_ms };
  const watched = {
    teams: source.teams,
    startedAtMs: connectedAtMs ?? source.offered_at_ms,
    mustSinceMs: prompt?.urgency === 'must' ? prompt.sinceMs : null,
    approvalSinceMs: approvals?.sinceMs ?? null,
    awaySinceMs,
    topic,
  };
  const alerts = alertsOf(watched, rules, nowMs);
  const row: WallRow = {
    callId: source.call_id,
    agentId: source.agent_id,
    agentName: source.agent_name,
    phase: source.phase,
    offeredAtMs: source.offered_at_ms,
    connectedAtMs,
    rung,
    topic: topic?.intent ?? null,
    prompt:
      prompt === null
        ? null
        : { actionId: prompt.actionId, name: nameOf(prompt.actionId), urgency: prompt.urgency, sinceMs: prompt.sinceMs },
    awaySinceMs,
    approvals,
    alerts: alerts.slice(0, MAX_ROW_ALERTS),
  };
  return { row, teams: source.teams, alerts };
}
