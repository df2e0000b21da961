import { describe, expect, it } from 'vitest';
import type { CheckedAction, CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { AdditiveManifest } from '#contract/model.ts';
import { compileModel, type Scores } from '#core';
import { altered, isShown, keptScores } from './altered.ts';
import { deciderOf } from './deciding.ts';
import {
  action,
  activeCall,
  always,
  FIELDS,
  HOUR_MS,
  inputs,
  is,
  isoAt,
  modelScores,
  NO_MODEL,
  not,
  NOW_MS,
  or,
  outcome,
  profile,
  revision,
  said,
  stated,
  utterance,
} from './fixtures.ts';

const CHANGEABLE = ['tenureMonths', 'balance', 'plan', 'hardship', 'contractEnds', 'products', 'religion'].map((name) => `profile.${name}`);
const inHand = (field: CheckedField): CheckedField => (CHANGEABLE.includes(field.path) ? { ...field, changeableBy: 'agent' } : field);
const policy = (actions: readonly CheckedAction[], more: Partial<CheckedRevision> = {}): CheckedRevision =>
  revision(actions, { fields: FIELDS.map(inHand), ...more });

function ask(of: CheckedRevision, actionId = 'a', more: Parameters<typeof inputs>[0] = {}, scores: Scores = NO_MODEL, maxReruns = 500) {
  const decider = deciderOf(of);
  const taken = inputs(more);
  const candidates = decider.filter(taken);
  const kept = keptScores(of, candidates, scores);
  const told = decider.whatWouldChange(candidates, scores, actionId, { maxReruns });
  const before = isShown(deciderOf(of), taken, kept, actionId);
  for (const { changes } of told.found) expect(isShown(deciderOf(of), altered(of, taken, changes), kept, actionId)).toBe(!before);
  return { ...told, said: told.found.map(({ changes }) => changes.map(({ path, from, to }) => [path, from, to])) };
}
const condition = (...all: Parameters<typeof stated>[0][]): Partial<CheckedAction> => ({ eligibility: all.map((one) => stated(one)) });

const asked = (...all: Parameters<typeof stated>[0][]) => ask(policy([action('a', condition(...all))])).said;

describe('an action that is not shown', () => {
  it('names the value just on the other side of the bound, as a person would', () => {
    expect(asked(is('profile.tenureMonths', '>=', 36))).toEqual([[['profile.tenureMonths', 24, 36]]]);
    expect(asked(is('profile.tenureMonths', '>', 36))).toEqual([[['profile.tenureMonths', 24, 37]]]);
    expect(asked(is('profile.tenureMonths', '<', 12))).toEqual([[['profile.tenureMonths', 24, 11]]]);
    expect(asked(is('profile.balance', '<', 2.5))).toEqual([[['profile.balance', 10, 2.4]]]);
    expect(asked(is('profile.balance', '>', 20), is('profile.balance', '<', 21))).toEqual([[['profile.balance', 10, 20.5]]]);
  });

  it('knows words, yes and no, sets and times', () => {
    expect(asked(is('profile.plan', '==', 'max'))).toEqual([[['profile.plan', 'plus', 'max']]]);
    expect(asked(is('profile.hardship', '==', true))).toEqual([[['profile.hardship', false, true]]]);
    expect(asked(not({ op: 'has', path: 'profile.products', value: 'mobile' }))).toEqual([[['profile.products', ['mobile'], []]]]);
    expect(asked({ op: 'has', path: 'profile.products', value: 'tv' })).toEqual([[['profile.products', ['mobile'], ['mobile', 'tv']]]]);
    const ended = { op: 'compare', left: { kind: 'since', path: 'profile.contractEnds' }, is: '<', right: HOUR_MS } as const;
    const fields = { contractEnds: isoAt(NOW_MS - 3 * HOUR_MS) };
    expect(ask(policy([action('a', condition(ended))]), 'a', { profile: profile({ fields }) }).said).toEqual([
      [['profile.contractEnds', NOW_MS - 3 * HOUR_MS, NOW_MS - HOUR_MS + 60_000]],
    ]);
  });

  it('says what an unknown value would have to be', () => {
    expect(ask(policy([action('a', condition(is('profile.plan', '==', 'max')))]), 'a', { profile: profile({ fields: {} }) }).said).toEqual([
      [['profile.plan', null, 'max']],
    ]);
  });

  it('names two values only where one is not enough', () => {
    const both = condition(is('profile.plan', '==', 'max'), is('profile.hardship', '==', true));
    expect(ask(policy([action('a', both)])).said).toEqual([
      [
        ['profile.hardship', false, true],
        ['profile.plan', 'plus', 'max'],
      ],
    ]);
    expect(ask(policy([action('a', condition(or(is('profile.plan', '==', 'max'), is('profile.hardship', '==', true))))])).said).toEqual([
      [['profile.hardship', false, true]],
      [['profile.plan', 'plus', 'max']],
    ]);
  });

  it('names what would have kept a better one away, or ranked this one higher', () => {
    const better = action('b', { value: 200, ...condition(is('profile.hardship', '==', false)) });
    const worse = action('a', { context: [{ when: is('profile.plan', '==', 'max'), weight: 300 }] });
    expect(ask(policy([worse, better], { maxChips: 0 })).said).toEqual([
      [['profile.hardship', false, true]],
      [['profile.plan', 'plus', 'max']],
    ]);
  });

  it('names the sale that care holds back', () => {
    const care = [{ ...stated(is('profile.hardship', '==', true)), id: 'hardship', name: 'Hardship' }];
    const fields = { hardship: true };
    expect(ask(policy([action('a', { sales: true })], { care }), 'a', { profile: profile({ fields }) }).said).toEqual([
      [['profile.hardship', true, false]],
    ]);
  });

  it('names a phrase, who would say it, and all that is heard in it', () => {
    const told = ask(policy([action('a', condition(said('too much'), { op: 'has', path: 'call.topics', value: 'cancellation' }))]));
    expect(told.found).toEqual([
      {
        changes: [
          { path: 'said', from: null, to: 'cancel', by: 'customer' },
          { path: 'said', from: null, to: 'too much', by: 'customer' },
        ],
      },
    ]);
    const one = ask(policy([action('a', condition(said('cancel now'), { op: 'has', path: 'call.topics', value: 'cancellation' }))]));
    expect(one.said).toEqual([[['said', null, 'cancel now']]]);
  });

  it('does not ask for what was said to be unsaid', () => {
    const call = activeCall([utterance('customer', 'I cancel', 5_000)]);
    const told = ask(policy([action('a', condition(not(said('cancel'))))]), 'a', { call });
    expect(told).toMatchObject({ found: [], isExhaustive: true });
  });
});

describe('an action that is shown', () => {
  it('names what would have kept it away', () => {
    const shown = action('a', condition(is('profile.plan', '==', 'plus'), is('profile.tenureMonths', '>=', 12)));
    expect(ask(policy([shown])).said).toEqual([[['profile.plan', 'plus', 'basic']], [['profile.tenureMonths', 24, 11]]]);
  });

  it('names what would have brought a better one', () => {
    const better = action('b', { value: 200, ...condition(is('profile.hardship', '==', true)) });
    expect(ask(policy([action('a'), better], { maxChips: 0 })).said).toEqual([[['profile.hardship', false, true]]]);
  });

  it('counts as shown while it is a chip', () => {
    const better = action('b', { value: 200, ...condition(is('profile.hardship', '==', true)) });
    expect(ask(policy([action('a'), better], { maxChips: 1 }))).toMatchObject({ found: [], isExhaustive: true });
  });
});

describe('what is not told', () => {
  it('a protected attribute, even where the catalogue calls it changeable', () => {
    const told = ask(policy([action('a', condition(is('profile.religion', '==', true)))]));
    expect(told).toMatchObject({ found: [], isExhaustive: true, reruns: 0 });
  });

  it('what nobody can change', () => {
    const told = ask(policy([action('a', condition(is('profile.note', '==', 'x'), is('profile.plan', '==', 'max')))]));
    expect(told).toMatchObject({ found: [], isExhaustive: true, reruns: 0 });
  });

  it('anything of the profile of a caller nobody knows', () => {
    const call = { ...activeCall(), identity: 'unknown' as const, customerId: null };
    expect(ask(policy([action('a', condition(is('profile.plan', '==', 'max')))]), 'a', { call })).toMatchObject({
      found: [],
      isExhaustive: true,
    });
  });

  it('anything about an action that was answered, limited or without a basis: no value helps', () => {
    const closed = policy([action('a', condition(is('profile.plan', '==', 'max')))]);
    expect(ask(closed, 'a', { outcomes: [outcome('rejected', 'a', 5_000)] })).toMatchObject({ found: [], isExhaustive: true });
    expect(ask(closed, 'a', { quiet: true })).toMatchObject({ found: [], isExhaustive: true, reruns: 0 });
  });

  it('more than was allowed to be tried; and that is said', () => {
    const hard = condition(is('profile.plan', '==', 'max'), is('profile.hardship', '==', true), is('profile.tenureMonths', '>=', 36));
    expect(ask(policy([action('a', hard)]))).toMatchObject({ found: [], isExhaustive: true });
    const better = ['b', 'c', 'd', 'e'].map((id) => action(id, { value: 200, ...condition(is('profile.tenureMonths', '>=', 10)) }));
    const some = policy([action('a'), ...better], { maxChips: 0 });
    expect(ask(some)).toMatchObject({ said: [[['profile.tenureMonths', 24, 9]]], isExhaustive: true });
    expect(ask(some, 'a', {}, NO_MODEL, 1)).toMatchObject({ reruns: 1, found: [], isExhaustive: false });
  });

  it('an action the revision does not have is refused', () => {
    expect(() => ask(policy([action('a')]), 'gone')).toThrow('has no action gone');
  });
});

const weights = (...all: readonly number[]): string => Buffer.from(Float64Array.from(all).buffer).toString('base64');

describe('with a model', () => {
  it('of another runtime: its scores are kept, and that is said', () => {
    const better = action('b', { value: 200, ...condition(is('profile.hardship', '==', false)) });
    const told = ask(policy([action('a'), better], { maxChips: 0 }), 'a', {}, modelScores([0.1, 0.9]));
    expect(told).toMatchObject({ said: [[['profile.hardship', false, true]]], areScoresFixed: true });
  });

  it('of the core: what it reads is moved as little as turns the decision, and it is scored again', () => {
    const manifest: AdditiveManifest = {
      id: 'small',
      kind: 'additive',
      version: 1,
      features: [{ kind: 'number', field: 'profile.balance', mean: 50, scale: 50, clip: 1 }],
      width: 2,
      actions: [
        { id: 'a', evidence: 1e9, positives: 1_000, intercept: 0, weights: weights(2, 0) },
        { id: 'b', evidence: 1e9, positives: 1_000, intercept: 0, weights: weights(0, 0) },
      ],
    };
    const of = policy([action('a', { context: [{ when: always, weight: 0 }] }), action('b')], { maxChips: 0 });
    const decider = deciderOf(of);
    const model = compileModel(decider.compiled, manifest, 'e'.repeat(64));
    const taken = inputs();
    const shown = (balance: number): boolean => {
      const candidates = decider.filter(altered(of, taken, [{ path: 'profile.balance', to: balance, by: 'agent' }]), model);
      return decider.explain(candidates, decider.score(candidates, model), 'a').stage === 'shown';
    };
    expect([shown(10), shown(49), shown(50)]).toEqual([false, false, true]);
    const candidates = decider.filter(taken, model);
    const told = decider.whatWouldChange(candidates, decider.score(candidates, model), 'a');
    expect(told).toMatchObject({
      found: [{ changes: [{ path: 'profile.balance', from: 10, to: 50 }] }],
      areScoresFixed: false,
    });
  });
});
