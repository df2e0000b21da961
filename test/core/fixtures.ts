/** Small checked revisions, inputs and events for tests of the core, made by hand: the policy layer is not needed here. */
import { createHash } from 'node:crypto';
import { CALL_FIELDS } from '#contract/built-in-fields.ts';
import type { CallEvent, CallEventType } from '#contract/call-events.ts';
import type { CallState, SequencedEvent } from '#contract/call-state.ts';
import type { CheckedAction, CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { Comparison, Condition, Literal, Operand, StatedCondition } from '#contract/condition.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { type CompiledModel, type Core, emptyCall, reduceCall, type Scores } from '#core';

export const NOW_MS = 1_795_000_000_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export const core: Core = {
  hash: 'c'.repeat(64),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  text: (bytes) => Buffer.from(bytes).toString('utf8'),
};

export const isoAt = (ms: number): string => new Date(ms).toISOString();

export const field = (path: string): Operand => ({ kind: 'field', path });
export const is = (path: string, comparison: Comparison, right: Literal): Condition => ({
  op: 'compare',
  left: field(path),
  is: comparison,
  right,
});
export const said = (...phrases: readonly string[]): Condition => ({ op: 'said', by: 'customer', phrases });
export const not = (of: Condition): Condition => ({ op: 'not', of });
export const or = (...of: readonly Condition[]): Condition => ({ op: 'or', of });
export const always: Condition = { op: 'literal', value: true };

export const stated = (condition: Condition, text = JSON.stringify(condition)): StatedCondition => ({
  condition,
  text,
  file: 'test.yaml',
  line: 1,
});

const declared = (path: string, type: CheckedField['type'], label: string, more: Partial<CheckedField> = {}): CheckedField => ({
  path,
  type,
  label,
  subject: 'customer',
  kind: 'fact',
  changeableBy: 'nobody',
  ...more,
});

export const FIELDS: readonly CheckedField[] = [
  ...CALL_FIELDS,
  declared('profile.tenureMonths', 'number', 'Customer for', { unit: 'months' }),
  declared('profile.balance', 'number', 'Balance', { maxAgeHours: 24 }),
  declared('profile.plan', 'enum', 'Plan', { values: ['basic', 'plus', 'max'] }),
  declared('profile.hardship', 'boolean', 'In hardship'),
  declared('profile.contractEnds', 'time', 'Contract ends'),
  declared('profile.products', 'set', 'Products', { values: ['mobile', 'internet', 'tv'] }),
  declared('profile.note', 'text', 'Note'),
  declared('profile.religion', 'boolean', 'Religion', { kind: 'protected' }),
  declared('journey.onboarding', 'enum', 'Onboarding', { values: ['ordered', 'installed'] }),
].toSorted((a, b) => (a.path < b.path ? -1 : 1));

export const PURPOSES = { marketing: 0, service: 1, legal: 2, interest: 3 } as const;

export function action(id: string, more: Partial<CheckedAction> = {}): CheckedAction {
  return {
    id,
    name: id,
    issue: 'service',
    group: 'general',
    mandatory: false,
    transactional: false,
    fallback: false,
    sales: false,
    significant: false,
    urgency: 'should',
    purpose: PURPOSES.legal,
    value: 100,
    lever: 1,
    context: [],
    startingPropensity: 0.5,
    influence: [],
    startingEvidence: 50,
    minPropensity: 0,
    minPriority: 0,
    eligibility: [],
    applicability: [],
    suitability: [],
    reasons: [{ when: always, text: `Because of ${id}` }],
    treatments: [{ id: `${id}-voice`, channel: 'voice', language: 'en', do: `Do ${id}` }],
    rejectReasons: ['not-relevant'],
    expiresAfterMs: MINUTE_MS,
    file: `actions/${id}.yaml`,
    ...more,
  };
}

export function revision(actions: readonly CheckedAction[], more: Partial<CheckedRevision> = {}): CheckedRevision {
  const level = { capPerCall: 3, gapS: 45, interruptionCost: 5 };
  return {
    hash: 'a'.repeat(64),
    name: 'Test',
    version: 1,
    currency: 'EUR',
    language: 'en',
    usableOfflineMs: 72 * HOUR_MS,
    maxChips: 2,
    useModel: true,
    fields: FIELDS,
    purposes: [
      { id: 'marketing', name: 'Marketing', basis: 'consent', maxAgeHours: 24 },
      { id: 'service', name: 'Service', basis: 'contract', maxAgeHours: 24 },
      { id: 'legal', name: 'Legal duty', basis: 'legal-obligation', maxAgeHours: 24 },
      { id: 'interest', name: 'Our interest', basis: 'legitimate-interest', maxAgeHours: 24 },
    ],
    topics: [{ topic: 'cancellation', by: 'customer', phrases: ['cancel', 'leave you'] }],
    care: [],
    contact: [],
    constraints: [],
    exclusions: [],
    attention: { pauseMs: 600, holdAtMostMs: 3_000, levels: { guided: level, standard: level, minimal: level } },
    actions,
    ...more,
  };
}

export const profile = (more: Partial<ProfileSlice> = {}): ProfileSlice => ({
  customerId: 'cust-1',
  version: 1,
  asOfMs: NOW_MS - MINUTE_MS,
  displayName: 'Ada',
  language: 'en',
  fields: { tenureMonths: 24, balance: 10, plan: 'plus', hardship: false, products: ['mobile'] },
  consents: [{ purpose: 'marketing', granted: true, atMs: NOW_MS - 24 * HOUR_MS }],
  history: [],
  ...more,
});

let made = 0;
export function event<T extends CallEventType>(
  type: T,
  data: Extract<CallEvent, { type: T }>['data'],
  atMs: number,
  callId = 'call-1',
): CallEvent {
  made++;
  return { specversion: '1.0', id: `e-${made}`, source: 'test', subject: callId, time: isoAt(atMs), type, data } as CallEvent;
}

/** An active call of customer cust-1, connected five minutes ago, with what else happened. */
export function activeCall(more: readonly CallEvent[] = []): CallState {
  const startMs = NOW_MS - 5 * MINUTE_MS;
  const events = [
    event(
      'sotto.call.offered',
      { agentId: 'agent-1', direction: 'inbound', queue: 'care', customerId: 'cust-1', identity: 'asserted' },
      startMs - 20_000,
    ),
    event('sotto.call.accepted', { agentId: 'agent-1' }, startMs - 5_000),
    event('sotto.call.connected', { agentId: 'agent-1' }, startMs),
    ...more,
  ];
  return fold(events.map((one, index) => ({ seq: index + 1, event: one })));
}

export const fold = (deliveries: readonly SequencedEvent[], callId = 'call-1'): CallState =>
  deliveries.reduce(reduceCall, emptyCall(callId));

export const utterance = (speaker: 'customer' | 'agent', text: string, agoMs: number): CallEvent =>
  event('sotto.utterance.final', { utteranceId: `u-${text.length}-${agoMs}`, speaker, text, startMs: 1_000, endMs: 2_000 }, NOW_MS - agoMs);

export const inputs = (more: Partial<DecisionInputs> = {}): DecisionInputs => ({
  decisionId: 'dec-1',
  deviceId: 'desk-1',
  agentId: 'agent-1',
  level: 'standard',
  trigger: { kind: 'timer' },
  clock: 7,
  nowMs: NOW_MS,
  seed: 42,
  channel: 'voice',
  language: 'en',
  call: more.call ?? activeCall(),
  profile: profile(),
  outcomes: [],
  centralHeardAtMs: NOW_MS - 1_000,
  excluded: [],
  usage: [],
  quiet: false,
  speaking: null,
  silentSinceMs: null,
  heldSinceMs: null,
  ...more,
});

export const NO_MODEL: Scores = { rung: 'starting-propensity', propensity: null, model: null };

/** A model of another runtime that knows as much of every action. */
export const modelWith = (evidence: number | readonly number[], positives = 1_000): CompiledModel => ({
  hash: 'd'.repeat(64),
  learnt: null,
  evidence: Float64Array.from({ length: 64 }, (_, action) =>
    typeof evidence === 'number' ? evidence : (evidence[action % evidence.length] ?? 0),
  ),
  positives: new Float64Array(64).fill(positives),
  extraFields: [],
  additive: null,
});

/** Scores of a model with plenty of evidence, so that smoothing hardly moves them. */
export const modelScores = (propensity: readonly number[], evidence = 1e9): Scores => ({
  rung: 'model',
  propensity: Float32Array.from(propensity),
  model: modelWith(evidence),
});

let outcomesMade = 0;
export function outcome(kind: Outcome['kind'], actionId: string, agoMs: number, more: Partial<Outcome> = {}): Outcome {
  outcomesMade++;
  return {
    id: `o-${outcomesMade}`,
    kind,
    decisionId: 'dec-0',
    callId: 'call-1',
    customerId: 'cust-1',
    agentId: 'agent-1',
    deviceId: 'desk-1',
    actionId,
    treatmentId: `${actionId}-voice`,
    channel: 'voice',
    role: 'primary',
    atMs: NOW_MS - agoMs,
    clock: outcomesMade,
    ...more,
  };
}
