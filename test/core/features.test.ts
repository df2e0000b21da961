import { expect, it } from 'vitest';
import type { FeatureDefinition } from '#contract/model.ts';
import { featureVector, featureWidth } from '#core';
import { deciderOf } from './deciding.ts';
import { action, activeCall, inputs, isoAt, NOW_MS, profile, revision, utterance } from './fixtures.ts';

const FEATURES: readonly FeatureDefinition[] = [
  { kind: 'number', field: 'profile.tenureMonths', mean: 12, scale: 8, clip: 3 },
  { kind: 'number', field: 'call.elapsedS', mean: 0, scale: 1, clip: 5 },
  { kind: 'one-hot', field: 'profile.plan', values: ['basic', 'plus'] },
  { kind: 'flag', field: 'profile.hardship' },
  { kind: 'contains', field: 'call.topics', values: ['cancellation', 'other'] },
  { kind: 'number', field: 'profile.nowhere', mean: 0, scale: 1, clip: 1 },
];
const decider = deciderOf(revision([action('a')]));

it('features are the fields in their order, clipped, with a flag for what is unknown', () => {
  const call = activeCall([utterance('customer', 'cancel it', 1_000)]);
  expect(featureWidth(FEATURES)).toBe(2 + 2 + 3 + 2 + 3 + 2);
  const known = inputs({ call, profile: profile({ fields: { tenureMonths: 0, plan: 'plus', hardship: true } }) });
  expect([...featureVector(FEATURES, decider.filter(known))]).toEqual([-1.5, 0, 5, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1]);
  expect([...featureVector(FEATURES, decider.filter(inputs({ call, profile: null })))]).toEqual([0, 1, 5, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1]);
});

it('fields hold times as milliseconds and every field of the catalogue, used by the policy or not', () => {
  const values = decider.filter(inputs({ profile: profile({ fields: { contractEnds: isoAt(NOW_MS), plan: 'gold' } }) }));
  expect(values.field('profile.contractEnds')).toBe(NOW_MS);
  expect(values.field('profile.plan')).toBe(null);
  expect(values.field('call.phase')).toBe('active');
});
