/** Revisions as fast-check makes them: small, and close enough to each other to collide. */
import fc from 'fast-check';
import type { CheckedAction, CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import { action, FIELDS, HOUR_MS, NOW_MS, revision, stated } from './fixtures.ts';

export const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
export const anyId = fc.constantFrom(...IDS);
export const PHRASES = ['cancel', 'leave you', 'too much', 'thank you'] as const;
export const SECONDS = [0, 1, 20, 44, 45, 46, 90, 300, 301] as const;

const comparison = fc.constantFrom('<', '<=', '==', '!=', '>=', '>');
export const few = fc.constantFrom(0, 1, 10, 23.5, 24, 25, -0);

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
  fc.oneof(
    fc.record({ op: fc.constant('has'), path: fc.constant('call.intents'), value: fc.constantFrom('leaving', 'moving') }),
    fc.record({
      op: fc.constant('compare'),
      left: fc.constant({ kind: 'field' as const, path: 'call.intent' }),
      is: fc.constantFrom('==', '!='),
      right: fc.constantFrom('leaving', 'moving'),
    }),
    fc.record({
      op: fc.constant('compare'),
      left: fc.constant({ kind: 'field' as const, path: 'call.intentConfidence' }),
      is: comparison,
      right: fc.constantFrom(0.1, 0.2, 0.3),
    }),
  ),
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
export const rarely = (depth: number): fc.Arbitrary<boolean> =>
  fc.constantFrom(...Array.from({ length: depth + 1 }, (_, n) => n === depth));

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
      wordings: seldom(fc.array(leaf, { minLength: 1, maxLength: 2 })),
      from: fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(NOW_MS, NOW_MS + 1) }),
      to: fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(NOW_MS, NOW_MS + 1) }),
    })
    .map(({ language, channel, wordings, from, to, amount, ...more }) =>
      action(id, {
        ...more,
        ...(from === undefined ? {} : { validFromMs: from }),
        ...(to === undefined ? {} : { validToMs: to }),
        ...(amount === undefined ? {} : { request: { kind: 'credit', amount } }),
        treatments: [
          ...wordings.map((when, place) => ({
            id: `${id}-when-${place}`,
            channel,
            language: place === 0 ? 'en' : language,
            when,
            do: 'x',
          })),
          ...(wordings.length > 1 ? [] : [{ id: `${id}-1`, channel, language, do: 'x' }]),
        ] as CheckedAction['treatments'],
        reasons: [
          { when: more.applicability[0]?.condition ?? { op: 'literal', value: true }, text: 'x {profile.tenureMonths} {said}', speak: 'y' },
        ],
      }),
    );

export const CONSTRAINTS = ['scarce', 'budget'] as const;
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
    bound: fc.oneof(
      { weight: 5, arbitrary: fc.constant<Record<string, string>>({}) },
      {
        weight: 1,
        arbitrary: fc.dictionary(
          fc.constantFrom('profile.balance', 'profile.plan', 'journey.onboarding'),
          fc.constantFrom('marketing', 'service', 'interest'),
          { minKeys: 1, maxKeys: 2 },
        ),
      },
    ),
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
    control: fc.option(
      fc.record({
        share: fc.constantFrom(0, 0.3, 0.5),
        salt: fc.constantFrom('spring', 'winter'),
        anew: fc.constantFrom(undefined, 'monthly' as const),
      }),
      { freq: 2 },
    ),
    heldOut: seldom(
      fc.array(
        fc.record({
          places: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 2 }),
          share: fc.constantFrom(0.3, 0.5),
          salt: fc.constantFrom('spring', 'launch'),
          anew: fc.constantFrom(undefined, 'monthly' as const),
          fromMs: fc.constantFrom(NOW_MS - HOUR_MS, NOW_MS - HOUR_MS, NOW_MS + HOUR_MS),
        }),
        { maxLength: 2 },
      ),
    ),
    level: fc.record({
      capPerCall: fc.constantFrom(4, 3, 2, 1, 0),
      gapS: fc.constantFrom(0, 45),
      interruptionCost: fc.constantFrom(0, 1, 5),
    }),
  })
  .map(
    ({
      actions,
      count,
      maxChips,
      useModel,
      bound,
      care,
      contact,
      constraints,
      exclusions,
      maturityThrottle,
      factors,
      control,
      heldOut,
      level,
    }) =>
      revision(actions.slice(0, count), {
        maxChips,
        useModel,
        fields: FIELDS.map((field) => ({ ...field, ...(bound[field.path] === undefined ? {} : { purpose: bound[field.path] }) })),
        care: care.map((condition, i) => ({ ...stated(condition), id: `c${i}`, name: `Care ${i}` })),
        contact,
        constraints: constraints.map((one) => ({ ...one, covers: one.covers.filter((action) => action < count) })),
        exclusions: exclusions.filter(({ action }) => action < count),
        ...(maturityThrottle === null ? {} : { maturityThrottle }),
        ...(factors === null ? {} : { factors }),
        ...(control === null ? {} : { control }),
        holdouts: heldOut.map(({ places, ...one }, i) => ({
          ...one,
          id: `h${i}`,
          name: `Holdout ${i}`,
          actions: actions.slice(0, count).flatMap(({ id, mandatory }, place) => (places.includes(place) && !mandatory ? [id] : [])),
          untilMs: NOW_MS + 2 * HOUR_MS,
        })),
        attention: { pauseMs: 600, holdAtMostMs: 3_000, levels: { guided: level, standard: level, minimal: level } },
      }),
  );
