/** One contest as the tables have it, locked, with who may look at it now. */
import { type Selectable, sql } from 'kysely';
import type { Tx } from '../store/open-store.ts';
import type { ReviewTables } from '../store/review-tables.ts';
import type { ContestCircumstances, ContestStanding, ContestTerms } from './contest-machine.ts';

export type ContestRow = Selectable<ReviewTables['contests']>;

export interface LoadedContest {
  readonly row: ContestRow;
  readonly standing: ContestStanding;
  readonly terms: ContestTerms;
  readonly now: ContestCircumstances;
}

/** Null where there is none. `people`: who does something, and to whom. */
export async function loadContest(tx: Tx, contestId: string, people: readonly string[], nowMs: number): Promise<LoadedContest | null> {
  const row = await tx.selectFrom('contests').selectAll().where('contest_id', '=', contestId).forUpdate().executeTakeFirst();
  if (row === undefined) return null;
  return {
    row,
    standing: { state: row.state, level: row.level, assignee: row.assignee, deadlineAtMs: row.deadline_at_ms },
    terms: { levels: row.levels, expiresAtMs: row.expires_at_ms },
    now: await circumstancesOf(tx, row, people, nowMs),
  };
}

interface Reviewer {
  readonly person_id: string;
  readonly took_part: boolean;
  /** By level: whether their roles reach it; of the level itself, whether they hold its own. */
  readonly reaches: readonly boolean[];
  readonly holds: readonly boolean[];
}

/** An organisation has more; of as many one is free. */
const MOST_CANDIDATES = 200;

/** As `may_decide` and `took_part` of the tables say it, asked once for everybody it could be about. */
async function circumstancesOf(tx: Tx, row: ContestRow, people: readonly string[], nowMs: number): Promise<ContestCircumstances> {
  const asked = [...people, ...(row.assignee === null ? [] : [row.assignee])];
  const levels = row.roles.map((_, level) => level);
  const { rows } = await sql<Reviewer>`
    with candidates as (
      select distinct person_id from person_roles where role = any(${row.roles}::text[]) order by person_id limit ${MOST_CANDIDATES}
    )
    select p.person_id, took_part(p.person_id, ${row.decision_id}) as took_part,
      array(select may_decide(p.person_id, ${row.agent_person}::text, (${row.roles}::text[])[1:n + 1])
        from unnest(${levels}::int[]) with ordinality as l (n, at) order by at) as reaches,
      array(select may_decide(p.person_id, ${row.agent_person}::text, (${row.roles}::text[])[n + 1:n + 1])
        from unnest(${levels}::int[]) with ordinality as l (n, at) order by at) as holds
    from people p where p.active and (p.person_id in (select person_id from candidates) or p.person_id = any(${asked}::text[]))
    order by (select count(*) from contests c where c.assignee = p.person_id and c.ended_at_ms is null), p.person_id`.execute(tx);
  const known = new Map(rows.map((one) => [one.person_id, one]));
  return {
    nowMs,
    mayReview: (person, level) => known.get(person)?.reaches[level] === true,
    tookPart: (person) => known.get(person)?.took_part === true,
    pick: (level) => rows.find((one) => one.holds[level] === true && !one.took_part)?.person_id ?? null,
  };
}
