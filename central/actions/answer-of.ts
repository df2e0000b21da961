/** What a desk is told of a request. */
import type { z } from 'zod';
import type { TO_DESK } from '#contract/live.ts';
import type { ActionRequestRow } from '../store/tables.ts';

export type Answer = z.infer<(typeof TO_DESK)['answer']>;

/** Null while nothing has come of the request, or when the agent took it back. */
export function answerOf(row: ActionRequestRow): Answer | null {
  const { state, answered_at_ms: atMs, detail } = row;
  if (atMs === null || (state !== 'acted' && state !== 'failed' && state !== 'expired')) return null;
  return {
    outcomeId: row.outcome_id,
    decisionId: row.decision_id,
    callId: row.call_id,
    result: state,
    ...(detail === null ? {} : { detail }),
    atMs,
  };
}
