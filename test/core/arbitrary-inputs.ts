/** Calls, customers, outcomes and scores as fast-check makes them: close enough to what arbitrary revisions ask for. */
import fc from 'fast-check';
import type { CallEvent } from '#contract/call-events.ts';
import type { CallState } from '#contract/call-state.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { type Scores, understand } from '#core';
import { activeCall, event, HOUR_MS, inputs, isoAt, modelWith, NOW_MS, profile, utterance } from './fixtures.ts';
import { anyId, CONSTRAINTS, few, IDS, PHRASES, rarely, SECONDS } from './arbitrary-revisions.ts';

const agoMs = fc.oneof(
  fc.constantFrom(...SECONDS).map((s) => s * 1_000),
  fc.constantFrom(HOUR_MS, 23 * HOUR_MS, 25 * HOUR_MS, 47 * HOUR_MS),
);
const fieldValue = fc.oneof(
  few,
  fc.constantFrom<unknown>(
    'basic',
    'plus',
    'gold',
    'x',
    true,
    false,
    null,
    ['mobile'],
    ['tv', 'mobile'],
    ['fax'],
    isoAt(NOW_MS - HOUR_MS),
    isoAt(NOW_MS + HOUR_MS),
    'soon',
  ),
);
export const PROFILE_FIELDS = ['tenureMonths', 'balance', 'plan', 'hardship', 'contractEnds', 'products', 'note'] as const;
const fittingField: Readonly<Record<(typeof PROFILE_FIELDS)[number], fc.Arbitrary<unknown>>> = {
  tenureMonths: few,
  balance: few,
  plan: fc.constantFrom('basic', 'plus', 'max'),
  hardship: fc.boolean(),
  contractEnds: fc.constantFrom(-HOUR_MS, 0, HOUR_MS, HOUR_MS + 1).map((ms) => isoAt(NOW_MS - ms)),
  products: fc.subarray(['mobile', 'tv']),
  note: fc.constantFrom('x', 'care', '', '\ud800'),
};
const anyFields = fc.record(
  Object.fromEntries(
    PROFILE_FIELDS.map((name) => [name, fc.oneof({ weight: 6, arbitrary: fittingField[name] }, { weight: 1, arbitrary: fieldValue })]),
  ),
  { requiredKeys: [] },
);

export const anyProfile: fc.Arbitrary<ProfileSlice | null> = fc.option(
  fc
    .record({
      customerId: fc.constantFrom('cust-1', 'cust-1', 'cust-1', 'cust-2'),
      version: fc.integer({ min: 1, max: 3 }),
      asOf: fc.constantFrom(0, 1_000, 24 * HOUR_MS, 24 * HOUR_MS + 1, -HOUR_MS),
      fields: anyFields,
      consents: fc.array(
        fc.record({
          purpose: fc.constantFrom('marketing', 'interest'),
          granted: fc.boolean(),
          atMs: fc.constantFrom(0, 1, HOUR_MS, -HOUR_MS).map((ago) => NOW_MS - ago),
        }),
        { maxLength: 3 },
      ),
      history: fc.array(
        fc.record(
          {
            kind: fc.constantFrom('seen', 'seen', 'rejected'),
            channel: fc.constantFrom('voice', 'email'),
            atMs: agoMs.map((ago) => NOW_MS - ago),
            actionId: fc.oneof(anyId, fc.constant('gone')),
          },
          { requiredKeys: ['kind', 'channel', 'atMs'] },
        ),
        { maxLength: 6 },
      ),
    })
    .map(({ asOf, ...more }) => profile({ ...more, asOfMs: NOW_MS - asOf } as Partial<ProfileSlice>)),
  { freq: 12 },
);

export const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom('customer', 'agent'),
        fc.array(fc.constantFrom(...PHRASES, 'hm', 'Well,'), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(100, 5_000, 100_000),
      )
      .map(([by, texts, ago]) => utterance(by as 'customer', texts.join(' '), ago)),
  },
  fc
    .constantFrom('held', 'resumed', 'connected', 'accepted')
    .map((type) => event(`sotto.call.${type}` as 'sotto.call.held', { agentId: 'agent-2' }, NOW_MS - 9_000)),
  fc
    .constantFrom('cust-1', 'cust-2', undefined)
    .chain((customerId) =>
      fc
        .constantFrom('unknown', 'asserted', 'verified')
        .map((identity) =>
          event('sotto.call.identified', { ...(customerId === undefined ? {} : { customerId }), identity: identity }, NOW_MS - 8_000),
        ),
    ),
  fc
    .record({
      customerId: fc.constantFrom('cust-1', 'cust-2'),
      purpose: fc.constantFrom('marketing', 'interest'),
      granted: fc.boolean(),
      ago: fc.constantFrom(1, 2, 3_000),
    })
    .map(({ ago, ...data }) => event('sotto.consent.changed', data, NOW_MS - ago)),
  fc
    .record({ customerId: fc.constantFrom('cust-1', 'cust-2'), version: fc.integer({ min: 1, max: 4 }), fields: anyFields })
    .map((data) => event('sotto.profile.updated', data as never, NOW_MS - 7_000)),
  fc
    .record({
      customerId: fc.constantFrom('cust-1', 'cust-2'),
      journey: fc.constant('onboarding'),
      step: fc.constantFrom('ordered', 'installed'),
      entered: fc.boolean(),
    })
    .map((data) => event('sotto.journey.changed', data, NOW_MS - 7_000)),
  fc
    .record(
      { customerId: fc.constantFrom('cust-1', 'cust-2'), channel: fc.constantFrom('email', 'voice'), actionId: anyId },
      { requiredKeys: ['customerId', 'channel'] },
    )
    .map((data) => event('sotto.contact.made', data as never, NOW_MS - 6_000)),
  fc.constantFrom('care', 'other').map((queue) => event('sotto.queue.updated', { queue, waiting: 3, longestWaitS: 4 }, NOW_MS - 5_000)),
  fc
    .constantFrom('paused', 'resumed')
    .map((what) =>
      event(`sotto.capture.${what}` as 'sotto.capture.resumed', (what === 'paused' ? { reason: 'other' } : {}) as never, NOW_MS - 4_000),
    ),
  fc
    .constant(0)
    .map(() => event('sotto.call.transferred', { fromAgentId: 'agent-1', toAgentId: 'agent-2', queue: 'other' }, NOW_MS - 3_000)),
  fc.constant(0).map(() => event('sotto.call.ended', { reason: 'dropped' }, NOW_MS - 1_000)),
  fc.constant(0).map(() => event('sotto.wrapup.started', { agentId: 'agent-1' }, NOW_MS - 900)),
  fc
    .constant(0)
    .map(() =>
      event(
        'sotto.call.offered',
        { agentId: 'agent-3', direction: 'inbound', queue: 'care', identity: 'verified', customerId: 'cust-2', language: 'en' },
        NOW_MS - 400_000,
      ),
    ),
);

/** What a model makes of one sentence after the other: a refusal is null, what it does not read is undefined. Without a model, null. */
const anyReading = fc.option(fc.array(fc.constantFrom('leaving', 'moving', null, undefined), { minLength: 5, maxLength: 5 }), { freq: 3 });
const readBy = (call: CallState, reading: readonly (string | null | undefined)[]): CallState => {
  const found = call.utterances
    .filter(({ speaker }) => speaker === 'customer')
    .flatMap(({ seq }, at) => (reading[at] === undefined ? [] : [{ seq, intent: reading[at], confidence: (at + 1) / 10 }]));
  return understand(call, 'e'.repeat(64), found);
};

/** Mostly a call on which nothing but speech happened, and which goes on. */
const ENDING: ReadonlySet<string> = new Set(['sotto.call.ended', 'sotto.call.held', 'sotto.wrapup.started']);
const anyCall: fc.Arbitrary<CallState> = fc
  .tuple(fc.array(anyEvent, { maxLength: 5 }), rarely(8), rarely(8), anyReading)
  .map(([events, missing, mayEnd, reading]) => {
    const heard = activeCall(events.filter(({ type }) => mayEnd || !ENDING.has(type)));
    const call = reading === null ? heard : readBy(heard, reading);
    return missing ? { ...call, gaps: [{ fromSeq: 99, toSeq: 99 }] } : call;
  });

const anyOutcomes: fc.Arbitrary<readonly Outcome[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        'offered',
        'seen',
        'seen',
        'delivered',
        'accepted',
        'rejected',
        'snoozed',
        'overridden',
        'expired',
        'superseded',
        'withdrawn',
        'retracted',
      ),
      actionId: fc.oneof(anyId, anyId, fc.constant('gone')),
      decisionId: fc.constantFrom('d1', 'd2'),
      deviceId: fc.constantFrom('desk-1', 'desk-1', 'desk-2'),
      customerId: fc.constantFrom('cust-1', 'cust-1', null, 'cust-2'),
      role: fc.constantFrom('primary', 'chip'),
      callId: fc.constantFrom('call-1', 'call-1', 'call-1', 'call-9'),
      chosenActionId: anyId,
      seen: fc.boolean(),
      until: fc.constantFrom(undefined, NOW_MS, NOW_MS + 1),
      target: fc.nat({ max: 5 }),
    }),
    { maxLength: 7 },
  )
  .map((all) =>
    all.map(({ until, target, ...more }, i) => ({
      id: `o${i}`,
      agentId: 'agent-1',
      treatmentId: 't',
      channel: 'voice' as const,
      atMs: NOW_MS - (all.length - i) * 9_000,
      clock: i + 1,
      ...more,
      ...(until === undefined ? {} : { untilMs: until }),
      ...(more.kind === 'retracted' ? { retracts: `o${target}` } : {}),
    })),
  );

export const anyInputs: fc.Arbitrary<DecisionInputs> = fc
  .record({
    call: anyCall,
    profile: anyProfile,
    outcomes: anyOutcomes,
    quiet: rarely(9),
    heard: fc.constantFrom(0, 0, 0, 0, 0, 1_000, 24 * HOUR_MS, 24 * HOUR_MS + 1, 73 * HOUR_MS, -HOUR_MS),
    excluded: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([...IDS, 'gone']) }),
    usage: fc.array(
      fc.record({
        constraintId: fc.constantFrom(...CONSTRAINTS, 'another'),
        used: fc.constantFrom(0, 1, 9, 10, 11, 20, -1),
        asOfMs: fc
          .constantFrom(-301_000, -300_000, 0, 1_000, HOUR_MS, HOUR_MS + 1, 20 * HOUR_MS, 100 * HOUR_MS, 600 * HOUR_MS)
          .map((ago) => NOW_MS - ago),
      }),
      { maxLength: 3 },
    ),
    speaking: fc.option(fc.record({ by: fc.constantFrom('customer', 'agent'), sinceMs: fc.constant(NOW_MS - 500) }), { freq: 2 }),
    silent: fc.constantFrom(null, 0, 599, 600),
    held: fc.constantFrom(null, null, 0, 2_999, 3_000),
    language: fc.constantFrom('en', 'en', 'en-AU', 'fr'),
    trigger: fc.oneof(
      fc.constant({ kind: 'timer' }),
      fc.nat({ max: 6 }).map((i) => ({ kind: 'answer', outcomeId: `o${i}` })),
    ),
  })
  .map(({ heard, silent, held, ...more }) =>
    inputs({
      ...more,
      centralHeardAtMs: NOW_MS - heard,
      silentSinceMs: silent === null ? null : NOW_MS - silent,
      heldSinceMs: held === null ? null : NOW_MS - held,
    } as Partial<DecisionInputs>),
  );

/** Scores for whatever candidates there are: a function of their number, with now and then a broken model. */
export const anyScores: fc.Arbitrary<(count: number) => Scores> = fc
  .record({
    rung: fc.constantFrom(
      'model',
      'model',
      'model',
      'model',
      'model',
      'last-good-model',
      'starting-propensity',
      'rules-only',
      'must-say-only',
    ),
    propensity: fc.array(
      fc.oneof(
        { weight: 12, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
        { weight: 12, arbitrary: fc.constantFrom(0, 0.25, 1) },
        { weight: 2, arbitrary: fc.constant(Number.NaN) },
        { weight: 1, arbitrary: fc.constantFrom(Infinity, 1.5, -0.5) },
      ),
      { minLength: 6, maxLength: 6 },
    ),
    evidence: fc.array(fc.constantFrom(0, 1, 50, 1e6), { minLength: 6, maxLength: 6 }),
    positives: fc.constantFrom(0, 0, 1, 100, 200, 5_000),
  })
  .map(({ rung, propensity, evidence, positives }) => (count: number): Scores => {
    const used = rung === 'model' || rung === 'last-good-model';
    return {
      rung: rung,
      propensity: used ? Float32Array.from(propensity.slice(0, count)) : null,
      model: used ? modelWith(evidence, positives) : null,
    };
  });
