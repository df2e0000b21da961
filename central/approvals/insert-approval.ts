/** A new approval: what is asked as bytes with its hash, and whose turn it is. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Asked } from '#contract/approval.ts';
import type { CheckedRoute } from '#contract/checked-policy.ts';
import { canonicalJson } from '#core';
import type { Tx } from '../store/open-store.ts';

export interface NewApproval {
  readonly asked: Asked;
  readonly agentId: string;
  readonly requester: string;
  readonly levels: CheckedRoute['levels'];
  readonly needed: number;
  readonly endsWithCall: boolean;
  readonly consentPurpose: string | null;
  readonly expiresAtMs: number;
  /** The one it was changed from. */
  readonly replaces?: string;
  /** Known to be wrong: bound to no request. */
  readonly isSeeded?: true;
}

/** Its id. */
export async function insertApproval(tx: Tx, made: NewApproval, nowMs: number): Promise<string> {
  const { asked, levels, replaces = null, isSeeded = false } = made;
  const [first] = levels;
  if (first === undefined) throw new Error('an approval has at least one level');
  const text = canonicalJson(asked);
  const { approval_id } = await tx
    .insertInto('approval_requests')
    .values({
      outcome_id: isSeeded ? null : asked.outcomeId,
      is_seeded: isSeeded,
      replaces,
      call_id: asked.callId,
      customer_id: asked.customerId,
      agent_id: made.agentId,
      requester: made.requester,
      asked: text,
      asked_hash: createHash('sha256').update(text).digest('hex'),
      consent_purpose: made.consentPurpose,
      ends_with_call: made.endsWithCall,
      levels: JSON.stringify(levels),
      roles: sql`${levels.map(({ role }) => role)}::text[]`,
      needed: made.needed,
      requested_at_ms: nowMs,
      goal_at_ms: nowMs + first.goalMs,
      deadline_at_ms: nowMs + first.withinMs,
      expires_at_ms: made.expiresAtMs,
      changed_at_ms: nowMs,
    })
    .returning('approval_id')
    .executeTakeFirstOrThrow();
  return approval_id;
}

/** Null: nobody's, and it stays with whoever is first. */
export async function giveTo(tx: Tx, approvalId: string, assignee: string | null): Promise<void> {
  if (assignee === null) return;
  await tx.updateTable('approval_requests').set({ state: 'assigned', assignee }).where('approval_id', '=', approvalId).execute();
}
