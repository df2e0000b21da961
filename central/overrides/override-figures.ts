/** How prompts are answered, by action, issue or team, each figure with its interval; of one agent only for a coach, whose look is written down first. */
import { type RawBuilder, sql } from 'kysely';
import type { FIGURES_BY, OverrideFigure, OverrideFigures } from '#contract/override-review.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import { shareOf } from '../measured.ts';
import type { NamedAction } from '../policy/revisions.ts';
import type { Query } from '../store/open-store.ts';
import { notTakenBack } from './read-cases.ts';

type By = (typeof FIGURES_BY)[number] | 'agent';

export interface FiguresAsked {
  readonly by: By;
  readonly sinceMs: number;
  readonly scope: Scope;
  /** Of this agent alone. */
  readonly agentId?: string;
}

/** Below these nothing is said. */
const LEAST_PROMPTS = 20;
const LEAST_JUDGED = 10;

interface Answered {
  readonly key: string;
  readonly seen: number;
  readonly accepted: number;
  readonly overridden: number;
  readonly rejected: number;
  readonly answered_by_system: number;
  readonly not_acted: number;
  readonly times: number;
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

interface Judged {
  readonly key: string;
  readonly agent_right: number;
  readonly system_right: number;
}

/**
 * A prompt is one action of one decision that was seen, or answered: acceptance, override and rejection are shares of these. Not acted is
 * a share of the accepted ones to which the system of record has given its answer, or has let it run out. Answers that were taken back do
 * not count. The interval of a median are the order statistics that hold it in 95 of 100.
 */
export async function overrideFigures(
  db: Query,
  actions: ReadonlyMap<string, NamedAction>,
  { by, sinceMs, scope, agentId }: FiguresAsked,
): Promise<OverrideFigures> {
  const within = sql`${withinScope(scope, 'o.agent_id')} and (${agentId ?? null}::text is null or o.agent_id = ${agentId ?? null})`;
  const keyed = keyOf(by, actions, scope);
  const { rows } = await sql<Answered>`
    with prompts as (
      select o.agent_id, o.action_id, bool_or(o.kind = 'accepted') as accepted, bool_or(o.kind = 'overridden') as overridden,
        bool_or(o.kind = 'rejected') as rejected, min(o.at_ms) filter (where o.kind = 'seen') as seen_at,
        min(o.at_ms) filter (where o.kind = 'accepted') as accepted_at,
        bool_or(r.state in ('acted', 'failed', 'expired')) as is_answered, bool_or(r.state in ('failed', 'expired')) as not_acted
      from outcomes o left join action_requests r on r.outcome_id = o.id and o.kind = 'accepted'
      where o.received_at_ms >= ${sinceMs} and o.kind in ('seen', 'accepted', 'overridden', 'rejected') and ${within}
        and ${notTakenBack('o.id', 'o.call_id')}
      group by o.agent_id, o.decision_id, o.action_id
    ), of_key as (select k.key, o.* from prompts o ${keyed}),
    waits as (
      select key, accepted_at - seen_at as ms, row_number() over (partition by key order by accepted_at - seen_at) - 1 as place,
        count(*) over (partition by key) as n
      from of_key where accepted and seen_at <= accepted_at
    ), medians as (
      select key, max(n)::int as times,
        (max(ms) filter (where place = floor((n - 1) / 2.0)) + max(ms) filter (where place = ceil((n - 1) / 2.0))) / 2000.0 as median,
        max(ms) filter (where place = greatest(0, floor(n / 2.0 - 0.98 * sqrt(n)))) / 1000.0 as low,
        max(ms) filter (where place = least(n - 1, ceil(n / 2.0 + 0.98 * sqrt(n)))) / 1000.0 as high
      from waits group by key
    )
    select key, count(*)::int as seen, (count(*) filter (where accepted))::int as accepted,
      (count(*) filter (where overridden))::int as overridden, (count(*) filter (where rejected))::int as rejected,
      (count(*) filter (where is_answered))::int as answered_by_system, (count(*) filter (where not_acted))::int as not_acted,
      coalesce(max(m.times), 0) as times, max(m.median)::float8 as median, max(m.low)::float8 as low, max(m.high)::float8 as high
    from of_key left join medians m using (key) group by key order by count(*) desc, key`.execute(db);
  const { rows: judged } = await sql<Judged>`
    with found as (
      select o.agent_id, o.action_id, min(v.verdict) as verdict
      from override_cases o join override_verdicts v using (outcome_id)
      where o.received_at_ms >= ${sinceMs} and ${within} and ${notTakenBack('o.outcome_id', 'o.call_id')}
      group by o.outcome_id, o.agent_id, o.action_id having count(distinct v.verdict) = 1
    )
    select k.key, (count(*) filter (where o.verdict = 'agent-right'))::int as agent_right,
      (count(*) filter (where o.verdict = 'system-right'))::int as system_right
    from found o ${keyed} group by k.key`.execute(db);
  const findings = new Map(judged.map((row) => [row.key, row]));
  const nameOf = await namesOf(db, by, actions);
  return { sinceMs, by, rows: rows.map((row) => figure(row, findings.get(row.key), nameOf(row.key))) };
}

function figure(row: Answered, judged: Judged | undefined, name: string): OverrideFigure {
  const { key, seen, median, low, high } = row;
  const right = judged?.agent_right ?? 0;
  return {
    key,
    name,
    seen,
    acceptance: shareOf(row.accepted, seen, LEAST_PROMPTS),
    override: shareOf(row.overridden, seen, LEAST_PROMPTS),
    rejection: shareOf(row.rejected, seen, LEAST_PROMPTS),
    appropriate: shareOf(right, right + (judged?.system_right ?? 0), LEAST_JUDGED),
    notActed: shareOf(row.not_acted, row.answered_by_system, LEAST_PROMPTS),
    seenToAcceptS: row.times < LEAST_PROMPTS || median === null || low === null || high === null ? null : { estimate: median, low, high },
  };
}

/** What is joined to rows `o` to give each its key `k.key`; of several teams an agent counts in each. */
function keyOf(by: By, actions: ReadonlyMap<string, NamedAction>, scope: Scope): RawBuilder<unknown> {
  switch (by) {
    case 'action':
      return sql`cross join lateral (select o.action_id as key) k`;
    case 'agent':
      return sql`cross join lateral (select o.agent_id as key) k`;
    case 'issue':
      return sql`left join unnest(${[...actions.keys()]}::text[], ${[...actions.values()].map(({ issue }) => issue)}::text[]) as i (id, issue)
        on i.id = o.action_id cross join lateral (select coalesce(i.issue, 'unknown') as key) k`;
    case 'team':
      return sql`join agents a on a.agent_id = o.agent_id
        join lateral (select m.team_id as key from team_members m where m.person_id = a.person_id
          and (${scope.reach !== 'team'} or m.team_id = any(${scope.reach === 'team' ? scope.teams : []}::text[]))) k on true`;
  }
}

async function namesOf(db: Query, by: By, actions: ReadonlyMap<string, NamedAction>): Promise<(key: string) => string> {
  if (by === 'action') return (key) => actions.get(key)?.name ?? key;
  if (by !== 'team') return (key) => key;
  const teams = new Map((await db.selectFrom('teams').select(['team_id', 'name']).execute()).map((row) => [row.team_id, row.name]));
  return (key) => teams.get(key) ?? key;
}
