/** Puts a case that is known to be wrong among the others: it looks as they do, and there is nothing it could execute. */
import type { z } from 'zod';
import { Asked, type SeededCase } from '#contract/approval.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import type { Store } from '../store/open-store.ts';
import { giveTo, insertApproval } from './insert-approval.ts';
import { circumstances } from './who-decides.ts';

/** Made of a significant request that there was, with what is wrong about it; null where there was none within reach. */
export function seedCase(
  store: Store,
  { outcomeId, ...wrong }: z.output<typeof SeededCase>,
  scope: Scope,
  nowMs: number,
): Promise<string | null> {
  return store.transaction(async (tx) => {
    const like = await tx
      .selectFrom('approval_requests')
      .selectAll()
      .where('outcome_id', '=', outcomeId)
      .where(withinScope(scope, 'approval_requests.agent_id'))
      .orderBy('requested_at_ms', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (like === undefined || like.asked === null) return null;
    const approvalId = await insertApproval(
      tx,
      {
        asked: Asked.parse({ ...(JSON.parse(like.asked) as object), ...wrong }),
        agentId: like.agent_id,
        requester: like.requester,
        levels: like.levels,
        needed: 1,
        endsWithCall: false,
        consentPurpose: null,
        expiresAtMs: nowMs + (like.expires_at_ms - like.requested_at_ms),
        isSeeded: true,
      },
      nowMs,
    );
    const { pick } = await circumstances(tx, like.requester, like.roles, [], nowMs);
    await giveTo(tx, approvalId, pick(0, [like.requester]));
    return approvalId;
  });
}
