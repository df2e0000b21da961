/** One event into the tables: its number, itself, its effects, in one transaction under the lock of its call. */
import { type CallEvent, eventAtMs, MAX_SEQUENCE_JUMP, type Refusal } from '#contract/call-events.ts';
import type { Tx } from '../store/open-store.ts';
import { highestSeen, isSeen, noteProducer, producerSeen } from '../store/positions.ts';
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

/** `event` is redacted already. */
export async function storeEvent(tx: Tx, event: CallEvent, nowMs: number): Promise<StoreResult> {
  let call = await lockCall(tx, event.subject);
  if (await isKnown(tx, event)) return { result: 'duplicate' };

  let judgement = judgeEvent(call, event, nowMs);
  if (judgement.take === 'open') {
    call = (await openCall(tx, judgement.call, nowMs)) ?? (await lockCall(tx, event.subject));
    if (call === null) throw new Error(`call ${event.subject} is neither there nor can it be opened`);
    if (call.last_seq > 0) judgement = judgeEvent(call, event, nowMs);
  }
  const seen = call === null || event.sequence === undefined ? [] : await producerSeen(tx, call.call_id, event.source);
  const refusal = refusalOf(judgement, event, seen);
  if (refusal !== null) {
    // What was not taken down on purpose is not missing.
    if (refusal.reason === 'capture-paused' && call !== null && event.sequence !== undefined)
      await noteProducer(tx, call.call_id, event.source, event.sequence);
    return { result: 'refused', ...refusal };
  }

  const seq = judgement.take === 'effect' || call === null ? null : call.last_seq + 1;
  await insertEvent(tx, event, seq, nowMs);
  if (call !== null && event.sequence !== undefined) await noteProducer(tx, call.call_id, event.source, event.sequence);
  const change = judgement.take === 'deliver' ? judgement.change : {};
  const after = call === null ? null : { ...call, ...change, last_seq: seq ?? call.last_seq, changed_at_ms: nowMs };
  if (after !== null) {
    const { call_id, ...values } = after;
    await tx.updateTable('calls').set(values).where('call_id', '=', call_id).execute();
  }
  const customerId = await applyEffects(tx, event);
  const formerAgentId = call !== null && after !== null && call.agent_id !== after.agent_id ? call.agent_id : null;
  return { result: 'accepted', stored: { event, seq, call: after, formerAgentId, customerId } };
}

function refusalOf(
  judgement: Judgement,
  event: CallEvent,
  seen: Awaited<ReturnType<typeof producerSeen>>,
): { readonly reason: Refusal; readonly detail: string } | null {
  if (judgement.take === 'refuse') return { reason: judgement.reason, detail: judgement.detail };
  if (event.sequence === undefined) return null;
  if (isSeen(seen, event.sequence)) return { reason: 'sequence-reused', detail: 'another event had this number' };
  if (event.sequence > highestSeen(seen) + MAX_SEQUENCE_JUMP)
    return { reason: 'sequence-too-far', detail: `may lie at most ${MAX_SEQUENCE_JUMP} ahead of the last` };
  return null;
}

async function lockCall(tx: Tx, callId: string): Promise<CallRow | null> {
  return (await tx.selectFrom('calls').selectAll().where('call_id', '=', callId).forUpdate().executeTakeFirst()) ?? null;
}

async function openCall(tx: Tx, opening: Omit<CallRow, 'last_seq' | 'changed_at_ms'>, nowMs: number): Promise<CallRow | null> {
  const row = await tx
    .insertInto('calls')
    .values({ ...opening, last_seq: 0, changed_at_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

async function isKnown(tx: Tx, event: CallEvent): Promise<boolean> {
  const row = await tx
    .selectFrom('call_events')
    .select('event_id')
    .where('source', '=', event.source)
    .where('event_id', '=', event.id)
    .executeTakeFirst();
  return row !== undefined;
}

/** Another transaction stored the same event meanwhile, under another call. Thrown so that nothing of this one stays. */
export class StoredElsewhere extends Error {
  override readonly name = 'StoredElsewhere';
}

async function insertEvent(tx: Tx, event: CallEvent, seq: number | null, nowMs: number): Promise<void> {
  const row = await tx
    .insertInto('call_events')
    .values({
      source: event.source,
      event_id: event.id,
      call_id: event.subject,
      seq,
      type: event.type,
      at_ms: eventAtMs(event),
      received_at_ms: nowMs,
      body: JSON.stringify(event),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('event_id')
    .executeTakeFirst();
  if (row === undefined) throw new StoredElsewhere(`event ${event.id} is stored already`);
}
