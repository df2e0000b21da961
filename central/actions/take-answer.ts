/** The system of record's answer to an accepted action: kept once, as a state of the request and as an outcome. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Outcome } from '#contract/outcome.ts';
import { ACTION_ACTED, ACTION_FAILED, ActionAnswer } from '#contract/system-of-record.ts';
import { Id } from '#contract/text.ts';
import { inspectJson } from '../intake/read-json.ts';
import { redact } from '#core';
import type { Tx } from '../store/open-store.ts';
import type { ActionRequestRow } from '../store/tables.ts';
import { remember } from '../sync/apply-outcomes.ts';

const AnswerEvent = z.object({
  specversion: z.literal('1.0'),
  id: Id,
  source: z.string().min(1).max(128),
  type: z.enum([ACTION_ACTED, ACTION_FAILED]),
  data: ActionAnswer,
});
type AnswerEvent = z.infer<typeof AnswerEvent>;

export const ANSWER_REFUSALS = ['bad-answer', 'unknown-request', 'not-requested', 'answered-otherwise'] as const;

export type AnswerResult =
  | { readonly result: 'accepted'; readonly row: ActionRequestRow; readonly outcome: Outcome }
  | { readonly result: 'duplicate' }
  | { readonly result: 'refused'; readonly reason: (typeof ANSWER_REFUSALS)[number]; readonly detail: string };

export function parseAnswer(input: unknown): AnswerEvent | string {
  const fault = inspectJson(input);
  if (fault !== null) return fault;
  const parsed = AnswerEvent.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit its schema'}`;
}

/** The first answer holds. One that comes after the request expired is still the truth: it was done, or it was not. */
export async function takeAnswer(tx: Tx, event: AnswerEvent, nowMs: number): Promise<AnswerResult> {
  const { outcomeId, detail } = event.data;
  const state = event.type === ACTION_ACTED ? 'acted' : 'failed';
  const row = await tx.selectFrom('action_requests').selectAll().where('outcome_id', '=', outcomeId).forUpdate().executeTakeFirst();
  if (row === undefined) return { result: 'refused', reason: 'unknown-request', detail: 'nothing was asked under this outcomeId' };
  if (row.state === state && (await isKept(tx, outcomeId))) return { result: 'duplicate' };
  if (row.state === 'acted' || (row.state === 'failed' && (await isKept(tx, outcomeId))))
    return { result: 'refused', reason: 'answered-otherwise', detail: 'the first answer holds' };
  if (row.attempts === 0) return { result: 'refused', reason: 'not-requested', detail: 'this was never sent' };

  const first = await tx.selectFrom('outcomes').selectAll().where('id', '=', outcomeId).executeTakeFirstOrThrow();
  const outcome: Outcome = {
    id: answerId(outcomeId),
    kind: state === 'acted' ? 'acted' : 'not-acted',
    decisionId: first.decision_id,
    callId: first.call_id,
    customerId: first.customer_id,
    agentId: first.agent_id,
    deviceId: 'central',
    actionId: row.action_id,
    treatmentId: first.body.treatmentId,
    channel: first.body.channel,
    role: 'none',
    atMs: nowMs,
    clock: first.clock,
  };
  const body = JSON.stringify(outcome);
  await tx
    .insertInto('outcomes')
    .values({
      id: outcome.id,
      hash: createHash('sha256').update(body).digest('hex'),
      kind: outcome.kind,
      decision_id: outcome.decisionId,
      call_id: outcome.callId,
      customer_id: outcome.customerId,
      agent_id: outcome.agentId,
      device_id: outcome.deviceId,
      action_id: outcome.actionId,
      at_ms: nowMs,
      clock: outcome.clock,
      retracts: null,
      body,
      received_at_ms: nowMs,
    })
    .execute();
  await remember(tx, [outcome]);
  const after = await tx
    .updateTable('action_requests')
    .set({ state, answered_at_ms: nowMs, detail: detail === undefined ? null : redact(detail).text })
    .where('outcome_id', '=', outcomeId)
    .returningAll()
    .executeTakeFirstOrThrow();
  return { result: 'accepted', row: after, outcome };
}

/** One per request, so that the database itself refuses a second. */
const answerId = (outcomeId: string): string => createHash('sha256').update(`answer ${outcomeId}`).digest('hex').slice(0, 32);

async function isKept(tx: Tx, outcomeId: string): Promise<boolean> {
  return (await tx.selectFrom('outcomes').select('id').where('id', '=', answerId(outcomeId)).executeTakeFirst()) !== undefined;
}
