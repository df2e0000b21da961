/** Whether an event may happen on its call as it stands, and what it makes of the call. Pure. */
import { type CallEvent, eventAtMs, type Refusal } from '#contract/call-events.ts';
import type { CallPhase, CallRow } from '../store/tables.ts';

/** Speech is recognised late: finals with a time up to this long after the end still count. */
export const LATE_FINAL_MS = 10_000;

type CallChange = Partial<
  Pick<CallRow, 'agent_id' | 'customer_id' | 'identity' | 'phase' | 'capture_paused' | 'ended_at_ms' | 'closed_at_ms'>
>;

export type Judgement =
  | { readonly take: 'refuse'; readonly reason: Refusal; readonly detail: string }
  /** It opens the call. */
  | { readonly take: 'open'; readonly call: Omit<CallRow, 'last_seq' | 'changed_at_ms'> }
  /** It is delivered, and changes the call. */
  | { readonly take: 'deliver'; readonly change: CallChange }
  /** Its effect on the customer counts, but it is nobody's business on this call. */
  | { readonly take: 'effect' };

/** About a customer rather than a call: valid whatever the call's state. */
const ABOUT_CUSTOMER: ReadonlySet<string> = new Set(['sotto.consent.changed', 'sotto.profile.updated', 'sotto.contact.made']);

export function judgeEvent(call: CallRow | null, event: CallEvent, nowMs: number): Judgement {
  if (call === null) return judgeFirst(event);
  const late = judgeLate(call, event);
  if (late !== null) return late;

  switch (event.type) {
    case 'sotto.call.offered': {
      const offered = { ...openedBy(event), phase: call.phase };
      if (event.data.agentId === call.agent_id || call.phase === 'offered')
        return deliver({ agent_id: offered.agent_id, customer_id: offered.customer_id, identity: offered.identity });
      return foreign('the call is with another agent: send a transfer');
    }
    case 'sotto.call.accepted':
      return ofAgent(call, event.data.agentId, {});
    case 'sotto.call.connected':
    case 'sotto.call.resumed':
      return ofAgent(call, event.data.agentId, inPhase(call, 'active'));
    case 'sotto.call.held':
      return ofAgent(call, event.data.agentId, inPhase(call, 'held'));
    case 'sotto.call.transferred':
      return ofAgent(call, event.data.fromAgentId, { agent_id: event.data.toAgentId });
    case 'sotto.call.identified':
      return deliver({ customer_id: event.data.customerId ?? null, identity: event.data.identity });
    case 'sotto.call.ended':
      return deliver({ phase: 'ended', ended_at_ms: eventAtMs(event) });
    case 'sotto.wrapup.started':
      return ofAgent(call, event.data.agentId, { phase: 'wrap-up' });
    case 'sotto.wrapup.ended':
      return ofAgent(call, event.data.agentId, { phase: 'closed', closed_at_ms: nowMs });
    case 'sotto.utterance.partial':
    case 'sotto.utterance.final':
      if (call.capture_paused) return refuse('capture-paused', 'nothing is taken down while capture is paused');
      return deliver({});
    case 'sotto.capture.paused':
      return deliver({ capture_paused: true });
    case 'sotto.capture.resumed':
      return deliver({ capture_paused: false });
    case 'sotto.consent.changed':
    case 'sotto.profile.updated':
    case 'sotto.journey.changed':
    case 'sotto.contact.made':
      return call.customer_id === null || call.customer_id === event.data.customerId ? deliver({}) : { take: 'effect' };
    case 'sotto.queue.updated':
      return deliver({});
  }
}

function judgeFirst(event: CallEvent): Judgement {
  if (event.type === 'sotto.call.offered') return { take: 'open', call: openedBy(event) };
  if (ABOUT_CUSTOMER.has(event.type)) return { take: 'effect' };
  return refuse('unknown-call', 'no call of this id was offered');
}

/** After the end only what belongs after it counts, and until wrap-up is over what happened before it and was on its way. */
function judgeLate(call: CallRow, event: CallEvent): Judgement | null {
  if (call.ended_at_ms === null && call.closed_at_ms === null) return null;
  if (ABOUT_CUSTOMER.has(event.type)) return null;
  if (call.closed_at_ms === null) {
    if (event.type === 'sotto.wrapup.started' || event.type === 'sotto.wrapup.ended') return null;
    const endedAtMs = call.ended_at_ms ?? 0;
    const slackMs = event.type === 'sotto.utterance.final' ? LATE_FINAL_MS : 0;
    const wasUnderWay = event.type !== 'sotto.call.ended' && eventAtMs(event) <= endedAtMs + slackMs;
    if (wasUnderWay) return null;
  }
  return refuse('call-ended', 'the call is over');
}

function openedBy(event: Extract<CallEvent, { type: 'sotto.call.offered' }>): Omit<CallRow, 'last_seq' | 'changed_at_ms'> {
  return {
    call_id: event.subject,
    agent_id: event.data.agentId,
    customer_id: event.data.customerId ?? null,
    identity: event.data.identity,
    phase: 'offered',
    capture_paused: false,
    offered_at_ms: eventAtMs(event),
    ended_at_ms: null,
    closed_at_ms: null,
  };
}

/** A straggler from before the end does not reopen the call. */
const inPhase = (call: CallRow, phase: CallPhase): CallChange => (call.ended_at_ms === null ? { phase } : {});

const ofAgent = (call: CallRow, agentId: string, change: CallChange): Judgement =>
  call.agent_id === agentId ? deliver(change) : foreign('the call is not with this agent');

const deliver = (change: CallChange): Judgement => ({ take: 'deliver', change });
const foreign = (detail: string): Judgement => refuse('foreign-call', detail);
const refuse = (reason: Refusal, detail: string): Judgement => ({ take: 'refuse', reason, detail });
