/** What is left to chance, against the plain interpreter, which goes through everything that chance could have done. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import { EXPERIMENT_ARMS, EXPERIMENT_UNITS } from '#contract/experiments.ts';
import { anyInputs, anyScores } from '../core/arbitrary-inputs.ts';
import { anyRevision, rarely } from '../core/arbitrary-revisions.ts';
import { decide, deciderOf, explainAll } from '../core/deciding.ts';
import { action, activeCall, inputs, NO_MODEL, revision } from '../core/fixtures.ts';
import { decidePlainly } from '../core/plain-decision.ts';
import { RUNS, SEED as seed, TIMEOUT_MS } from './runs.ts';

const anyExploration = fc.record({ candidates: fc.constantFrom(1, 2, 3, 4, 8), gamma: fc.constantFrom(0, 5, 40) });
const anyExperiment = fc.record({
  salt: fc.constantFrom('may', 'june'),
  unit: fc.constantFrom(...EXPERIMENT_UNITS),
  arms: fc.uniqueArray(fc.record({ arm: fc.constantFrom(...EXPERIMENT_ARMS), share: fc.constantFrom(0.5, 0.25, 0.125) }), {
    selector: ({ arm }) => arm,
    minLength: 1,
    maxLength: 3,
  }),
});
const anyChance = { seed: fc.nat({ max: 0xffff_ffff }), site: fc.constantFrom(null, 'north', 'south', 'east') };
type Chance = { readonly seed: number; readonly site: string | null };
const left = (given: DecisionInputs, { seed: drawn, site }: Chance): DecisionInputs => ({
  ...given,
  seed: drawn,
  ...(site === null ? {} : { siteId: site }),
});

/** Policies of which anything can be wrong, with experiments and exploration. */
const anyPolicy: fc.Arbitrary<CheckedRevision> = fc
  .tuple(anyRevision, fc.option(anyExperiment), fc.option(anyExploration), fc.array(rarely(4), { minLength: 6, maxLength: 6 }))
  .map(([policy, experiment, exploration, significant]) => ({
    ...policy,
    actions: policy.actions.map((one, i) => ({ ...one, significant: significant[i] === true })),
    ...(experiment === null ? {} : { experiment }),
    ...(exploration === null ? {} : { exploration }),
  }));

/** Policies under which much can be shown: few things stand in the way but chance. */
const anyField: fc.Arbitrary<CheckedRevision> = fc
  .record({
    actions: fc.array(
      fc.record({
        value: fc.constantFrom(100, 90, 50, 10, 1),
        lever: fc.constantFrom(1, 2, 0.5, 0),
        startingPropensity: fc.constantFrom(0.3, 0.3, 0.29, 0.1, 0),
        sales: fc.boolean(),
        fallback: rarely(3),
        significant: rarely(5),
        urgency: fc.constantFrom('must', 'should'),
        minPriority: fc.constantFrom(0, 0, 0, 12),
      }),
      { minLength: 1, maxLength: 7 },
    ),
    maxChips: fc.constantFrom(0, 1, 2),
    throttle: fc.option(fc.record({ startShare: fc.constantFrom(0, 0.02, 0.4, 1), fullAtPositives: fc.constant(200) }), { freq: 4 }),
    control: fc.option(fc.record({ share: fc.constantFrom(0, 0.3), salt: fc.constant('spring') })),
    exploration: anyExploration,
    cost: fc.constantFrom(0, 5),
  })
  .map(({ actions, maxChips, throttle, control, exploration, cost }) => {
    const level = { capPerCall: 4, gapS: 0, interruptionCost: cost };
    return revision(
      actions.map((one, i) => action('abcdefg'.charAt(i), one)),
      {
        maxChips,
        exploration,
        ...(throttle === null ? {} : { maturityThrottle: throttle }),
        ...(control === null ? {} : { control }),
        attention: { pauseMs: 600, holdAtMostMs: 3_000, levels: { guided: level, standard: level, minimal: level } },
      },
    );
  });
const call = activeCall();
const anyCaller = fc.record({ number: fc.nat({ max: 400 }), speaking: rarely(5), ...anyChance }).map(({ number, speaking, ...chance }) =>
  left(
    inputs({
      call: { ...call, callId: `call-${number}`, customerId: `cust-${number}` },
      speaking: speaking ? { by: 'customer', sinceMs: 0 } : null,
    }),
    chance,
  ),
);

const agrees = (
  policy: CheckedRevision,
  given: DecisionInputs,
  scores: Parameters<typeof decide>[2] = NO_MODEL,
): ReturnType<typeof decide> => {
  const plain = decidePlainly(policy, given, (candidates) => {
    const found = typeof scores === 'function' ? deciderOf(policy).filter(given) : null;
    expect(found?.actions.length ?? candidates.length).toBe(candidates.length);
    return typeof scores === 'function' && found !== null ? scores(found) : (scores as typeof NO_MODEL);
  });
  const fast = decide(policy, given, scores);
  expect(fast.ended).toEqual(plain.ended);
  expect(fast.shown).toBe(plain.shown);
  for (const [number, , , priority] of fast.best) expect(priority).toBe(plain.priorities[policy.actions[number]!.id]);
  if (typeof plain.probability === 'number') expect(fast.record.probability).toBeCloseTo(plain.probability, 12);
  else expect(fast.record.probability).toBe(plain.probability);
  return fast;
};

it(
  'experiments and exploration decide as the plain interpreter does, action for action, and their records are decided again byte for byte',
  () => {
    const arms = new Map<unknown, number>();
    fc.assert(
      fc.property(anyPolicy, anyInputs, anyScores, fc.record(anyChance), (policy, given, scores, chance) => {
        const fast = agrees(policy, left(given, chance), ({ actions }) => scores(actions.length));
        const { model } = scores(fast.candidates.actions.length);
        expect(deciderOf(policy).decideAgain(fast.record, model).recordJson).toBe(fast.decision.recordJson);
        arms.set(fast.record.inputs['arm'], (arms.get(fast.record.inputs['arm']) ?? 0) + 1);
      }),
      { seed, numRuns: RUNS / 2 },
    );
    for (const arm of EXPERIMENT_ARMS) expect(arms.get(arm) ?? 0, arm).toBeGreaterThan(RUNS / 200);
  },
  TIMEOUT_MS,
);

it(
  'the probability in the record is the sum over everything that chance could have done',
  () => {
    let byChance = 0;
    let passedOver = 0;
    let explored = 0;
    fc.assert(
      fc.property(anyField, anyCaller, (policy, given) => {
        const { record, ended, shown, decider } = agrees(policy, given);
        const chances = decider.chances(decider.filter(given), NO_MODEL);
        const card = shown.startsWith('primary:') ? (shown.split(' ')[0] ?? '').slice('primary:'.length) : null;
        expect(chances.find(({ actionId }) => actionId === card)?.probability).toBeCloseTo(record.probability ?? -1, 12);
        expect(chances.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
        if ((record.probability ?? 1) < 1) byChance++;
        if (Object.values(ended).includes('arbitrated/not-drawn')) passedOver++;
        const [best] = explainAll(policy, given, NO_MODEL).filter(({ code }) => code === 'primary');
        if (shown.startsWith('primary') && (best?.factors?.rank ?? 1) > 1 && Object.values(ended).includes('shown/chip')) explored++;
      }),
      { seed, numRuns: RUNS },
    );
    expect(passedOver).toBeGreaterThan(RUNS / 100);
    expect(byChance).toBeGreaterThan(RUNS / 3);
    expect(explored).toBeGreaterThan(RUNS / 40);
  },
  TIMEOUT_MS,
);
