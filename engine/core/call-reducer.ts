/**
 * What is known of a call, folded from its events.
 *
 * The value depends on the set of delivered events, never on their order of arrival: an event in order is applied to
 * the state at hand; one that arrives late makes the fold start again from the first. Central numbers deliveries from 1
 * without holes, so a missing number is an event still to come.
 */
import { at } from './at.ts';
import type { CallEvent, CallEventOf } from '#contract/call-events.ts';
import type { CallState, SequencedEvent } from '#contract/call-state.ts';
import type { Understood } from '#contract/understood.ts';
import { customerFacts, keepConsent, withoutKey } from './customer-facts.ts';
import { parseIsoMs } from './iso-time.ts';

export function emptyCall(callId: string): CallState {
  return {
    callId,
    events: [],
    gaps: [],
    contiguousSeq: 0,
    phase: 'offered',
    agentId: null,
    customerId: null,
    identity: 'unknown',
    direction: 'inbound',
    queue: null,
    queueWaiting: null,
    language: null,
    ivr: [],
    offeredAtMs: null,
    connectedAtMs: null,
    endedAtMs: null,
    endReason: null,
    holds: 0,
    transfers: 0,
    capturePaused: false,
    utterances: [],
    understoodBy: null,
    understood: [],
    consents: [],
    fields: {},
    profileVersion: null,
    journeys: {},
    contacts: [],
    lastAtMs: null,
  };
}

/** True while a delivery below the highest one has not arrived. */
export const eventsMissing = (state: CallState): boolean => state.gaps.length > 0;

/**
 * The state with one more delivery. The same object comes back for a number that was already delivered (the first stays)
 * and for an event of another call. Costs one copy of the event list in order, a fold of all events when late.
 */
export function reduceCall(state: CallState, delivery: SequencedEvent): CallState {
  const { seq, event } = delivery;
  if (event.subject !== state.callId) return state;
  const events = state.events;
  const highest = events.at(-1)?.seq ?? 0;
  if (seq > highest) {
    const inOrder = seq === highest + 1;
    return {
      ...apply(state, seq, event),
      events: [...events, delivery],
      gaps: inOrder ? state.gaps : [...state.gaps, { fromSeq: highest + 1, toSeq: seq - 1 }],
      contiguousSeq: inOrder && state.contiguousSeq === highest ? seq : state.contiguousSeq,
    };
  }
  const at = insertionPoint(events, seq);
  if (events[at]?.seq === seq) return state;
  const { understoodBy, understood } = state;
  return { ...foldAll(state.callId, events.toSpliced(at, 0, delivery)), understoodBy, understood };
}

/**
 * The state with what a model made of utterances: beside what the same model made of others, in place of what another one did. With
 * null, and whatever `found` is, nothing of the kind is known. The value does not depend on the order in which they are found.
 */
export function understand(state: CallState, model: string | null, found: readonly Understood[]): CallState {
  const known = new Map<number, Understood>();
  for (const one of state.understoodBy === model ? state.understood : []) known.set(one.seq, one);
  for (const one of model === null ? [] : found) if (!known.has(one.seq)) known.set(one.seq, one);
  return { ...state, understoodBy: model, understood: [...known.values()].toSorted((a, b) => a.seq - b.seq) };
}

function insertionPoint(events: readonly SequencedEvent[], seq: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(events, middle).seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function foldAll(callId: string, events: readonly SequencedEvent[]): CallState {
  const gaps: { fromSeq: number; toSeq: number }[] = [];
  let state = emptyCall(callId);
  let contiguousSeq = 0;
  for (const [index, { seq, event }] of events.entries()) {
    const expected = (events[index - 1]?.seq ?? 0) + 1;
    if (seq > expected) gaps.push({ fromSeq: expected, toSeq: seq - 1 });
    else if (gaps.length === 0) contiguousSeq = seq;
    // Customer facts look back over the events before this one, so each step sees only those.
    state = { ...apply({ ...state, events: index === 0 ? [] : events }, seq, event), contiguousSeq };
  }
  return { ...state, events, gaps, contiguousSeq };
}

const PHASE_BEFORE_ACTIVE = new Set(['offered', 'ringing']);

/** One event on the state before it. `state.events` holds at least every event before `seq`. */
function apply(state: CallState, seq: number, event: CallEvent): CallState {
  const parsed = parseIsoMs(event.time);
  const atMs = Number.isNaN(parsed) ? (state.lastAtMs ?? 0) : parsed;
  const lastAtMs = state.lastAtMs === null || atMs > state.lastAtMs ? atMs : state.lastAtMs;
  return { ...change(state, seq, event, atMs), lastAtMs };
}

function change(state: CallState, seq: number, event: CallEvent, atMs: number): CallState {
  const over = state.endedAtMs !== null;
  switch (event.type) {
    case 'sotto.call.offered':
      return offered(state, seq, event, atMs);
    case 'sotto.call.accepted':
      return { ...state, agentId: event.data.agentId, phase: state.phase === 'offered' ? 'ringing' : state.phase };
    case 'sotto.call.connected':
      return {
        ...state,
        agentId: event.data.agentId,
        phase: over ? state.phase : 'active',
        connectedAtMs: state.connectedAtMs ?? atMs,
      };
    case 'sotto.call.held':
      return over ? state : { ...state, phase: 'held', holds: state.holds + 1 };
    case 'sotto.call.resumed':
      return state.phase === 'held' ? { ...state, phase: 'active' } : state;
    case 'sotto.call.identified':
      return identified(state, seq, event.data.customerId ?? null, event.data.identity);
    case 'sotto.call.transferred': {
      const queue = event.data.queue ?? state.queue;
      const queueWaiting = queue === state.queue ? state.queueWaiting : null;
      return { ...state, agentId: event.data.toAgentId, queue, queueWaiting, transfers: state.transfers + 1 };
    }
    case 'sotto.call.ended':
      return {
        ...state,
        phase: over ? state.phase : 'ended',
        endedAtMs: state.endedAtMs ?? atMs,
        endReason: state.endReason ?? event.data.reason,
      };
    case 'sotto.wrapup.started':
      return { ...state, phase: 'wrap-up', endedAtMs: state.endedAtMs ?? atMs };
    case 'sotto.wrapup.ended':
      return { ...state, phase: 'ended', endedAtMs: state.endedAtMs ?? atMs };
    case 'sotto.utterance.partial':
      return state;
    case 'sotto.utterance.final': {
      const { utteranceId, speaker, text, startMs, endMs } = event.data;
      return { ...state, utterances: [...state.utterances, { utteranceId, seq, speaker, text, startMs, endMs, atMs }] };
    }
    case 'sotto.capture.paused':
      return { ...state, capturePaused: true };
    case 'sotto.capture.resumed':
      return { ...state, capturePaused: false };
    case 'sotto.queue.updated':
      return event.data.queue === state.queue ? { ...state, queueWaiting: event.data.waiting } : state;
    case 'sotto.consent.changed':
    case 'sotto.profile.updated':
    case 'sotto.journey.changed':
    case 'sotto.contact.made':
      // About somebody else until the call is identified as theirs; then `customerFacts` finds it again.
      return event.data.customerId === state.customerId ? aboutCustomer(state, seq, event, atMs) : state;
  }
}

function offered(state: CallState, seq: number, event: CallEventOf<'sotto.call.offered'>, atMs: number): CallState {
  const { agentId, direction, queue, customerId, identity, language, ivr } = event.data;
  const begun = !PHASE_BEFORE_ACTIVE.has(state.phase);
  const next = {
    ...state,
    // A telephony event overtaken by later ones must not take back whose call it is or who was identified.
    agentId: begun || state.phase === 'ringing' ? (state.agentId ?? agentId) : agentId,
    direction,
    queue: state.queue ?? queue,
    language: language ?? state.language,
    ivr: ivr ?? state.ivr,
    offeredAtMs: state.offeredAtMs ?? atMs,
  };
  return state.identity === 'unknown' && state.customerId === null ? identified(next, seq, customerId ?? null, identity) : next;
}

function identified(state: CallState, seq: number, customerId: string | null, identity: CallState['identity']): CallState {
  if (customerId === state.customerId) return { ...state, identity };
  return { ...state, identity, customerId, ...customerFacts(state.events, seq, customerId) };
}

type AboutCustomer = CallEventOf<'sotto.consent.changed' | 'sotto.profile.updated' | 'sotto.journey.changed' | 'sotto.contact.made'>;

function aboutCustomer(state: CallState, seq: number, event: AboutCustomer, atMs: number): CallState {
  switch (event.type) {
    case 'sotto.consent.changed':
      return { ...state, consents: keepConsent(state.consents, { purpose: event.data.purpose, granted: event.data.granted, atMs }) };
    case 'sotto.profile.updated': {
      const { version, fields } = event.data;
      if (state.profileVersion === null || version > state.profileVersion) {
        return { ...state, profileVersion: version, fields: { ...state.fields, ...fields } };
      }
      // An older version arrived after a newer one: merge all of them again in order of version.
      return {
        ...state,
        ...customerFacts([...state.events.filter((known) => known.seq < seq), { seq, event }], seq + 1, state.customerId),
      };
    }
    case 'sotto.journey.changed': {
      const { journey, step, entered } = event.data;
      if (entered) return { ...state, journeys: { ...state.journeys, [journey]: step } };
      const current = Object.hasOwn(state.journeys, journey) ? state.journeys[journey] : undefined;
      return current === step ? { ...state, journeys: withoutKey(state.journeys, journey) } : state;
    }
    case 'sotto.contact.made': {
      const { channel, actionId } = event.data;
      // Whoever was contacted has seen it: contact limits count `seen`, whatever the channel.
      const contact = { kind: 'seen', channel, atMs, ...(actionId === undefined ? {} : { actionId }) } as const;
      return { ...state, contacts: [...state.contacts, contact] };
    }
  }
}
