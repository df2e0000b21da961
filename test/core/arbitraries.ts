/** Revisions, calls, customers and outcomes as fast-check makes them: small, and close enough to each other to collide. */
import fc from 'fast-check';
import type { CallEvent } from '#contract/call-events.ts';
import type { CallState } from '#contract/call-state.ts';
import type { CheckedAction, CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import type { Scores } from '#core';
import { action, activeCall, event, HOUR_MS, inputs, isoAt, modelWith, NOW_MS, profile, revision, stated, utterance } from './fixtures.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const anyId = fc.constantFrom(...IDS);
const PHRASES = ['cancel', 'leave you', 'too much', 'thank you'] as const;
const SECONDS = [0, 1, 20, 44, 45, 46, 90, 300, 301] as const;

const comparison = fc.constantFrom('<', '<=', '==', '!=', '>=', '>');
const few = fc.constantFrom(0, 1, 10, 23.5, 24, 25, -0);

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    op: fc.constant('compare'),
    left: fc
      .constantFrom('profile.tenureMonths', 'profile.balance', 'call.elapsedS', 'call.customerSilentS', 'call.holds')
      .map((path) => ({ kind: 'field', path })),
    is: comparison,
    right: fc.oneof(few, fc.constantFrom(...SECONDS)),
  }),
  fc.record({
    op: fc.constant('compare'),
    left: fc.constant({ kind: 'field', path: 'profile.plan' }),
    is: fc.constantFrom('==', '!='),
    right: fc.constantFrom('basic', 'plus'),
  }),
  fc.record({
    op: fc.constant('compare'),
    left: fc.constantFrom('profile.note', 'call.queue', 'call.language').map((path) => ({ kind: 'field', path })),
    is: fc.constantFrom('==', '!='),
    right: fc.constantFrom('care', 'x'),
  }),
  fc.record({
    op: fc.constant('compare'),
    left: fc.constant({ kind: 'field', path: 'profile.hardship' }),
    is: fc.constantFrom('==', '!='),
    right: fc.boolean(),
  }),
  fc.record({
    op: fc.constant('compare'),
    left: fc.constant({ kind: 'since', path: 'profile.contractEnds' }),
    is: comparison,
    right: fc.constantFrom(-HOUR_MS, 0, HOUR_MS),
  }),
  fc.record({
    op: fc.constant('compare'),
    left: fc.record({
      kind: fc.constant('count'),
      outcome: fc.constantFrom('seen', 'rejected'),
      scope: fc.oneof(
        fc.constant({ of: 'any' }),
        anyId.map((name) => ({ of: 'action', name })),
        fc.constant({ of: 'group', name: 'general' }),
        fc.constant({ of: 'issue', name: 'sales' }),
      ),
      windowMs: fc.constantFrom(HOUR_MS, 24 * HOUR_MS),
    }),
    is: comparison,
    right: fc.constantFrom(0, 1, 2),
  }),
  fc.record({
    op: fc.constant('in'),
    left: fc.constant({ kind: 'field', path: 'profile.plan' }),
    set: fc.subarray(['basic', 'plus', 'max'], { minLength: 1 }),
  }),
  fc.record({
    op: fc.constant('in'),
    left: fc.constant({ kind: 'field', path: 'profile.tenureMonths' }),
    set: fc.subarray([1, 10, 24], { minLength: 1 }),
  }),
  fc.record({ op: fc.constant('has'), path: fc.constant('profile.products'), value: fc.constantFrom('mobile', 'tv') }),
  fc.record({ op: fc.constant('has'), path: fc.constant('call.topics'), value: fc.constant('cancellation') }),
  fc.record({
    op: fc.constant('said'),
    by: fc.constantFrom('customer', 'agent', 'anyone'),
    phrases: fc.subarray([...PHRASES], { minLength: 1 }),
  }),
  fc.record({ op: fc.constant('literal'), value: fc.boolean() }),
) as fc.Arbitrary<Condition>;

export const anyCondition: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    leaf,
    fc.record({ op: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ op: fc.constant('not' as const), of: tie('node') }),
  ),
})).node;

/** Mostly true or soon true, so that many actions come far. */
const conditions = fc
  .array(fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: anyCondition }), { maxLength: 2 })
  .map((all) => all.map((one) => stated(one)));
const seldom = <T>(all: fc.Arbitrary<readonly T[]>): fc.Arbitrary<readonly T[]> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant<readonly T[]>([]) }, { weight: 1, arbitrary: all });
const rarely = (depth: number): fc.Arbitrary<boolean> => fc.constantFrom(...Array.from({ length: depth + 1 }, (_, n) => n === depth));

const anyAction = (id: string): fc.Arbitrary<CheckedAction> =>
  fc
    .record({
      group: fc.constantFrom('general', 'other'),
      issue: fc.constantFrom('service', 'sales'),
      mandatory: rarely(5),
      transactional: rarely(5),
      fallback: rarely(5),
      sales: fc.boolean(),
      urgency: fc.constantFrom('must', 'should', 'could'),
      purpose: fc.constantFrom(2, 2, 2, 0, 1, 3),
      value: fc.constantFrom(100, 50, 10, 5, 0),
      lever: fc.constantFrom(1, 2, 0.5, 0),
      context: fc.array(fc.record({ when: leaf, weight: fc.constantFrom(-200, -10, 25, 300) }), { maxLength: 2 }),
      startingPropensity: fc.constantFrom(0.3, 1, 0.1, 0),
      influence: seldom(
        fc.array(
          fc.record({
            after: fc.constantFrom('seen', 'rejected'),
            weight: fc.constantFrom(-150, 40),
            overMs: fc.constantFrom(90_000, 24 * HOUR_MS),
          }),
          { minLength: 1, maxLength: 2 },
        ),
      ),
      amount: fc.constantFrom(undefined, undefined, 0, 10),
      startingEvidence: fc.constantFrom(0, 50),
      minPropensity: fc.constantFrom(0, 0, 0.2),
      minPriority: fc.constantFrom(0, 0, 10),
      eligibility: seldom(conditions),
      applicability: seldom(conditions),
      suitability: seldom(conditions),
      language: fc.constantFrom('en', 'en', 'en', 'en', 'en', 'en', 'en-AU', 'de'),
      channel: fc.constantFrom(...Array.from({ length: 11 }, () => 'voice'), 'chat'),
      from: fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(NOW_MS, NOW_MS + 1) }),
      to: fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(NOW_MS, NOW_MS + 1) }),
    })
    .map(({ language, channel, from, to, amount, ...more }) =>
      action(id, {
        ...more,
        ...(from === undefined ? {} : { validFromMs: from }),
        ...(to === undefined ? {} : { validToMs: to }),
        ...(amount === undefined ? {} : { request: { kind: 'credit', amount } }),
        treatments: [{ id: `${id}-1`, channel, language, do: 'x' }] as CheckedAction['treatments'],
        reasons: [
          { when: more.applicability[0]?.condition ?? { op: 'literal', value: true }, text: 'x {profile.tenureMonths} {said}', speak: 'y' },
        ],
      }),
    );

const CONSTRAINTS = ['scarce', 'budget'] as const;
const anyConstraints = fc
  .record({
    kind: fc.constantFrom('volume' as const, 'budget' as const),
    limit: fc.constantFrom(1, 10, 20),
    period: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'total' as const),
    maxAgeMs: fc.constantFrom(HOUR_MS, 24 * 31 * HOUR_MS),
    covers: fc.subarray([0, 1, 2, 3, 4, 5]),
  })
  .chain((one) =>
    fc
      .subarray([...CONSTRAINTS], { minLength: 1 })
      .map((ids) => ids.map((id, place) => ({ id, name: id, ...one, limit: one.limit + place }))),
  );
const anyExclusions = fc.array(
  fc
    .record({
      action: fc.nat({ max: 5 }),
      channel: fc.constantFrom(undefined, 'voice' as const, 'chat' as const),
      untilMs: fc.constantFrom(NOW_MS, NOW_MS + 1),
    })
    .map(({ channel, ...one }) => ({ ...one, reason: 'wrong price', ...(channel === undefined ? {} : { channel }) })),
  { minLength: 1, maxLength: 2 },
);

export const anyRevision: fc.Arbitrary<CheckedRevision> = fc
  .record({
    actions: fc.tuple(...IDS.map(anyAction)),
    count: fc.constantFrom(6, 6, 5, 4, 2, 1),
    maxChips: fc.constantFrom(2, 1, 0),
    useModel: fc.boolean(),
    care: fc.array(leaf, { maxLength: 2 }),
    contact: fc.array(
      fc.record(
        {
          id: fc.constant('p'),
          name: fc.constant('Policy'),
          per: fc.constantFrom('action', 'group', 'issue', 'all'),
          issues: fc.constant(['sales']),
          counts: fc.constantFrom('seen', 'seen', 'rejected'),
          channel: fc.constantFrom('voice', 'email'),
          limit: fc.integer({ min: 1, max: 3 }),
          windowMs: fc.constantFrom(HOUR_MS, 24 * HOUR_MS),
          suppressForMs: fc.constantFrom(HOUR_MS / 2, 48 * HOUR_MS),
        },
        { requiredKeys: ['id', 'name', 'per', 'counts', 'limit', 'windowMs', 'suppressForMs'] },
      ),
      { maxLength: 2 },
    ),
    constraints: seldom(anyConstraints),
    exclusions: seldom(anyExclusions),
    maturityThrottle: fc.option(fc.record({ startShare: fc.constantFrom(0, 0.02, 0.5, 1), fullAtPositives: fc.constantFrom(1, 200) }), {
      freq: 2,
    }),
    factors: fc.option(fc.record({ propensity: fc.boolean(), context: fc.boolean(), value: fc.boolean(), lever: fc.boolean() }), {
      freq: 2,
    }),
    control: fc.option(fc.record({ share: fc.constantFrom(0, 0.3, 0.5), salt: fc.constantFrom('spring', 'winter') }), { freq: 2 }),
    level: fc.record({
      capPerCall: fc.constantFrom(4, 3, 2, 1, 0),
      gapS: fc.constantFrom(0, 45),
      interruptionCost: fc.constantFrom(0, 1, 5),
    }),
  })
  .map(({ actions, count, maxChips, useModel, care, contact, constraints, exclusions, maturityThrottle, factors, control, level }) =>
    revision(actions.slice(0, count), {
      maxChips,
      useModel,
      care: care.map((condition, i) => ({ ...stated(condition), id: `c${i}`, name: `Care ${i}` })),
      contact,
      constraints: constraints.map((one) => ({ ...one, covers: one.covers.filter((action) => action < count) })),
      exclusions: exclusions.filter(({ action }) => action < count),
      ...(maturityThrottle === null ? {} : { maturityThrottle }),
      ...(factors === null ? {} : { factors }),
      ...(control === null ? {} : { control }),
      attention: { pauseMs: 600, holdAtMostMs: 3_000, levels: { guided: level, standard: level, minimal: level } },
    }),
  );

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

/** Mostly a call on which nothing but speech happened, and which goes on. */
const ENDING: ReadonlySet<string> = new Set(['sotto.call.ended', 'sotto.call.held', 'sotto.wrapup.started']);
const anyCall: fc.Arbitrary<CallState> = fc
  .tuple(fc.array(anyEvent, { maxLength: 5 }), rarely(8), rarely(8))
  .map(([events, missing, mayEnd]) => {
    const call = activeCall(events.filter(({ type }) => mayEnd || !ENDING.has(type)));
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
