/** What the system of record is told of the approval of a request. */
import { Asked } from '#contract/approval.ts';
import type { ActionRequest } from '#contract/system-of-record.ts';
import type { Query } from '../store/open-store.ts';

/** Nothing where what was asked is erased meanwhile: then the request goes with its approval's id alone. */
export async function approvalOf(db: Query, approvalId: string): Promise<Pick<ActionRequest, 'approval'>> {
  const row = await db
    .selectFrom('approval_requests as q')
    .innerJoin('approval_executions as e', 'e.approval_id', 'q.approval_id')
    .select(['q.asked', 'e.asked_hash', 'e.approved_by', 'e.broken_by', 'e.at_ms'])
    .where('q.approval_id', '=', approvalId)
    .executeTakeFirst();
  if (row === undefined || row.asked === null) return {};
  const { treatmentId, recordHash } = Asked.parse(JSON.parse(row.asked));
  return {
    approval: {
      askedHash: row.asked_hash,
      treatmentId,
      recordHash,
      approvedBy: row.approved_by,
      brokenBy: row.broken_by,
      atMs: row.at_ms,
    },
  };
}
