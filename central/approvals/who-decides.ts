/** Who may decide what somebody asks, as the tables know it now. The tables ask the same of themselves when it counts: `may_decide`. */
import { sql } from 'kysely';
import type { PersonRole } from '#contract/roles.ts';
import type { Tx } from '../store/open-store.ts';
import type { Circumstances } from './approval-machine.ts';

/** Roles that see beyond their teams. */
const EVERYWHERE: ReadonlySet<string> = new Set(['council', 'huddle', 'break-glass']);
/** An organisation has more; of as many one is free. */
const MOST_CANDIDATES = 200;

interface DeciderRow {
  readonly person_id: string;
  readonly roles: readonly PersonRole[];
  readonly is_near: boolean;
}

/** `roles`: of the levels, the lowest first. `people`: who is asked about besides those who could be picked. */
export async function circumstances(
  tx: Tx,
  requester: string,
  roles: readonly string[],
  people: readonly string[],
  nowMs: number,
): Promise<Circumstances> {
  const { rows } = await sql<DeciderRow>`
    with near as (
      select b.person_id from team_members a join team_members b using (team_id) where a.person_id = ${requester}
    ), could as (
      select person_id from person_roles where role = any(${roles}::text[]) and person_id <> ${requester}
        and (person_id in (select person_id from near) or role in ('council', 'huddle')
          or not exists (select from team_members where person_id = ${requester}))
      order by person_id limit ${MOST_CANDIDATES}
    )
    select p.person_id, array(select role from person_roles r where r.person_id = p.person_id) as roles,
      (p.person_id in (select person_id from near) or not exists (select from team_members where person_id = ${requester})) as is_near
    from people p where p.active and (p.person_id in (select person_id from could) or p.person_id = any(${people}::text[]))
    order by (select count(*) from approval_requests q where q.assignee = p.person_id and q.ended_at_ms is null), p.person_id`.execute(tx);
  const known = new Map(rows.map((row) => [row.person_id, row]));
  const holds = (row: DeciderRow | undefined, wanted: readonly string[]): boolean =>
    row?.roles.some((role) => wanted.includes(role) && (row.is_near || EVERYWHERE.has(role))) === true;
  return {
    nowMs,
    mayDecide: (person, level) => holds(known.get(person), roles.slice(0, level + 1)),
    mayBreakGlass: (person) => holds(known.get(person), ['break-glass']),
    pick: (level, except) =>
      rows.find((row) => !except.includes(row.person_id) && holds(row, roles.slice(level, level + 1)))?.person_id ?? null,
  };
}
