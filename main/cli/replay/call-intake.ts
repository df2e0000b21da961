/**
 * What central does with an event before a desk sees it, for calls replayed from a file: checks it, drops what
 * came twice, gives it its delivery number. In memory; a file is one producer after another, so nothing overtakes.
 */
import { parseEvent } from '#central/intake/parse-event.ts';
import { type CallEvent, eventAtMs, MAX_EVENT_BYTES, PARTIAL, type Refusal } from '#contract/call-events.ts';

export type TakenLine =
  | {
      readonly result: 'accepted';
      readonly type: string;
      readonly event: CallEvent;
      /** Null for an utterance in progress, which has no number. */
      readonly seq: number | null;
    }
  | { readonly result: 'duplicate'; readonly type: string }
  | { readonly result: 'refused'; readonly type: string; readonly reason: Refusal; readonly detail: string };

interface KnownCall {
  seq: number;
  /** Added to its times, so that it happens after the calls before it. */
  readonly shiftMs: number;
  /** Source and id, and source and number, of everything taken. */
  readonly ids: Set<string>;
  readonly numbers: Set<string>;
}

/** Under what a line counts that has no type. */
const NO_TYPE = 'none';
/** One call after the other, where times overlap. */
const BETWEEN_CALLS_MS = 1_000;

export class CallIntake {
  readonly #calls = new Map<string, KnownCall>();
  #lastAtMs = 0;

  get calls(): number {
    return this.#calls.size;
  }

  take(line: string): TakenLine {
    if (line.length > MAX_EVENT_BYTES) return refused(NO_TYPE, 'too-large', `longer than ${MAX_EVENT_BYTES} bytes`);
    let raw: unknown;
    try {
      raw = JSON.parse(line);
    } catch {
      return refused(NO_TYPE, 'not-json', 'is no JSON');
    }
    // The recording's clock is not ours: nothing lies ahead of it.
    const parsed = parseEvent(raw, Number.POSITIVE_INFINITY);
    if (!parsed.ok) return refused(typeOf(raw), parsed.reason, parsed.detail);
    const { event } = parsed;
    const { id, source, sequence, subject, type } = event;
    const call = this.#calls.get(subject) ?? this.#opened(event);
    const key = `${source} ${id}`;
    if (call.ids.has(key)) return { result: 'duplicate', type };
    const number = `${source} ${sequence}`;
    if (sequence !== undefined && call.numbers.has(number)) return refused(type, 'sequence-reused', 'another event had this number');
    this.#calls.set(subject, call);
    call.ids.add(key);
    call.numbers.add(number);
    const moved = call.shiftMs === 0 ? event : { ...event, time: new Date(eventAtMs(event) + call.shiftMs).toISOString() };
    this.#lastAtMs = Math.max(this.#lastAtMs, eventAtMs(moved));
    if (type === PARTIAL) return { result: 'accepted', type, event: moved, seq: null };
    call.seq += 1;
    return { result: 'accepted', type, event: moved, seq: call.seq };
  }

  #opened(event: CallEvent): KnownCall {
    const atMs = eventAtMs(event);
    const shiftMs = this.#lastAtMs < atMs ? 0 : this.#lastAtMs + BETWEEN_CALLS_MS - atMs;
    return { seq: 0, shiftMs, ids: new Set(), numbers: new Set() };
  }
}

const refused = (type: string, reason: Refusal, detail: string): TakenLine => ({ result: 'refused', type, reason, detail });

const typeOf = (raw: unknown): string => {
  const type = typeof raw === 'object' && raw !== null ? (raw as { readonly type?: unknown }).type : undefined;
  return typeof type === 'string' && type !== '' ? type.slice(0, 64) : NO_TYPE;
};
