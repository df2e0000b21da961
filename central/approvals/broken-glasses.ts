/** Requests that one person let through alone, for whoever looks at them within a day, and what they found. */
import { sql } from 'kysely';
import type { BrokenGlass } from '#contract/approval.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import type { CatalogueWords } from '../policy/catalogue.ts';
import type { Query } from '../store/open-store.ts';
import { askedOf } from './seen-approvals.ts';

interface BreakRow {
  readonly approval_id: string;
  readonly asked: string | null;
  readonly agent_name: string;
  readonly by_name: string;
  readonly reason: string;
  readonly at_ms: number;
  readonly review_due_ms: number;
  readonly is_mine: boolean;
  readonly reviewer_name: string | null;
  readonly verdict: NonNullable<BrokenGlass['review']>['verdict'] | null;
  readonly review_reason: string | null;
  readonly reviewed_at_ms: number | null;
}

const MOST = 500;

/** Those nobody looked at yet, the next due first; then the others, the last first. */
export async function brokenGlasses(
  db: Query,
  { nameOf, currency }: CatalogueWords,
  personId: string,
  scope: Scope,
): Promise<readonly BrokenGlass[]> {
  const { rows } = await sql<BreakRow>`
    select b.approval_id, q.asked, a.name as agent_name, w.name as by_name, b.reason, b.at_ms, b.review_due_ms,
      (b.reviewed_by is null and b.broken_by <> ${personId} and b.requester <> ${personId}) as is_mine,
      r.name as reviewer_name, b.verdict, b.review_reason, b.reviewed_at_ms
    from approval_breaks b join approval_requests q using (approval_id) join people a on a.person_id = q.requester
      join people w on w.person_id = b.broken_by left join people r on r.person_id = b.reviewed_by
    where ${withinScope(scope, 'q.agent_id')}
    order by b.reviewed_by is not null, case when b.reviewed_by is null then b.review_due_ms else -b.reviewed_at_ms end, b.approval_id
    limit ${MOST}`.execute(db);
  return rows.map((row) => {
    const asked = askedOf(row);
    const { verdict, reviewer_name: byName, reviewed_at_ms: atMs } = row;
    return {
      approvalId: row.approval_id,
      actionName: asked === null ? '' : nameOf(asked.actionId),
      amount: asked?.amount ?? null,
      currency,
      agentName: row.agent_name,
      byName: row.by_name,
      reason: row.reason,
      atMs: row.at_ms,
      reviewDueMs: row.review_due_ms,
      isMine: row.is_mine,
      review: verdict === null || byName === null || atMs === null ? null : { byName, verdict, reason: row.review_reason, atMs },
    };
  });
}
