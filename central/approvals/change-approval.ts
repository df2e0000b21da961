/** Another amount is another request, and nothing that was said of the former counts for it. */
import { type ApprovalRefusal, Asked } from '#contract/approval.ts';
import type { Tx } from '../store/open-store.ts';
import { stepApproval } from './approval-machine.ts';
import { giveTo, insertApproval } from './insert-approval.ts';
import { type Loaded, writeStanding } from './load-approval.ts';

export type Changed = { readonly ok: true; readonly approvalId: string } | { readonly ok: false; readonly reason: ApprovalRefusal };

/** By who asks; never above what the policy offers, so as many as before must agree. */
export async function changeApproval(tx: Tx, loaded: Loaded, by: string, amount: number): Promise<Changed> {
  const { row, request, standing, terms, now } = loaded;
  const stepped = stepApproval(standing, terms, { do: 'change', by }, now);
  if (!stepped.ok) return stepped;
  if (request === null || row.asked === null) return { ok: false, reason: 'over' };
  const before = request.amount ?? 0;
  if (amount === before) return { ok: false, reason: 'nothing-changes' };
  if (amount > before) return { ok: false, reason: 'above-the-offer' };
  await writeStanding(tx, loaded, stepped.next, 'Changed by the agent', now.nowMs);
  await tx.updateTable('action_requests').set({ amount }).where('outcome_id', '=', request.outcome_id).execute();
  const approvalId = await insertApproval(
    tx,
    {
      asked: { ...Asked.parse(JSON.parse(row.asked)), amount },
      agentId: row.agent_id,
      requester: row.requester,
      levels: row.levels,
      needed: row.needed,
      endsWithCall: row.ends_with_call,
      consentPurpose: row.consent_purpose,
      expiresAtMs: row.expires_at_ms,
      replaces: row.approval_id,
    },
    now.nowMs,
  );
  await giveTo(tx, approvalId, row.assignee ?? now.pick(0, [row.requester]));
  return { ok: true, approvalId };
}
