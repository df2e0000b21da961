/** What a model makes of sentences, in the state of a call, in conditions and as a feature: three values, and the same again from the record. */
import { describe, expect, it } from 'vitest';
import type { CallState } from '#contract/call-state.ts';
import type { Condition } from '#contract/condition.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import type { AdditiveManifest } from '#contract/model.ts';
import { compileModel, featureVector, reduceCall, understand, unreadBy } from '#core';
import { decide, deciderOf } from './deciding.ts';
import { action, activeCall, always, event, inputs, is, not, NOW_MS, or, revision, said, stated, utterance } from './fixtures.ts';

const MODEL = 'e'.repeat(64);
const SPOKEN = [utterance('customer', 'I am off then', 9_000), utterance('agent', 'Oh', 8_000), utterance('customer', 'Yes', 7_000)];
const heard = activeCall(SPOKEN);
const LEAVING = { seq: 4, intent: 'leaving', confidence: 0.93 };
const NOTHING = { seq: 6, intent: null, confidence: 0.02 };
const read = understand(heard, MODEL, [LEAVING, NOTHING]);

const about = (value: string): Condition => ({ op: 'has', path: 'call.intents', value });

const permits = (when: Condition) => revision([action('a', { applicability: [stated(when)] })]);

/** A condition, as the stage that permits and the care rule that forbids take it. */
const truthOf = (condition: Condition, call: CallState): boolean | null => {
  const passes = (when: Condition): boolean => decide(permits(when), inputs({ call })).decision.result.kind === 'show';
  return passes(condition) ? true : passes(not(condition)) ? false : null;
};

describe('what was understood', () => {
  it('does not depend on the order in which it is found, nor on events that come late', () => {
    const backwards = understand(understand(heard, MODEL, [NOTHING]), MODEL, [LEAVING]);
    expect(backwards).toEqual(read);
    const late = event('sotto.call.held', { agentId: 'agent-1' }, NOW_MS - 8_500);
    const gapped = { ...read, events: read.events.map((one) => (one.seq > 4 ? { ...one, seq: one.seq + 1 } : one)) };
    const folded = reduceCall(gapped, { seq: 5, event: late });
    expect(folded).toMatchObject({ understoodBy: MODEL, understood: read.understood, holds: 1 });
  });

  it('is another model’s alone once that reads, and nothing without one', () => {
    const other = 'f'.repeat(64);
    expect(understand(read, other, [NOTHING])).toMatchObject({ understoodBy: other, understood: [NOTHING] });
    expect(understand(read, null, [LEAVING])).toMatchObject({ understoodBy: null, understood: [] });
    expect(unreadBy(read, MODEL)).toEqual([]);
    expect(unreadBy(read, other).map(({ seq }) => seq)).toEqual([4, 6]);
    expect(unreadBy(understand(heard, MODEL, [LEAVING]), MODEL).map(({ seq }) => seq)).toEqual([6]);
  });

  it('is true, false, or unknown: of what no model read, or not all', () => {
    const half = understand(heard, MODEL, [LEAVING]);
    expect([about('leaving'), about('moving')].map((when) => truthOf(when, read))).toEqual([true, false]);
    expect([about('leaving'), about('moving')].map((when) => truthOf(when, half))).toEqual([true, null]);
    expect([about('leaving'), about('moving')].map((when) => truthOf(when, heard))).toEqual([null, null]);
    expect(truthOf(about('moving'), { ...read, gaps: [{ fromSeq: 9, toSeq: 9 }] })).toBeNull();
    // Nobody has said anything: there is nothing to know.
    expect(truthOf(about('leaving'), activeCall())).toBe(false);
    // A phrase that was heard is enough, whatever the model does.
    expect(truthOf(or(said('off'), about('moving')), heard)).toBe(true);
  });

  it('is the last that was understood, which a refusal does not take back', () => {
    expect(truthOf(is('call.intent', '==', 'leaving'), read)).toBe(true);
    expect(truthOf(is('call.intentConfidence', '>=', 0.9), read)).toBe(true);
    expect(truthOf(is('call.intent', '==', 'moving'), understand(heard, MODEL, [LEAVING, { ...NOTHING, intent: 'moving' }]))).toBe(true);
    expect(truthOf(is('call.intent', '==', 'leaving'), understand(heard, MODEL, [NOTHING]))).toBeNull();
  });

  it('holds a care rule while it is unknown', () => {
    const policy = revision([action('a', { sales: true })], { care: [{ id: 'c', name: 'C', ...stated(about('hardship')) }] });
    const shows = (call: CallState): string => decide(policy, inputs({ call })).decision.result.kind;
    expect([read, heard, understand(heard, MODEL, [{ ...LEAVING, intent: 'hardship' }, NOTHING])].map(shows)).toEqual([
      'show',
      'refrain',
      'refrain',
    ]);
  });

  it('moves a propensity as a feature, and the record takes the decision again without call or model of text', () => {
    const weights = Buffer.from(new Float64Array([2, 0, 0, 0]).buffer).toString('base64');
    const manifest: AdditiveManifest = {
      id: 'm',
      kind: 'additive',
      version: 1,
      features: [
        { kind: 'one-hot', field: 'call.intent', values: ['leaving'] },
        { kind: 'contains', field: 'call.intents', values: ['moving'] },
      ],
      width: 4,
      actions: [{ id: 'a', evidence: 1e9, positives: 1e6, intercept: -1, weights }],
    };
    const policy = revision([action('a', { reasons: [{ when: always, text: 'Because' }] })]);
    const decider = deciderOf(policy);
    const model = compileModel(decider.compiled, manifest, 'd'.repeat(64));
    const propensity = (call: CallState): number => {
      const decision = decider.decide(inputs({ call }), model);
      const json = decision.recordJson;
      const record = DecisionRecord.parse(JSON.parse(json));
      const again = deciderOf(policy);
      expect(again.decideAgain(record, model).recordJson).toBe(json);
      return decision.result.kind === 'show' ? (decision.result.prompts[0]?.propensity ?? 0) : 0;
    };
    expect(propensity(read)).toBeCloseTo(1 / (1 + Math.exp(-1)), 3);
    expect(propensity(heard)).toBeCloseTo(1 / (1 + Math.exp(1)), 3);
    expect([...featureVector(manifest.features, decider.filter(inputs({ call: read })))]).toEqual([1, 0, 0, 0]);
    expect([...featureVector(manifest.features, decider.filter(inputs({ call: heard })))]).toEqual([0, 1, 0, 1]);
  });
});
