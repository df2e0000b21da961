/** What a desk that resumes is to have: its calls, the answers it may have missed, the orders it has not carried out. Read for many desks at once. */
import { sql } from 'kysely';
import type { ApprovalStanding } from '#contract/approval.ts';
import { type DataOrder } from '#contract/live.ts';
import { type Answer, answerOf } from '../actions/answer-of.ts';
import { seenApprovals, standingOf } from '../approvals/seen-approvals.ts';
import { ordersFor } from '../privacy/data-orders.ts';
import { Gathering } from '../store/gathering.ts';
import type { Query } from '../store/open-store.ts';
import type { ActionRequestRow } from '../store/tables.ts';

/** A call is resumed until this long after its wrap-up, */
const RESUME_AFTER_CLOSE_MS = 10 * 60_000;
/** or, when its end was never reported, after the last that was heard of it. */
const RESUME_AFTER_SILENCE_MS = 12 * 3_600_000;
const MAX_CALLS = 200;
const ANSWERS_FOR_MS = 24 * 3_600_000;
const MAX_ANSWERS = 200;

type ActiveCall = Awaited<ReturnType<typeof activeCalls>>[number];

export interface Orders {
  readonly orders: readonly DataOrder[];
  /** The last that the desk has said to have carried out. */
  readonly keptSeq: number;
}

export class DeskReader {
  readonly calls: Gathering<string, readonly ActiveCall[]>;
  readonly answers: Gathering<string, readonly Answer[]>;
  /** Of what is open. */
  readonly approvals: Gathering<string, readonly ApprovalStanding[]>;
  readonly orders: Gathering<string, Orders>;

  constructor(db: Query, nowMs: () => number) {
    this.calls = new Gathering((agentIds) => callsOf(db, agentIds, nowMs()));
    this.answers = new Gathering((agentIds) => answersOf(db, agentIds, nowMs()));
    this.approvals = new Gathering((agentIds) => approvalsOf(db, agentIds));
    this.orders = new Gathering((deviceIds) => ordersFor(db, deviceIds));
  }
}

async function callsOf(db: Query, agentIds: readonly string[], nowMs: number): Promise<readonly (readonly ActiveCall[])[]> {
  const calls = await activeCalls(db, agentIds, nowMs);
  return agentIds.map((agentId) => calls.filter(({ agent_id }) => agent_id === agentId).slice(0, MAX_CALLS));
}

async function answersOf(db: Query, agentIds: readonly string[], nowMs: number): Promise<readonly (readonly Answer[])[]> {
  const { rows } = await sql<ActionRequestRow>`
    select found.* from (select distinct unnest(${agentIds}::text[]) as agent_id) as asked
    cross join lateral (
      select * from action_requests
      where action_requests.agent_id = asked.agent_id and answered_at_ms > ${nowMs - ANSWERS_FOR_MS}
      order by answered_at_ms desc limit ${MAX_ANSWERS}
    ) as found
    order by found.answered_at_ms`.execute(db);
  return agentIds.map((agentId) =>
    rows
      .filter((row) => row.agent_id === agentId)
      .flatMap((row) => {
        const answer = answerOf(row);
        return answer === null ? [] : [answer];
      }),
  );
}

async function approvalsOf(db: Query, agentIds: readonly string[]): Promise<readonly (readonly ApprovalStanding[])[]> {
  const seen = await seenApprovals(db, sql`q.ended_at_ms is null and q.agent_id = any(${agentIds}::text[])`);
  return agentIds.map((agentId) => seen.filter(({ agent_id }) => agent_id === agentId).flatMap((one) => standingOf(one) ?? []));
}

/** The calls of these agents that a desk may still want something of, newest first. */
export function activeCalls(db: Query, agentIds: readonly string[], nowMs: number) {
  return db
    .selectFrom('calls')
    .leftJoin('customers', 'customers.customer_id', 'calls.customer_id')
    .select(['call_id', 'agent_id', 'last_seq', 'customers.version as profile_version'])
    .where('agent_id', '=', sql<string>`any(${[...new Set(agentIds)]}::text[])`)
    .where('changed_at_ms', '>', nowMs - RESUME_AFTER_SILENCE_MS)
    .where((eb) => eb.or([eb('closed_at_ms', 'is', null), eb('closed_at_ms', '>', nowMs - RESUME_AFTER_CLOSE_MS)]))
    .orderBy('offered_at_ms', 'desc')
    .limit(MAX_CALLS * agentIds.length)
    .execute();
}
