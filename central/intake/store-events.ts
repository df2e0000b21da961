/**
 * Events into the tables, at most one of each call: their numbers, themselves, their effects, in one transaction under the locks of
 * their calls. A few statements, however many events there are.
 *
 *   lock the calls ─► what is known of the events and their producers ─► judge ─► open calls ─► write all ─► effects
 */
import { sql } from 'kysely';
import { type CallEvent, eventAtMs, MAX_SEQUENCE_JUMP, type Refusal } from '#contract/call-events.ts';
import type { Tx } from '../store/open-store.ts';
import { highestSeen, isSeen, parseSeen, type Span } from '../store/positions.ts';
import type { CallRow } from '../store/tables.ts';
import { applyEffects } from './apply-effects.ts';
import { type Judgement, judgeEvent } from './judge-event.ts';

export interface StoredEvent {
  readonly event: CallEvent;
  /** Null: not delivered on the call. */
  readonly seq: number | null;
  /** After the event; null when the call is unknown. */
  readonly call: CallRow | null;
  /** Who had the call before, when it changed hands. */
  readonly formerAgentId: string | null;
  /** Whose slice changed. */
  readonly customerId: string | null;
}

export type StoreResult =
  | { readonly result: 'accepted'; readonly stored: StoredEvent }
  | { readonly result: 'duplicate' }
  | { readonly result: 'refused'; readonly reason: Refusal; readonly detail: string };

/** What happens to one event, as far as it is known. */
interface Pending {
  readonly event: CallEvent;
  readonly call: CallRow | null;
  readonly seen: readonly Span[];
  readonly judgement: Judgement;
}

/** `events` are redacted already, and no two are of one call. What became of each, in their order. */
export async function storeEvents(tx: Tx, events: readonly CallEvent[], nowMs: number): Promise<readonly StoreResult[]> {
  const calls = await lockCalls(
    tx,
    events.map(({ subject }) => subject),
  );
  const known = await readKnown(tx, events);
  const results = new Map<CallEvent, StoreResult>();
  const pending: Pending[] = [];
  events.forEach((event, n) => {
    const { isKnown, seen } = known[n] ?? { isKnown: false, seen: [] };
    if (isKnown) results.set(event, { result: 'duplicate' });
    else {
      const call = calls.get(event.subject) ?? null;
      pending.push({ event, call, seen, judgement: judgeEvent(call, event, nowMs) });
    }
  });

  const writes: Write[] = [];
  for (const each of await withOpenedCalls(tx, pending, nowMs)) {
    const refusal = refusalOf(each);
    if (refusal === null) writes.push(writeOf(each, nowMs));
    else {
      results.set(each.event, { result: 'refused', ...refusal });
      // What was not taken down on purpose is not missing.
      if (refusal.reason === 'capture-paused' && each.call !== null)
        writes.push({ event: each.event, seq: null, after: null, isKept: false });
    }
  }
  await write(tx, writes, nowMs);
  for (const { event, seq, after, before, isKept } of writes) {
    if (!isKept) continue;
    const customerId = await applyEffects(tx, event);
    const formerAgentId = before !== undefined && after !== null && before.agent_id !== after.agent_id ? before.agent_id : null;
    results.set(event, { result: 'accepted', stored: { event, seq, call: after, formerAgentId, customerId } });
  }
  return events.map((event) => results.get(event) ?? { result: 'duplicate' });
}

async function lockCalls(tx: Tx, callIds: readonly string[]): Promise<Map<string, CallRow>> {
  // In one order everywhere: transactions that share calls wait for each other instead of clashing.
  const rows = await tx
    .selectFrom('calls')
    .selectAll()
    .where('call_id', '=', sql<string>`any(${callIds}::text[])`)
    .orderBy('call_id')
    .forUpdate()
    .execute();
  return new Map(rows.map((row) => [row.call_id, row]));
}

async function readKnown(tx: Tx, events: readonly CallEvent[]): Promise<readonly { isKnown: boolean; seen: readonly Span[] }[]> {
  const { rows } = await sql<{ is_known: boolean; seen: string | null }>`
    select exists (select from event_ids where event_ids.source = asked.source and event_ids.event_id = asked.event_id) as is_known,
      producer_positions.seen::text as seen
    from unnest(${events.map(({ source }) => source)}::text[], ${events.map(({ id }) => id)}::text[],
      ${events.map(({ subject }) => subject)}::text[]) with ordinality as asked (source, event_id, call_id, n)
    left join producer_positions on producer_positions.call_id = asked.call_id and producer_positions.source = asked.source
    order by n`.execute(tx);
  return rows.map(({ is_known, seen }) => ({ isKnown: is_known, seen: seen === null ? [] : parseSeen(seen) }));
}

/** Opens the calls that begin with their event. One that another node opened meanwhile is judged as it stands. */
async function withOpenedCalls(tx: Tx, pending: readonly Pending[], nowMs: number): Promise<readonly Pending[]> {
  const opening = pending.flatMap(({ judgement }) => (judgement.take === 'open' ? [judgement.call] : []));
  if (opening.length === 0) return pending;
  const rows = await tx
    .insertInto('calls')
    .values(opening.toSorted((a, b) => (a.call_id < b.call_id ? -1 : 1)).map((call) => ({ ...call, last_seq: 0, changed_at_ms: nowMs })))
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .execute();
  const opened = new Map(rows.map((row) => [row.call_id, row]));
  const missed = opening.map(({ call_id }) => call_id).filter((callId) => !opened.has(callId));
  const others = missed.length === 0 ? new Map<string, CallRow>() : await lockCalls(tx, missed);
  return pending.map((each) => {
    if (each.judgement.take !== 'open') return each;
    const call = opened.get(each.event.subject) ?? others.get(each.event.subject);
    if (call === undefined) throw new Error(`call ${each.event.subject} is neither there nor can it be opened`);
    return { ...each, call, judgement: call.last_seq > 0 ? judgeEvent(call, each.event, nowMs) : each.judgement };
  });
}

function refusalOf({ judgement, event, seen }: Pending): { readonly reason: Refusal; readonly detail: string } | null {
  if (judgement.take === 'refuse') return { reason: judgement.reason, detail: judgement.detail };
  if (event.sequence === undefined) return null;
  if (isSeen(seen, event.sequence)) return { reason: 'sequence-reused', detail: 'another event had this number' };
  if (event.sequence > highestSeen(seen) + MAX_SEQUENCE_JUMP)
    return { reason: 'sequence-too-far', detail: `may lie at most ${MAX_SEQUENCE_JUMP} ahead of the last` };
  return null;
}

interface Write {
  readonly event: CallEvent;
  readonly seq: number | null;
  readonly before?: CallRow;
  /** The call as it is then; null: unknown, or not changed. */
  readonly after: CallRow | null;
  /** False: only its number is noted. */
  readonly isKept: boolean;
}

function writeOf({ event, call, judgement }: Pending, nowMs: number): Write {
  if (call === null) return { event, seq: null, after: null, isKept: true };
  const seq = judgement.take === 'effect' ? null : call.last_seq + 1;
  const change = judgement.take === 'deliver' ? judgement.change : {};
  return { event, seq, before: call, after: { ...call, ...change, last_seq: seq ?? call.last_seq, changed_at_ms: nowMs }, isKept: true };
}

/** Another transaction stored the same event meanwhile, under another call. Thrown so that nothing of this one stays. */
export class StoredElsewhere extends Error {
  override readonly name = 'StoredElsewhere';
}

/** Events, their producers' numbers and their calls, with one statement. */
async function write(tx: Tx, writes: readonly Write[], nowMs: number): Promise<void> {
  if (writes.length === 0) return;
  const kept = writes.filter(({ isKept }) => isKept);
  const numbered = writes.filter(({ event, after, isKept }) => event.sequence !== undefined && (after !== null || !isKept));
  const changed = writes.flatMap(({ after }) => (after === null ? [] : [after]));
  const events = <T>(read: (write: Write) => T): readonly T[] => kept.map(read);
  const calls = <T>(read: (call: CallRow) => T): readonly T[] => changed.map(read);
  const { rows } = await sql<{ n: number }>`
    with sent as (
      select * from unnest(
        ${events(({ event }) => event.source)}::text[], ${events(({ event }) => event.id)}::text[],
        ${events(({ event }) => event.subject)}::text[], ${events(({ seq }) => seq)}::integer[],
        ${events(({ event }) => event.type)}::text[], ${events(({ event }) => eventAtMs(event))}::bigint[],
        ${events(({ event }) => JSON.stringify(event))}::text[]) as sent (source, event_id, call_id, seq, type, at_ms, body)
    ), stored as (
      insert into event_ids (source, event_id) select source, event_id from sent on conflict do nothing returning source
    ), kept as (
      insert into call_events (source, event_id, call_id, seq, type, at_ms, received_at_ms, body)
      select source, event_id, call_id, seq, type, at_ms, ${nowMs}::bigint, body::jsonb from sent
    ), noted as (
      insert into producer_positions (call_id, source, seen)
      select call_id, source, int8multirange(int8range(n, n + 1)) from unnest(
        ${numbered.map(({ event }) => event.subject)}::text[], ${numbered.map(({ event }) => event.source)}::text[],
        ${numbered.map(({ event }) => event.sequence ?? 0)}::bigint[]) as sent (call_id, source, n)
      on conflict (call_id, source) do update set seen = producer_positions.seen + excluded.seen
    ), moved as (
      update calls set agent_id = after.agent_id, customer_id = after.customer_id, identity = after.identity, phase = after.phase,
        last_seq = after.last_seq, capture_paused = after.capture_paused, ended_at_ms = after.ended_at_ms,
        closed_at_ms = after.closed_at_ms, changed_at_ms = ${nowMs}::bigint
      from unnest(
        ${calls(({ call_id }) => call_id)}::text[], ${calls(({ agent_id }) => agent_id)}::text[],
        ${calls(({ customer_id }) => customer_id)}::text[], ${calls(({ identity }) => identity)}::text[],
        ${calls(({ phase }) => phase)}::text[], ${calls(({ last_seq }) => last_seq)}::integer[],
        ${calls(({ capture_paused }) => capture_paused)}::boolean[], ${calls(({ ended_at_ms }) => ended_at_ms)}::bigint[],
        ${calls(({ closed_at_ms }) => closed_at_ms)}::bigint[])
        as after (call_id, agent_id, customer_id, identity, phase, last_seq, capture_paused, ended_at_ms, closed_at_ms)
      where calls.call_id = after.call_id
    )
    select count(*)::integer as n from stored`.execute(tx);
  if (rows[0]?.n !== kept.length) throw new StoredElsewhere('an event was stored meanwhile');
}
