/** Files of call events, and what holds of every call made from a recording. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CallEvent, MAX_EVENT_BYTES } from '#contract/call-events.ts';

/** Every line as the contract reads it. */
export const readEvents = (file: string): CallEvent[] => {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => CallEvent.parse(JSON.parse(line)));
};

/** Throws where something that holds of every imported call does not hold; the number of calls. */
export const holdsForCalls = (events: readonly CallEvent[]): number => {
  const ids = new Set<string>();
  const ended = new Set<string>();
  const last = new Map<string, { atMs: number; sequences: Map<string, number> }>();
  for (const event of events) {
    if (ids.has(event.id)) throw new Error(`event id ${event.id} twice`);
    ids.add(event.id);
    const atMs = Date.parse(event.time);
    const call = last.get(event.subject) ?? { atMs: 0, sequences: new Map<string, number>() };
    if (call.atMs === 0 && event.type !== 'sotto.call.offered') throw new Error(`${event.subject} does not begin with an offer`);
    if (atMs < call.atMs) throw new Error(`${event.id} goes back in time`);
    const sequence = (call.sequences.get(event.source) ?? 0) + 1;
    if (event.sequence !== sequence) throw new Error(`${event.id}: sequence ${event.sequence} where ${sequence} is next`);
    call.sequences.set(event.source, sequence);
    last.set(event.subject, { atMs, sequences: call.sequences });
    if (event.type === 'sotto.call.ended') ended.add(event.subject);
    else if (ended.has(event.subject) && !event.type.startsWith('sotto.wrapup.')) throw new Error(`${event.id} after the end`);
    if (event.type === 'sotto.utterance.final' && event.data.endMs < event.data.startMs)
      throw new Error(`${event.id} ends before it begins`);
    if (Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES) throw new Error(`${event.id} is too large`);
  }
  if (ended.size !== last.size) throw new Error('a call without an end');
  return last.size;
};
