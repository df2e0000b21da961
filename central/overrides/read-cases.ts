/** Cases as the tables have them, of those within reach. What an agent took back within the time for it is not one any more. */
import { type RawBuilder, sql } from 'kysely';
import type { OverrideFinding, OverrideKind } from '#contract/override-review.ts';
import type { RejectReason } from '#contract/policy.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import type { Query } from '../store/open-store.ts';

export interface CaseRow {
  readonly outcome_id: string;
  readonly kind: OverrideKind;
  readonly action_id: string;
  readonly reason: RejectReason | null;
  readonly at_ms: number;
  /** In the order of reviewers' ids. */
  readonly findings: readonly OverrideFinding[];
  /** Of whoever asks. */
  readonly mine: OverrideFinding | null;
  readonly item_id: string | null;
}

/** Of a stretch of time that has more, the last. */
const MOST = 20_000;

export const notTakenBack = (outcomeId: string, callId: string): RawBuilder<boolean> =>
  sql<boolean>`not exists (select from outcomes b where b.retracts = ${sql.ref(outcomeId)} and b.call_id = ${sql.ref(callId)})`;

/** `only`: of the table `c`. The latest first. */
export async function readCases(db: Query, personId: string, scope: Scope, only: RawBuilder<unknown>): Promise<readonly CaseRow[]> {
  const { rows } = await sql<CaseRow>`
    select c.outcome_id, c.kind, c.action_id, c.reason, c.at_ms, i.item_id,
      array(select v.verdict from override_verdicts v where v.outcome_id = c.outcome_id order by v.reviewer) as findings,
      (select v.verdict from override_verdicts v where v.outcome_id = c.outcome_id and v.reviewer = ${personId}) as mine
    from override_cases c left join override_item_cases i using (outcome_id)
    where ${withinScope(scope, 'c.agent_id')} and ${notTakenBack('c.outcome_id', 'c.call_id')} and ${only}
    order by c.received_at_ms desc, c.outcome_id limit ${MOST}`.execute(db);
  return rows;
}

export const MOST_VERDICTS = 2;

/** Nothing is left to say of it for whoever asks: then they may know what was said. */
export const isSettled = ({ findings, mine }: Pick<CaseRow, 'findings' | 'mine'>): boolean =>
  mine !== null || findings.length >= MOST_VERDICTS;

/** What those who judged it found together; unclear where they differ. Null: nobody has. */
export const foundTogether = (findings: readonly OverrideFinding[]): OverrideFinding | null => {
  const [first] = findings;
  return first === undefined ? null : findings.every((one) => one === first) ? first : 'unclear';
};
