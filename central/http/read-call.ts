/** A call as central has it: no words of it, only what is there and what is missing. */
import { sql } from 'kysely';
import { type Scope, withinScope } from '../access/scope.ts';
import type { Query } from '../store/open-store.ts';
import { gapsOf, highestSeen, parseSeen, type Span } from '../store/positions.ts';
import type { CallPhase } from '../store/tables.ts';

export interface CallReport {
  readonly callId: string;
  readonly agentId: string;
  readonly customerId: string | null;
  readonly phase: CallPhase;
  readonly capturePaused: boolean;
  /** The last delivery number. */
  readonly seq: number;
  readonly events: Readonly<Record<string, number>>;
  readonly producers: readonly { readonly source: string; readonly highest: number; readonly gaps: readonly Span[] }[];
}

export async function readCall(db: Query, callId: string, scope: Scope): Promise<CallReport | null> {
  const call = await db
    .selectFrom('calls')
    .selectAll()
    .where('call_id', '=', callId)
    .where(withinScope(scope, 'calls.agent_id'))
    .executeTakeFirst();
  if (call === undefined) return null;
  const types = await db
    .selectFrom('call_events')
    .select(['type', sql<number>`count(*)`.as('n')])
    .where('call_id', '=', callId)
    .groupBy('type')
    .orderBy('type')
    .execute();
  const positions = await db
    .selectFrom('producer_positions')
    .select(['source', sql<string>`seen::text`.as('seen')])
    .where('call_id', '=', callId)
    .orderBy('source')
    .execute();
  return {
    callId,
    agentId: call.agent_id,
    customerId: call.customer_id,
    phase: call.phase,
    capturePaused: call.capture_paused,
    seq: call.last_seq,
    events: Object.fromEntries(types.map(({ type, n }) => [type, n])),
    producers: positions.map(({ source, seen }) => {
      const spans = parseSeen(seen);
      return { source, highest: highestSeen(spans), gaps: gapsOf(spans) };
    }),
  };
}
