/** Takes secrets out of everything somebody may have said or typed, before the first store. */
import type { CallEvent } from '#contract/call-events.ts';
import type { FieldValue, ProfileFields } from '#contract/profile.ts';
import { NOTHING_SAID, type RedactionState, redact, redactUtterance } from '#core';

export interface RedactedEvent {
  readonly event: CallEvent;
  /** For the call's next utterance; a card number may be spoken over several. */
  readonly state: RedactionState;
  /** How many secrets were taken out. */
  readonly found: number;
}

/** `state` is what the call's last utterance left; undefined for its first. */
export function redactEvent(event: CallEvent, state: RedactionState = NOTHING_SAID): RedactedEvent {
  let found = 0;
  const clean = (text: string): string => {
    const result = redact(text);
    found += result.found;
    return result.text;
  };
  switch (event.type) {
    case 'sotto.utterance.partial':
    case 'sotto.utterance.final': {
      const { speaker, text } = event.data;
      const result = redactUtterance(state, { speaker, text, partial: event.type === 'sotto.utterance.partial' });
      return { event: { ...event, data: { ...event.data, text: result.text } }, state: result.state, found: result.found };
    }
    case 'sotto.call.offered': {
      const { ivr, queue } = event.data;
      const data = { ...event.data, queue: clean(queue), ...(ivr === undefined ? {} : { ivr: ivr.map(clean) }) };
      return { event: { ...event, data }, state, found };
    }
    case 'sotto.call.transferred':
    case 'sotto.queue.updated': {
      const { queue } = event.data;
      if (queue === undefined) return { event, state, found };
      return { event: { ...event, data: { ...event.data, queue: clean(queue) } } as CallEvent, state, found };
    }
    case 'sotto.wrapup.ended': {
      const { disposition } = event.data;
      if (disposition === undefined) return { event, state, found };
      return { event: { ...event, data: { ...event.data, disposition: clean(disposition) } }, state, found };
    }
    case 'sotto.journey.changed': {
      const { journey, step } = event.data;
      return { event: { ...event, data: { ...event.data, journey: clean(journey), step: clean(step) } }, state, found };
    }
    case 'sotto.profile.updated':
      return { event: { ...event, data: { ...event.data, fields: redactFields(event.data.fields, clean) } }, state, found };
    case 'sotto.call.accepted':
    case 'sotto.call.connected':
    case 'sotto.call.held':
    case 'sotto.call.resumed':
    case 'sotto.call.identified':
    case 'sotto.call.ended':
    case 'sotto.wrapup.started':
    case 'sotto.capture.paused':
    case 'sotto.capture.resumed':
    case 'sotto.consent.changed':
    case 'sotto.contact.made':
      return { event, state, found };
  }
}

function redactFields(fields: ProfileFields, clean: (text: string) => string): ProfileFields {
  const cleanValue = (value: FieldValue | null): FieldValue | null =>
    typeof value === 'string' ? clean(value) : Array.isArray(value) ? value.map(clean) : value;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cleanValue(value)]));
}
