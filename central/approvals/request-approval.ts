/** Asks for the approval of a significant request, in the transaction that stores the request. */
import { sql } from 'kysely';
import type { Asked } from '#contract/approval.ts';
import type { CheckedRoute } from '#contract/checked-policy.ts';
import type { Tx } from '../store/open-store.ts';
import type { ActionRequestRow } from '../store/tables.ts';
import { giveTo, insertApproval } from './insert-approval.ts';
import { circumstances } from './who-decides.ts';

export interface ApprovalWanted {
  readonly request: ActionRequestRow;
  readonly treatmentId: string;
  readonly route: CheckedRoute;
  /** Whose withdrawal by the customer ends it; null = it rests on none that can be withdrawn. */
  readonly consentPurpose: string | null;
  readonly expiresAtMs: number;
}

/** How many must agree to this amount. */
const quorumFor = ({ quorum }: Pick<CheckedRoute, 'quorum'>, amount: number | null): number =>
  quorum.findLast(({ from }) => (amount ?? 0) >= from)?.people ?? 1;

/** Its id; null where nobody is known by the agent's name, so that nobody can be kept apart from them: then it waits until it expires. */
export async function requestApproval(tx: Tx, wanted: ApprovalWanted, nowMs: number): Promise<string | null> {
  const { request, route, treatmentId, consentPurpose, expiresAtMs } = wanted;
  const agent = await tx.selectFrom('agents').select('person_id').where('agent_id', '=', request.agent_id).executeTakeFirst();
  if (agent === undefined) return null;
  // Held until the commit: who ends the call, or withdraws the consent, meanwhile finds what is asked here.
  const call = await tx.selectFrom('calls').select('phase').where('call_id', '=', request.call_id).forShare().executeTakeFirst();
  const isRefused =
    consentPurpose !== null &&
    request.customer_id !== null &&
    (
      await tx
        .selectFrom('consents')
        .select('granted')
        .where('customer_id', '=', request.customer_id)
        .where('purpose', '=', consentPurpose)
        .forShare()
        .executeTakeFirst()
    )?.granted === false;
  const record = await tx.selectFrom('decisions').select('hash').where('id', '=', request.decision_id).executeTakeFirst();
  const asked: Asked = {
    outcomeId: request.outcome_id,
    decisionId: request.decision_id,
    recordHash: record?.hash ?? null,
    callId: request.call_id,
    customerId: request.customer_id,
    actionId: request.action_id,
    treatmentId,
    kind: request.kind,
    amount: request.amount,
  };
  const approvalId = await insertApproval(
    tx,
    {
      asked,
      agentId: request.agent_id,
      requester: agent.person_id,
      levels: route.levels,
      needed: quorumFor(route, request.amount),
      endsWithCall: route.endsWithCall,
      consentPurpose,
      expiresAtMs,
    },
    nowMs,
  );
  const isOver = route.endsWithCall && call !== undefined && ['ended', 'wrap-up', 'closed'].includes(call.phase);
  if (isOver || isRefused) {
    const [why, words] = isOver
      ? ['call-ended', 'The call ended before it was decided']
      : ['consent-withdrawn', 'The customer withdrew their consent'];
    await sql`select withdraw_approvals(array[${approvalId}]::text[], ${why}, ${words}, ${nowMs}::bigint)`.execute(tx);
    return approvalId;
  }
  const { pick } = await circumstances(
    tx,
    agent.person_id,
    route.levels.map(({ role }) => role),
    [],
    nowMs,
  );
  await giveTo(tx, approvalId, pick(0, [agent.person_id]));
  return approvalId;
}
