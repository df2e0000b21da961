/** A delivery as it came from the socket → a checked one, or the reason it is refused. Central checked it before; this desk trusts nobody. */
import { CALL_EVENT_TYPES, MAX_EVENT_BYTES, MAX_SEQUENCE_JUMP, PARTIAL, type Refusal } from '#contract/call-events.ts';
import { Delivery, TO_DESK } from '#contract/live.ts';
import { AtMs } from '#contract/text.ts';

export type ParsedDelivery = { readonly ok: true; readonly delivery: Delivery } | { readonly ok: false; readonly reason: Refusal };

const TYPES: ReadonlySet<unknown> = new Set(CALL_EVENT_TYPES);
const refuse = (reason: Refusal): ParsedDelivery => ({ ok: false, reason });

/** `highestSeq` of a call is the highest number it has. */
export function parseDelivery(raw: unknown, highestSeq: (callId: string) => number): ParsedDelivery {
  const checked = parse(raw, Delivery);
  if (!checked.ok) return checked;
  const { callId, seq } = checked.delivery;
  if (checked.delivery.event.type === PARTIAL) return refuse('bad-data');
  if (seq > highestSeq(callId) + MAX_SEQUENCE_JUMP) return refuse('sequence-too-far');
  return checked;
}

/** An utterance in progress. */
export function parsePartial(raw: unknown): ParsedDelivery {
  // A partial has no number of its own.
  const checked = parse(raw, TO_DESK.partial);
  if (!checked.ok) return checked;
  return checked.delivery.event.type === PARTIAL ? checked : refuse('bad-data');
}

function parse(raw: unknown, schema: typeof Delivery | typeof TO_DESK.partial): ParsedDelivery {
  if (!isRecord(raw)) return refuse('not-json');
  const { event } = raw;
  if (!isRecord(event)) return refuse('not-a-cloud-event');
  if (JSON.stringify(raw).length > MAX_EVENT_BYTES) return refuse('too-large');
  if (event['specversion'] !== '1.0') return refuse('not-a-cloud-event');
  if (!TYPES.has(event['type'])) return refuse('unknown-type');
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path ?? [];
    if (path[0] === 'event' && path[1] === 'data') return refuse('bad-data');
    return refuse(path[0] === 'event' && path[1] === 'time' ? 'bad-time' : 'not-a-cloud-event');
  }
  const delivery: Delivery = { seq: 0, ...parsed.data };
  if (delivery.event.subject !== delivery.callId) return refuse('foreign-call');
  if (!AtMs.safeParse(Date.parse(delivery.event.time)).success) return refuse('bad-time');
  return { ok: true, delivery };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
