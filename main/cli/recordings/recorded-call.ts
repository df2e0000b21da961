/** A recorded dialogue on its way to being a call: what both importers hand over, and the call events made of it. */
import type { CallEvent, CallEventOf, CallEventType, Speaker } from '#contract/call-events.ts';
import { MAX_ID_LENGTH, MAX_TEXT_LENGTH } from '#contract/limits.ts';

export interface RecordedUtterance {
  readonly kind: 'utterance';
  readonly speaker: Speaker;
  readonly text: string;
  /** When the last word was said. */
  readonly endAtMs: number;
}

/** The agent looked something up: a step of the customer's journey. */
export interface RecordedStep {
  readonly kind: 'step';
  readonly journey: string;
  readonly step: string;
  readonly atMs: number;
}

export interface RecordedCall {
  /** Distinct over everything imported together. */
  readonly callId: string;
  /** Where it was recorded: first part of the producers' names. */
  readonly origin: string;
  readonly agentId: string;
  /** Absent where the recording does not say who the customer was. */
  readonly customerId?: string;
  readonly queue: string;
  readonly offeredAtMs: number;
  /** In order of their time; empty: nobody ever spoke, the call was abandoned. */
  readonly items: readonly (RecordedUtterance | RecordedStep)[];
  readonly endReason: CallEventOf<'sotto.call.ended'>['data']['reason'];
  readonly disposition: string;
}

/** From ring to the agent's click, and from the click to speech. */
const RING_MS = 3_000;
const CONNECT_MS = 1_000;
const AFTER_LAST_MS = 1_000;
const WRAP_UP_MS = 20_000;
/** About 170 words a minute. */
const MS_PER_WORD = 350;
const LEAST_SPEECH_MS = 400;

/** From the offer to the first moment somebody can have spoken. */
export const LEAD_MS = RING_MS + CONNECT_MS;

/** Letters an identifier may not have become hyphens; a long one is cut at the front, where recordings differ least. */
export const idOf = (text: string): string => {
  const clean = text.replaceAll(/[^A-Za-z0-9._:~-]+/g, '-');
  return clean.length <= MAX_ID_LENGTH - 24 ? clean : clean.slice(clean.length - (MAX_ID_LENGTH - 24));
};

/** Text as the contract takes it: well-formed, without NUL, not too long. */
const textOf = (text: string): string => text.toWellFormed().replaceAll('\u0000', '').slice(0, MAX_TEXT_LENGTH);

/** How long saying it takes. */
export const speechMs = (text: string): number => Math.max(LEAST_SPEECH_MS, text.split(/\s+/).length * MS_PER_WORD);

type Source = 'telephony' | 'speech' | 'crm';

/** The call events of one recorded call, in order of time. `partials`: each utterance is also heard half-way. */
export const callEventsOf = function* (call: RecordedCall, partials: boolean): Generator<CallEvent> {
  const sequences: Record<Source, number> = { telephony: 0, speech: 0, crm: 0 };
  const make = <T extends CallEventType>(source: Source, type: T, atMs: number, data: CallEventOf<T>['data']): CallEvent => {
    sequences[source] += 1;
    return {
      specversion: '1.0',
      id: `${call.callId}.${source}.${sequences[source]}`,
      source: `/${call.origin}/${source}`,
      subject: call.callId,
      type,
      time: new Date(atMs).toISOString(),
      datacontenttype: 'application/json',
      sequence: sequences[source],
      data,
    } as CallEvent;
  };
  const { agentId } = call;
  yield make('telephony', 'sotto.call.offered', call.offeredAtMs, {
    agentId,
    direction: 'inbound',
    queue: call.queue,
    ...(call.customerId === undefined ? { identity: 'unknown' } : { customerId: call.customerId, identity: 'asserted' }),
    language: 'en',
  });
  if (call.items.length === 0) {
    yield make('telephony', 'sotto.call.ended', call.offeredAtMs + RING_MS, { reason: 'abandoned' });
    return;
  }
  yield make('telephony', 'sotto.call.accepted', call.offeredAtMs + RING_MS, { agentId });
  const connectedAtMs = call.offeredAtMs + LEAD_MS;
  yield make('telephony', 'sotto.call.connected', connectedAtMs, { agentId });

  let lastAtMs = connectedAtMs;
  let utterances = 0;
  for (const item of call.items) {
    if (item.kind === 'step') {
      lastAtMs = Math.max(lastAtMs, item.atMs);
      if (call.customerId !== undefined)
        yield make('crm', 'sotto.journey.changed', lastAtMs, {
          customerId: call.customerId,
          journey: item.journey.slice(0, 64),
          step: item.step.slice(0, 64),
          entered: true,
        });
      continue;
    }
    // Recordings say when a turn was sent; it was begun when the words took their time, but never before the last one ended.
    const endAtMs = Math.max(lastAtMs, item.endAtMs);
    const startAtMs = Math.max(lastAtMs, endAtMs - speechMs(item.text));
    utterances += 1;
    const text = textOf(item.text);
    const data = {
      utteranceId: `${call.callId}.u${utterances}`,
      speaker: item.speaker,
      startMs: startAtMs - connectedAtMs,
      endMs: endAtMs - connectedAtMs,
    };
    if (partials && text.includes(' ')) {
      const words = text.split(' ');
      const half = words.slice(0, Math.ceil(words.length / 2)).join(' ');
      const halfAtMs = Math.round((startAtMs + endAtMs) / 2);
      yield make('speech', 'sotto.utterance.partial', halfAtMs, { ...data, text: half, endMs: halfAtMs - connectedAtMs });
    }
    yield make('speech', 'sotto.utterance.final', endAtMs, { ...data, text });
    lastAtMs = endAtMs;
  }
  const endedAtMs = lastAtMs + AFTER_LAST_MS;
  yield make('telephony', 'sotto.call.ended', endedAtMs, { reason: call.endReason });
  yield make('telephony', 'sotto.wrapup.started', endedAtMs, { agentId });
  yield make('telephony', 'sotto.wrapup.ended', endedAtMs + WRAP_UP_MS, { agentId, disposition: call.disposition.slice(0, 64) });
};

/** Makes call ids distinct: what came before gets `~2`, `~3` … behind it. */
export const distinctIds = (): ((id: string) => string) => {
  const seen = new Map<string, number>();
  return (id) => {
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    return times === 1 ? id : `${id}~${times}`;
  };
};
