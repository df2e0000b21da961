/** One event as a producer sent it → a checked event, or the reason it is refused. */
import {
  CALL_EVENT_DATA,
  CALL_EVENT_TYPES,
  CallEvent,
  type CallEventType,
  eventAtMs,
  MAX_EVENT_AHEAD_MS,
  MAX_EVENT_BYTES,
  type Refusal,
} from '#contract/call-events.ts';
import { AtMs } from '#contract/text.ts';
import { inspectJson } from './read-json.ts';

export type ParsedEvent =
  | { readonly ok: true; readonly event: CallEvent; readonly unknownKeys: number }
  | { readonly ok: false; readonly id: string; readonly reason: Refusal; readonly detail: string };

const ATTRIBUTES = new Set(['specversion', 'id', 'source', 'subject', 'time', 'type', 'datacontenttype', 'sequence', 'data']);
const TYPES: ReadonlySet<string> = new Set(CALL_EVENT_TYPES);

/** `nowMs` is the receiver's clock: an event from further ahead than MAX_EVENT_AHEAD_MS is refused. */
export function parseEvent(input: unknown, nowMs: number): ParsedEvent {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return refuse('', 'not-a-cloud-event', 'must be an object');
  const raw = input as Readonly<Record<string, unknown>>;
  const id = typeof raw['id'] === 'string' ? raw['id'].slice(0, 128) : '';
  const fault = inspectJson(raw);
  if (fault !== null) return refuse(id, 'bad-data', fault);
  if (Buffer.byteLength(JSON.stringify(raw)) > MAX_EVENT_BYTES) return refuse(id, 'too-large', `must be at most ${MAX_EVENT_BYTES} bytes`);
  const type = raw['type'];
  if (raw['specversion'] !== '1.0' || id === '' || typeof type !== 'string')
    return refuse(id, 'not-a-cloud-event', 'must have specversion 1.0, id and type');
  if (!TYPES.has(type)) return refuse(id, 'unknown-type', 'this type of event is not known here');

  const parsed = CallEvent.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path.join('.') ?? '';
    const detail = `${path || 'event'}: ${issue?.message ?? 'does not fit its schema'}`;
    if (issue?.path[0] === 'data') return refuse(id, 'bad-data', detail);
    return refuse(id, issue?.path[0] === 'time' ? 'bad-time' : 'not-a-cloud-event', detail);
  }
  const event = parsed.data;
  if (!AtMs.safeParse(Date.parse(event.time)).success) return refuse(id, 'bad-time', 'time: must lie between 2000 and 2100');
  if (eventAtMs(event) > nowMs + MAX_EVENT_AHEAD_MS)
    return refuse(id, 'bad-time', `time: lies more than ${MAX_EVENT_AHEAD_MS / 60_000} minutes ahead`);
  return { ok: true, event, unknownKeys: countUnknownKeys(raw, event.type) };
}

function countUnknownKeys(raw: Readonly<Record<string, unknown>>, type: CallEventType): number {
  const known = CALL_EVENT_DATA[type].shape as Readonly<Record<string, unknown>>;
  const data = raw['data'] as Readonly<Record<string, unknown>>;
  return countIf(Object.keys(raw), (key) => !ATTRIBUTES.has(key)) + countIf(Object.keys(data), (key) => !Object.hasOwn(known, key));
}

const countIf = (keys: readonly string[], counts: (key: string) => boolean): number => keys.filter(counts).length;

const refuse = (id: string, reason: Refusal, detail: string): ParsedEvent => ({ ok: false, id, reason, detail });
