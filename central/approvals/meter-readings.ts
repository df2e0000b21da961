/** The rubber-stamp meter of everybody within reach who gave a verdict. */
import { sql } from 'kysely';
import { type ApprovalMeter, EVIDENCE } from '#contract/approval.ts';
import type { PersonPrincipal } from '../access/directory.ts';
import type { Scope } from '../access/scope.ts';
import type { Query } from '../store/open-store.ts';
import { type JudgedCase, readStamps } from './rubber-stamp-meter.ts';

interface CaseRow {
  readonly person_id: string;
  readonly name: string;
  readonly opened_at_ms: number;
  readonly at_ms: number;
  readonly opened: number;
  readonly judgement: 'for' | 'against' | 'unsure';
  readonly verdict: 'approved' | 'declined';
  readonly is_seeded: boolean;
  /** What the agent took is what the engine showed. */
  readonly recommended: boolean | null;
}

const MOST = 50_000;

/** Those of one's teams, where one's reach is the team. */
export async function meterReadings(
  db: Query,
  sinceMs: number,
  { personId, teams }: PersonPrincipal,
  scope: Scope,
): Promise<ApprovalMeter> {
  const isAll = scope.reach === 'all';
  const { rows } = await sql<CaseRow>`
    select p.person_id, p.name, l.opened_at_ms, v.at_ms, cardinality(l.evidence) as opened, v.judgement, v.verdict, q.is_seeded, o.kind = 'accepted' as recommended
    from approval_verdicts v
    join approval_looks l on l.approval_id = v.approval_id and l.person_id = v.approver
    join approval_requests q on q.approval_id = v.approval_id
    join people p on p.person_id = v.approver
    left join outcomes o on o.id = q.outcome_id
    where v.at_ms >= ${sinceMs} and (${isAll} or p.person_id = ${personId}
      or p.person_id in (select m.person_id from team_members m where m.team_id = any(${teams}::text[])))
    order by p.person_id limit ${MOST}`.execute(db);
  const readings = [...Map.groupBy(rows, ({ person_id }) => person_id)].map(([id, theirs]) => ({
    personId: id,
    name: theirs[0]?.name ?? id,
    ...readStamps(theirs.map(judged)),
  }));
  return { sinceMs, readings };
}

function judged({ opened_at_ms, at_ms, opened, judgement, verdict, is_seeded, recommended }: CaseRow): JudgedCase {
  const isYes = verdict === 'approved';
  return {
    seconds: (at_ms - opened_at_ms) / 1_000,
    evidenceOpened: Math.min(1, opened / EVIDENCE.length),
    agrees: recommended === null || is_seeded ? null : isYes === recommended,
    firstAgrees: recommended === null || is_seeded || judgement === 'unsure' ? null : (judgement === 'for') === recommended,
    caught: is_seeded ? !isYes : null,
  };
}
