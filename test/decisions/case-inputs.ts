/** From what a case gives to what a decision is given. */
import { CallEvent } from '#contract/call-events.ts';
import type { CallState, SequencedEvent } from '#contract/call-state.ts';
import type { DecisionInputs, Trigger } from '#contract/decision.ts';
import { Outcome } from '#contract/outcome.ts';
import { ProfileSlice } from '#contract/profile.ts';
import { emptyCall, reduceCall } from '#core';
import type { FullWhen, Given } from './case-file.ts';
import { offsetMs } from './span.ts';

const DESK = 'this-desk';

/** A later layer's facts, call, profile and desk are laid over the earlier ones' key by key; its lists replace theirs. */
export function layered(...layers: readonly Given[]): Given {
  return layers.reduce((below, above) => ({
    ...below,
    ...above,
    ...(typeof above.customer === 'object' && typeof below.customer === 'object'
      ? { customer: { ...below.customer, ...above.customer } }
      : {}),
    profile: { ...below.profile, ...above.profile },
    call: { ...below.call, ...above.call },
    desk: { ...below.desk, ...above.desk },
  }));
}

/** `known` is a slice from elsewhere, over which the case's own facts are laid. */
export function inputsOf(given: Given, when: FullWhen, known: ProfileSlice | null): DecisionInputs {
  const nowMs = Date.parse(when.at);
  const { desk = {} } = given;
  const call = callOf(given, nowMs);
  const back = (spanMs: number | undefined): number | null => (spanMs === undefined ? null : nowMs - spanMs);
  return {
    decisionId: 'decision-1',
    deviceId: DESK,
    agentId: 'agent-1',
    level: desk.level ?? 'standard',
    trigger: triggerOf(when.trigger, call),
    clock: 100,
    nowMs,
    seed: 1,
    channel: desk.channel ?? 'voice',
    language: desk.language ?? 'en',
    call,
    profile: profileOf(given, nowMs, known),
    outcomes: outcomesOf(given, nowMs, call),
    centralHeardAtMs: nowMs + offsetMs(desk.centralHeard ?? { ago: 0 }),
    excluded: desk.excluded ?? [],
    usage: (given.usage ?? []).map(({ constraint, used, ...at }) => ({ constraintId: constraint, used, asOfMs: nowMs + offsetMs(at) })),
    quiet: desk.quiet ?? false,
    speaking: desk.speaking === undefined || desk.speaking === 'nobody' ? null : { by: desk.speaking, sinceMs: nowMs - 400 },
    silentSinceMs: back(desk.silentFor),
    heldSinceMs: back(desk.heldFor),
  };
}

function triggerOf(trigger: FullWhen['trigger'], call: CallState): Trigger {
  if (typeof trigger === 'string') return { kind: trigger };
  if ('answer' in trigger) return { kind: 'answer', outcomeId: trigger.answer };
  return { kind: 'event', seq: call.events.at(-1)?.seq ?? 1, type: `sotto.${trigger.event}` };
}

function callOf({ call: about = {}, happened = [] }: Given, nowMs: number): CallState {
  const callId = about.id ?? 'call-1';
  const connectedMs = nowMs + offsetMs(about.connected ?? { ago: 0 });
  const deliveries: SequencedEvent[] = [];
  let seq = 0;
  const deliver = (type: string, data: object, atMs: number): void => {
    seq++;
    const time = new Date(atMs).toISOString();
    const event = CallEvent.parse({
      specversion: '1.0',
      id: `event-${seq}`,
      source: 'case',
      subject: callId,
      time,
      type: `sotto.${type}`,
      data,
    });
    deliveries.push({ seq, event });
  };
  const { customer = null, identity = 'unknown', direction = 'inbound', queue = 'care', language, ivr } = about;
  const whom = customer === null ? {} : { customerId: customer };
  const how = { ...(language === undefined ? {} : { language }), ...(ivr === undefined ? {} : { ivr }) };
  deliver('call.offered', { agentId: 'agent-1', direction, queue, identity, ...whom, ...how }, connectedMs - 20_000);
  deliver('call.accepted', { agentId: 'agent-1' }, connectedMs - 5_000);
  deliver('call.connected', { agentId: 'agent-1' }, connectedMs);
  for (const what of happened) {
    if ('missing' in what) {
      seq += what.missing;
      continue;
    }
    const atMs = nowMs + offsetMs(what);
    if ('event' in what) deliver(what.event, what.data, atMs);
    else {
      const [speaker, text] = 'customer' in what ? ['customer', what.customer] : ['agent', what.agent];
      deliver('utterance.final', { utteranceId: `utterance-${seq}`, speaker, text, startMs: 0, endMs: 0 }, atMs);
    }
  }
  return deliveries.reduce(reduceCall, emptyCall(callId));
}

function profileOf(
  { customer = {}, profile: about = {}, consents, history }: Given,
  nowMs: number,
  known: ProfileSlice | null,
): ProfileSlice | null {
  if (customer === 'not cached') return null;
  const isoAt = (ms: number): string => new Date(nowMs + ms).toISOString();
  const told = Object.entries(customer).map(([name, value]) => [name, isMoment(value) ? isoAt(offsetMs(value)) : value] as const);
  return ProfileSlice.parse({
    customerId: about.of ?? known?.customerId,
    version: about.version ?? 1,
    asOfMs: about.asOf === undefined ? nowMs : nowMs + offsetMs(about.asOf),
    displayName: known?.displayName ?? 'Ada',
    language: known?.language ?? 'en',
    fields: { ...known?.fields, ...Object.fromEntries(told) },
    consents: consents?.map(({ purpose, granted, ...at }) => ({ purpose, granted, atMs: nowMs + offsetMs(at) })) ?? known?.consents,
    history:
      history?.map(({ what, action, channel, ...at }) => ({
        kind: what,
        channel,
        atMs: nowMs + offsetMs(at),
        ...(action === undefined ? {} : { actionId: action }),
      })) ?? known?.history,
  });
}

const isMoment = (value: unknown): value is Parameters<typeof offsetMs>[0] =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function outcomesOf({ prompts = [], desk = {} }: Given, nowMs: number, { customerId }: CallState): readonly Outcome[] {
  const steps = prompts.flatMap((step) =>
    step.what === 'shown'
      ? (['offered', 'delivered', 'seen'] as const).map((what) => ({ ...step, what, id: undefined }))
      : [{ ...step, what: step.what }],
  );
  return steps.map((step, index) =>
    Outcome.parse({
      id: step.id ?? `outcome-${index}`,
      kind: step.what,
      decisionId: step.prompt ?? `for-${step.action}`,
      callId: step.call,
      customerId: step.customer === undefined ? customerId : step.customer,
      agentId: 'agent-1',
      deviceId: step.desk,
      actionId: step.action,
      treatmentId: 'voice',
      channel: desk.channel ?? 'voice',
      role: step.role,
      atMs: nowMs + offsetMs(step),
      clock: index,
      ...(step.until === undefined ? {} : { untilMs: nowMs + offsetMs(step.until) }),
      ...(step.chosen === undefined ? {} : { chosenActionId: step.chosen }),
      ...(step.seen === undefined ? {} : { seen: step.seen }),
      ...(step.takesBack === undefined ? {} : { retracts: step.takesBack }),
    }),
  );
}
