import { describe, expect, it } from 'vitest';
import type { AdditiveManifest } from '#contract/model.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { compileModel, compileModels, type NamedManifest, withOwn } from '#core';
import { deciderOf } from './deciding.ts';
import { action, inputs, modelWith, outcome, profile, revision } from './fixtures.ts';

/** Log-odds of −1 for `a` and 0.5 a year of being a customer; `b` is unknown to it. */
const manifest = (hash: string, perYear = 0.5): { readonly manifest: AdditiveManifest; readonly hash: string } => ({
  hash,
  manifest: {
    id: 'take-up',
    kind: 'additive',
    version: 1,
    features: [{ kind: 'number', field: 'profile.tenureMonths', mean: 0, scale: 12, clip: 10 }],
    width: 2,
    actions: [{ id: 'a', evidence: 50, positives: 7, intercept: -1, weights: base64(perYear, 0) }],
  },
});
const base64 = (...weights: readonly number[]): string => Buffer.from(Float64Array.from(weights).buffer).toString('base64');
const share = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

const policy = revision([action('a', { startingPropensity: 0.25 }), action('b', { startingPropensity: 0.75 })]);
const first = manifest('1'.repeat(64));
const second = manifest('2'.repeat(64), 2);

const propensities = (decision: { readonly result: ReturnType<ReturnType<typeof deciderOf>['decide']>['result'] }) =>
  decision.result.kind === 'show' ? Object.fromEntries(decision.result.prompts.map((one) => [one.actionId, one.propensity])) : {};

describe('a decider', () => {
  it('scores with a model it can compute, smooths by its evidence, and leaves what the model does not know', () => {
    const decider = deciderOf(policy);
    const decision = decider.decide(inputs(), compileModel(decider.compiled, first.manifest, first.hash));
    expect(decision.rung).toBe('model');
    expect(propensities(decision)['a']).toBeCloseTo((50 * 0.25 + 50 * share(-1 + 0.5 * 2)) / 100, 12);
    expect(propensities(decision)['b']).toBe(0.75);
    expect(decision.recordJson).toContain(first.hash);
  });
  it('decides on starting propensities without a model, with one it cannot compute, and where the policy leaves models aside', () => {
    const decider = deciderOf(policy);
    for (const model of [null, modelWith(50)]) {
      const decision = decider.decide(inputs(), model);
      expect(decision.rung).toBe('starting-propensity');
      expect(propensities(decision)).toEqual({ a: 0.25, b: 0.75 });
    }
    const aside = deciderOf({ ...policy, useModel: false });
    const decision = aside.decide(inputs(), compileModel(aside.compiled, first.manifest, first.hash));
    expect([decision.rung, propensities(decision)]).toEqual(['starting-propensity', { a: 0.25, b: 0.75 }]);
  });
  it('turns to another model at once, and back', () => {
    const decider = deciderOf(policy);
    const one = compileModel(decider.compiled, first.manifest, first.hash);
    const other = compileModel(decider.compiled, second.manifest, second.hash);
    const of = (model: typeof one): number | undefined => propensities(decider.decide(inputs(), model))['a'];
    const before = of(one);
    expect(of(other)).toBeCloseTo((50 * 0.25 + 50 * share(-1 + 2 * 2)) / 100, 12);
    expect(of(one)).toBe(before);
  });
  it('takes a decision again from its record with the model it names, also for a value that only the model reads', () => {
    const decider = deciderOf(policy);
    const model = compileModel(decider.compiled, first.manifest, first.hash);
    for (const fields of [{ tenureMonths: 24 }, { tenureMonths: 6 }, {}]) {
      const { recordJson } = decider.decide(inputs({ profile: profile({ fields }) }), model);
      const record = DecisionRecord.parse(JSON.parse(recordJson));
      expect(deciderOf(policy).decideAgain(record, model).recordJson).toBe(recordJson);
      const other = compileModel(decider.compiled, second.manifest, second.hash);
      expect(() => decider.decideAgain(record, other)).toThrow(/taken with model 1{64}, not 2{64}: compile that one/);
      expect(() => decider.decideAgain(record, null)).toThrow(/taken with model 1{64}, not none/);
      expect(() => deciderOf({ ...policy, hash: 'b'.repeat(64) }).decideAgain(record, model)).toThrow(/under revision a{64}, not b{64}/);
    }
  });
  it('takes a decision again that a trained model and answers scored together, with what the desk answered itself', () => {
    const follows = { reward: 'agent', windowMs: 1, equalAt: 5, features: ['profile.plan'], significant: false } as const;
    const decider = deciderOf({ ...policy, adaptive: follows });
    const { compiled } = decider;
    const base: NamedManifest = {
      hash: '3'.repeat(64),
      manifest: {
        id: 'answers-agent',
        kind: 'adaptive',
        version: 1,
        reward: 'agent',
        state: '4'.repeat(64),
        covers: { tx: '1', pos: 1, asOfMs: 1_750_000_000_000 },
        features: ['profile.plan'],
        actions: [{ id: 'b', evidence: 10, positives: 4 }],
      },
    };
    const both = compileModels(compiled, [first, base]);
    if (both === null) throw new Error('two models are none');
    const address = '5'.repeat(64);
    const b = compiled.actionIndex.get('b') ?? -1;
    const model = withOwn(both, { address, own: [[b, 2, 1]] });
    const candidates = decider.filter(inputs(), both);
    const propensity = Float32Array.from(candidates.actions, (action) => (action === b ? 0.1 : 0.4));
    const decision = decider.arbitrate(inputs(), candidates, { rung: 'model', propensity, model });
    const json = decision.recordJson;
    const record = DecisionRecord.parse(JSON.parse(json));
    expect([record.models, record.learnt]).toEqual([[first.hash, base.hash], { address, own: [[b, 2, 1]] }]);
    // Starting evidence 50; the trained model knows nothing of b, the answers 12.
    expect(propensities(decision)['b']).toBeCloseTo((50 * 0.75 + 12 * Math.fround(0.1)) / 62, 12);
    expect(decider.decideAgain(record, compileModels(compiled, [first, base])).recordJson).toBe(json);
    expect(() => decider.decideAgain(record, compileModels(compiled, [base]))).toThrow(/compile that one/);
  });
  it('takes a decision without a model again whatever model is at hand', () => {
    const decider = deciderOf(policy);
    const { recordJson } = decider.decide(inputs(), null);
    const record = DecisionRecord.parse(JSON.parse(recordJson));
    const model = compileModel(decider.compiled, first.manifest, first.hash);
    expect(decider.decideAgain(record, model).recordJson).toBe(recordJson);
  });
  it('has one fingerprint for what is put before the agent alike, and another for anything else', () => {
    const decider = deciderOf(policy);
    const fingerprint = (more: Parameters<typeof inputs>[0] = {}): string => decider.decide(inputs(more), null).fingerprint;
    const usual = fingerprint();
    expect(fingerprint({ decisionId: 'dec-2', clock: 99, seed: 7 })).toBe(usual);
    expect(fingerprint({ outcomes: [outcome('rejected', 'a', 5_000)] })).not.toBe(usual);
    expect(fingerprint({ quiet: true })).not.toBe(usual);
  });
});
