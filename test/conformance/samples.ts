/** Small true-to-schema things for tests of stores and transports. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '#core';
import { CallEvent, type CallEventOf, type CallEventType } from '#contract/call-events.ts';
import { CardView } from '#contract/desk.ts';
import type { Delivery } from '#contract/live.ts';
import { Outcome } from '#contract/outcome.ts';
import type { Canonical, DecisionEntry } from '#ports/store.ts';

export const CALL = 'call-1';
export const T0 = Date.UTC(2025, 5, 2, 9);

let made = 0;
export const uniqueId = (prefix: string): string => `${prefix}-${(made += 1)}`;

export function event<T extends CallEventType>(type: T, data: CallEventOf<T>['data'], atMs = T0, callId = CALL): CallEvent {
  return CallEvent.parse({
    specversion: '1.0',
    id: uniqueId('event'),
    source: '/test',
    subject: callId,
    type,
    time: new Date(atMs).toISOString(),
    data,
  });
}

export const delivery = (seq: number, text = `utterance ${seq}`, callId = CALL): Delivery => ({
  callId,
  seq,
  event: event(
    'sotto.utterance.final',
    { utteranceId: `u-${seq}`, speaker: 'customer', text, startMs: seq * 1_000, endMs: seq * 1_000 + 500 },
    T0 + seq * 1_000,
    callId,
  ),
});

export const canonical = <T>(value: T): Canonical<T> => ({ value, json: canonicalJson(value) });

export const outcome = (clock: number, more: Partial<Outcome> = {}): Outcome =>
  Outcome.parse({
    id: uniqueId('outcome'),
    kind: 'accepted',
    decisionId: 'decision-1',
    callId: CALL,
    customerId: 'customer-1',
    agentId: 'agent-1',
    deviceId: 'device-1',
    actionId: 'explain-bill',
    treatmentId: 'default',
    channel: 'voice',
    role: 'primary',
    atMs: T0 + clock,
    clock,
    ...more,
  });

export const card = (decisionId: string, more: Partial<CardView> = {}): CardView =>
  CardView.parse({
    decisionId,
    actionId: 'explain-bill',
    treatmentId: 'default',
    role: 'primary',
    urgency: 'should',
    name: 'Explain the bill',
    do: 'Explain the bill',
    say: null,
    reasons: [],
    speakable: null,
    shownAtMs: T0,
    callTimeS: 1,
    expiresAtMs: T0 + 60_000,
    policy: 'demo v1',
    rung: 'model',
    significant: false,
    rejectReasons: ['not-relevant'],
    state: 'open',
    outcomeId: null,
    undoUntilMs: null,
    request: null,
    requestDetail: null,
    ...more,
  });

/** A decision with one card; its body is any canonical JSON. */
export function decision(clock: number, more: Partial<DecisionEntry> = {}): DecisionEntry {
  const id = uniqueId('decision');
  const callId = more.callId ?? CALL;
  return {
    id,
    callId,
    clock,
    recordJson: canonicalJson({ id, clock, made: 'for a test' }),
    fingerprint: `fingerprint-${id}`,
    cards: [card(id)],
    outcomes: [canonical(outcome(clock, { kind: 'offered', decisionId: id, callId }))],
    ...more,
  };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
