/** What would have changed it: against trying everything, on policies and customers as they come. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Decider, Scores } from '#core';
import { type Altering, altered, everyChange, isShown, keptScores } from '../core/altered.ts';
import { anyInputs, anyScores, PROFILE_FIELDS } from '../core/arbitrary-inputs.ts';
import { anyCondition, anyRevision } from '../core/arbitrary-revisions.ts';
import { deciderOf } from '../core/deciding.ts';
import { PURPOSES, stated } from '../core/fixtures.ts';
import { RUNS, SEED as seed, TIMEOUT_MS } from './runs.ts';

/** Everything but one's religion can be changed; that would be, were it not protected. */
const moving = (revision: CheckedRevision): CheckedRevision => ({
  ...revision,
  fields: revision.fields.map((field) =>
    PROFILE_FIELDS.some((name) => field.path === `profile.${name}`) || field.path === 'journey.onboarding' || field.kind === 'protected'
      ? { ...field, changeableBy: 'agent' as const }
      : field,
  ),
});

/** Asks of the customer's balance what it asks of the clock, the line or the history. */
function inHand(condition: Condition): Condition {
  switch (condition.op) {
    case 'and':
    case 'or':
      return { ...condition, of: condition.of.map(inHand) };
    case 'not':
      return { ...condition, of: inHand(condition.of) };
    case 'compare':
      return condition.left.kind === 'count' || (condition.left.path.startsWith('call.') && typeof condition.right === 'number')
        ? { ...condition, left: { kind: 'field', path: 'profile.balance' } }
        : condition;
    default:
      return condition;
  }
}

/** More that depends on what can be changed, and less that nobody can help. */
const eased = (revision: CheckedRevision, extra: readonly (readonly Condition[])[]): CheckedRevision => {
  const { maturityThrottle: _throttle, control: _control, holdouts: _holdouts, ...rest } = revision;
  const level = { capPerCall: 9, gapS: 0, interruptionCost: 0 };
  return {
    ...rest,
    contact: [],
    exclusions: [],
    constraints: [],
    attention: { ...revision.attention, levels: { guided: level, standard: level, minimal: level } },
    actions: revision.actions.map((action, place) => ({
      ...action,
      purpose: PURPOSES.legal,
      minPropensity: 0,
      treatments: action.treatments.map((treatment) => ({ ...treatment, channel: 'voice' as const, language: 'en' })),
      eligibility: extra[place]!.map((condition) => stated(inHand(condition))),
      applicability: action.applicability.map(({ condition }) => stated(inHand(condition))),
      suitability: [],
    })),
  };
};

const atEase = (inputs: DecisionInputs): DecisionInputs => ({
  ...inputs,
  quiet: false,
  speaking: null,
  silentSinceMs: null,
  outcomes: [],
  excluded: [],
  centralHeardAtMs: inputs.nowMs,
  call: { ...inputs.call, phase: 'active', capturePaused: false },
});

interface Case {
  readonly revision: CheckedRevision;
  readonly decider: Decider;
  readonly inputs: DecisionInputs;
  readonly actionId: string;
  readonly scores: Scores;
  readonly kept: ReturnType<typeof keptScores>;
}

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    policy: anyRevision,
    extra: fc.option(fc.array(fc.array(anyCondition, { maxLength: 3 }), { minLength: 6, maxLength: 6 }), { freq: 4 }),
    inputs: anyInputs,
    scores: anyScores,
    target: fc.nat({ max: 5 }),
  })
  .map(({ policy, extra, inputs: taken, scores, target }) => {
    const revision = moving(extra === null ? policy : eased(policy, extra));
    const inputs = extra === null ? taken : atEase(taken);
    const decider = deciderOf(revision);
    const candidates = decider.filter(inputs);
    const given = scores(candidates.actions.length);
    const actionId = revision.actions[target % revision.actions.length]!.id;
    return { revision, decider, inputs, actionId, scores: given, kept: keptScores(revision, candidates, given) };
  });

const ask = ({ decider, inputs, scores, actionId }: Case, maxReruns?: number) =>
  decider.whatWouldChange(decider.filter(inputs), scores, actionId, maxReruns === undefined ? {} : { maxReruns });

/** The size of the smallest change that turns it, of all there are: 1, 2, or null. */
function bruteForce({ revision, inputs, actionId, kept }: Case): number | null {
  const decider = deciderOf(revision);
  const turned = (changes: readonly Altering[]): boolean =>
    isShown(decider, altered(revision, inputs, changes), kept, actionId) !== isShown(decider, inputs, kept, actionId);
  const all = everyChange(revision, inputs);
  if (all.flat().some((one) => turned([one]))) return 1;
  for (const [place, ones] of all.entries()) {
    for (const one of ones) {
      if (
        all
          .slice(0, place)
          .flat()
          .some((other) => turned([other, one]))
      )
        return 2;
    }
  }
  return null;
}

it(
  'every change that is told turns the decision when it is taken from inputs that were so; the smaller one is told',
  () => {
    let told = 0;
    fc.assert(
      fc.property(anyCase, (one) => {
        const { revision, inputs, kept, actionId } = one;
        const decider = deciderOf(revision);
        const before = isShown(decider, inputs, kept, actionId);
        const { found } = ask(one);
        expect(new Set(found.map(({ changes }) => changes.length)).size).toBeLessThanOrEqual(1);
        for (const { changes } of found) {
          told++;
          expect(changes.length).toBeGreaterThan(0);
          expect(changes.map(({ path }) => path)).not.toContain('profile.religion');
          expect(isShown(decider, altered(revision, inputs, changes), kept, actionId)).toBe(!before);
          if (changes.length === 1) continue;
          for (const change of changes) expect(isShown(decider, altered(revision, inputs, [change]), kept, actionId)).toBe(before);
        }
      }),
      { seed, numRuns: RUNS },
    );
    expect(told).toBeGreaterThan(RUNS / 8);
  },
  TIMEOUT_MS,
);

it(
  'where trying everything over two values finds a change, one is told in 95 of 100, and it is no larger; where it says there is none, there is none',
  () => {
    let possible = 0;
    let told = 0;
    let larger = 0;
    const denied: string[] = [];
    fc.assert(
      fc.property(anyCase, (one) => {
        const { found, isExhaustive } = ask(one);
        const least = bruteForce(one);
        if (least === null) return;
        possible++;
        const [first] = found;
        if (first === undefined) {
          if (isExhaustive) denied.push(JSON.stringify([one.revision, one.inputs, one.actionId]));
          return;
        }
        told++;
        if (first.changes.length > least) larger++;
      }),
      { seed, numRuns: RUNS / 2 },
    );
    expect(possible).toBeGreaterThan(RUNS / 20);
    expect(larger).toBe(0);
    expect(denied).toEqual([]);
    expect(told / possible).toBeGreaterThanOrEqual(0.95);
  },
  TIMEOUT_MS,
);

it(
  'asking leaves no trace: decisions and records after it are the same to the byte',
  () => {
    let asked = 0;
    fc.assert(
      fc.property(anyCase, anyInputs, (one, next) => {
        const { decider, inputs, scores, revision } = one;
        const undisturbed = deciderOf(revision);
        const expected = undisturbed.arbitrate(inputs, undisturbed.filter(inputs), scores).recordJson;
        const after = undisturbed.decide(next, null).recordJson;
        const candidates = decider.filter(inputs);
        const first = decider.whatWouldChange(candidates, scores, one.actionId, { maxReruns: 50 });
        expect(decider.arbitrate(inputs, candidates, scores).recordJson).toBe(expected);
        expect(decider.whatWouldChange(candidates, scores, one.actionId, { maxReruns: 50 })).toEqual(first);
        expect(decider.decide(next, null).recordJson).toBe(after);
        asked += first.reruns;
      }),
      { seed, numRuns: RUNS },
    );
    expect(asked).toBeGreaterThan(RUNS);
  },
  TIMEOUT_MS,
);
