/**
 * What supervisors do on a running call: words to the agent, and reading along. Both are rows that stay (who, on which call, when), and both
 * are for an agent whose desk is connected: what cannot be shown to them is not done.
 */
import { sql } from 'kysely';
import { type CallSupervision, MAX_NOTES, type Reading, type SupervisionRefusal } from '#contract/supervision.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import type { Query, Store } from '../store/open-store.ts';
import { databaseMs, NODE_SILENT_MS } from './desk-seats.ts';

/** A reading goes on for so long after it was last asked for. */
export const READING_FOR_MS = 5_000;
const MOST_LINES = 500;

type Done<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly reason: SupervisionRefusal };

interface OpenCall {
  readonly call_id: string;
  readonly agent_id: string;
}

/** A call within reach that goes on, at a desk that is connected somewhere. */
async function openCall(db: Query, callId: string, scope: Scope): Promise<Done<{ readonly call: OpenCall }>> {
  const { rows } = await sql<OpenCall & { readonly is_running: boolean; readonly is_here: boolean }>`
    select call_id, agent_id, phase in ('offered', 'active', 'held') as is_running,
      exists (select from desk_seats s join live_nodes n using (node)
        where s.agent_id = calls.agent_id and s.left_at_ms is null and n.seen_at_ms > ${databaseMs} - ${NODE_SILENT_MS}) as is_here
    from calls where call_id = ${callId} and ${withinScope(scope, 'calls.agent_id')}`.execute(db);
  const [call] = rows;
  if (call === undefined) return { ok: false, reason: 'not-found' };
  if (!call.is_running) return { ok: false, reason: 'call-over' };
  return call.is_here ? { ok: true, call } : { ok: false, reason: 'desk-away' };
}

export async function coach(
  db: Query,
  callId: string,
  text: string,
  scope: Scope,
  by: string,
  nowMs: number,
): Promise<Done<{ readonly noteId: string }>> {
  const open = await openCall(db, callId, scope);
  if (!open.ok) return open;
  const { rows } = await sql<{ note_id: string }>`
    insert into coaching_notes (call_id, agent_id, author, text, at_ms)
    select ${callId}, ${open.call.agent_id}, ${by}, ${text}, ${nowMs}::bigint
    where (select count(*) from coaching_notes where call_id = ${callId}) < ${MAX_NOTES}
    returning note_id`.execute(db);
  const [note] = rows;
  return note === undefined ? { ok: false, reason: 'too-many' } : { ok: true, noteId: note.note_id };
}

/** Begins to read, or goes on. What was said is answered only once the agent's desk said that it shows who reads. */
export async function readAlong(
  store: Store,
  callId: string,
  afterSeq: number,
  scope: Scope,
  by: string,
): Promise<Done<{ readonly reading: Reading; readonly isNew: boolean }>> {
  const open = await openCall(store.db, callId, scope);
  if (!open.ok) return open;
  const { agent_id: agentId } = open.call;
  return store.transaction(async (tx) => {
    // One row for one reader, also where they ask twice at once.
    await sql`select pg_advisory_xact_lock(hashtext(${`${callId} ${by}`}))`.execute(tx);
    const { rows } = await sql<{ shown_at_ms: number | null }>`
      update transcript_reads set until_ms = greatest(until_ms, ${databaseMs} + ${READING_FOR_MS})
      where call_id = ${callId} and reader = ${by} and agent_id = ${agentId} and until_ms > ${databaseMs} returning shown_at_ms`.execute(
      tx,
    );
    const [going] = rows;
    if (going === undefined) {
      await sql`insert into transcript_reads (call_id, agent_id, reader, from_ms, until_ms)
        values (${callId}, ${agentId}, ${by}, ${databaseMs}, ${databaseMs} + ${READING_FOR_MS})`.execute(tx);
    }
    if (going === undefined || going.shown_at_ms === null)
      return { ok: true, isNew: going === undefined, reading: { callId, state: 'telling-the-agent', lines: [] } };
    const lines = await sql<Reading['lines'][number]>`
      select seq, body -> 'data' ->> 'speaker' as speaker, body -> 'data' ->> 'text' as text, at_ms as "atMs" from call_events
      where call_id = ${callId} and seq > ${afterSeq} and type = 'sotto.utterance.final' order by seq limit ${MOST_LINES}`.execute(tx);
    return { ok: true, isNew: false, reading: { callId, state: 'reading', lines: lines.rows } };
  });
}

/** Who said what to the agent, and who read along; null: there is no such call within reach. */
export async function supervisionOf(db: Query, callId: string, scope: Scope): Promise<CallSupervision | null> {
  const { rows: calls } = await sql`select from calls where call_id = ${callId} and ${withinScope(scope, 'calls.agent_id')}`.execute(db);
  if (calls.length === 0) return null;
  const { rows: notes } = await sql<CallSupervision['notes'][number]>`
    select note_id as "noteId", author as "authorId", p.name as by, text, at_ms as "atMs", shown_at_ms as "shownAtMs"
    from coaching_notes n join people p on p.person_id = n.author where call_id = ${callId} order by at_ms, note_id`.execute(db);
  const { rows: readings } = await sql<CallSupervision['readings'][number]>`
    select read_id as "readId", reader as "readerId", p.name as by, from_ms as "fromMs", until_ms as "untilMs", shown_at_ms as "shownAtMs"
    from transcript_reads r join people p on p.person_id = r.reader where call_id = ${callId} order by from_ms, read_id`.execute(db);
  return { callId, notes, readings };
}
