/** What a desk is told of a request. */
import type { z } from 'zod';
import type { TO_DESK } from '#contract/live.ts';
import type { ActionRequestRow, RequestState } from '../store/tables.ts';

export type Answer = z.infer<(typeof TO_DESK)['answer']>;

/** What another person declined, or what ended by itself, was not done: desks know no other word for it. */
const RESULTS: Readonly<Record<RequestState, Answer['result'] | null>> = {
  waiting: null,
  pending: null,
  requested: null,
  acted: 'acted',
  failed: 'failed',
  expired: 'expired',
  cancelled: null,
  declined: 'failed',
  withdrawn: 'failed',
};

/** Null while nothing has come of the request, or when the agent took it back. */
export function answerOf(row: ActionRequestRow): Answer | null {
  const { state, answered_at_ms: atMs, detail } = row;
  const result = RESULTS[state];
  if (atMs === null || result === null) return null;
  return {
    outcomeId: row.outcome_id,
    decisionId: row.decision_id,
    callId: row.call_id,
    result,
    ...(detail === null ? {} : { detail }),
    atMs,
  };
}
