/**
 * How large a stored record is at 1,000 actions of which a third are scored by a model outside the core. That is the larger
 * kind: the record holds every score, and what the model read besides what the policy asks.
 */
import { expect, it } from 'vitest';
import { DecisionRecord } from '#contract/decision-record.ts';
import type { FeatureDefinition, ModelManifest } from '#contract/model.ts';
import type { FieldValue } from '#contract/profile.ts';
import { compileModel, compileRevision, Decider, featureVector, featureWidth } from '#core';
import { checkRevision } from '#policy';
import { mulberry32 } from '../bench/decide/mulberry32.ts';
import { policyText } from '../bench/decide/policy-text.ts';
import { makeWorkload, NUMBERS, VALUES, WORDS } from '../bench/decide/workload.ts';
import { core, HOUR_MS, inputs, NOW_MS, profile } from './fixtures.ts';

const ACTIONS = 1_000;
const ID = '01234567-89ab-4cde-8f01-23456789abcd';
/** Fields that only the model reads. */
const TARIFFS = ['landline', 'fibre-100', 'fibre-250', 'fibre-500', 'unlimited'] as const;
const MORE_NUMBERS = 20;
const MORE_WORDS = 10;
const MORE_FIELDS = [
  ...Array.from({ length: MORE_NUMBERS }, (_, i) => `- path: profile.m${i}\n  type: number\n`),
  ...Array.from({ length: MORE_WORDS }, (_, i) => `- path: profile.t${i}\n  type: enum\n  values: [${TARIFFS.join(', ')}]\n`),
].map((field) => `${field}  label: Only the model\n  subject: customer\n  kind: behaviour\n`);

const number = (field: string): FeatureDefinition => ({ kind: 'number', field, mean: 500, scale: 300, clip: 5 });
const FEATURES: readonly FeatureDefinition[] = [
  ...Array.from({ length: NUMBERS }, (_, i) => number(`profile.f${i}`)),
  ...Array.from({ length: WORDS }, (_, i): FeatureDefinition => ({ kind: 'one-hot', field: `profile.c${i}`, values: [...VALUES] })),
  ...Array.from({ length: MORE_NUMBERS }, (_, i) => number(`profile.m${i}`)),
  ...Array.from({ length: MORE_WORDS }, (_, i): FeatureDefinition => ({ kind: 'one-hot', field: `profile.t${i}`, values: [...TARIFFS] })),
];

const workload = makeWorkload(ACTIONS);
const random = mulberry32(41);

const revision = (() => {
  const files = policyText(workload, { limits: true });
  const check = checkRevision(
    files.map((file) => (file.path === 'fields.yaml' ? { ...file, text: `${file.text}${MORE_FIELDS.join('')}` } : file)),
    { hash: 'a'.repeat(64) },
  );
  if (!check.ok) throw new Error(`no policy: ${JSON.stringify(check.faults[0])}`);
  return check.revision;
})();

const manifest: ModelManifest = {
  id: 'outside',
  kind: 'propensity',
  version: 1,
  onnx: '0'.repeat(64),
  bytes: 1,
  features: [...FEATURES],
  width: featureWidth(FEATURES),
  actions: workload.actions.map(({ id }) => ({ id, evidence: 400, positives: 40 })),
  golden: [{ features: FEATURES.flatMap(() => []), action: 0, propensity: 0.5 }],
  card: { trainedOn: '0'.repeat(64), rows: 1, positives: 1, auc: 0.5, logLoss: 0.5, brier: 0.5, ece: 0 },
};

it('is at most 4 KB in the middle and 16 KB at p99, and leads to the same decision and the same features again', () => {
  const compiled = compileRevision(revision);
  const decider = new Decider(compiled, core);
  const model = compileModel(compiled, manifest, 'd'.repeat(64));
  expect(model.extraFields).toHaveLength(MORE_NUMBERS + MORE_WORDS);
  const sizes: number[] = [];
  let scored = 0;
  for (const known of workload.profiles) {
    const fields: Record<string, FieldValue> = { ...known };
    for (let i = 0; i < MORE_NUMBERS; i++) fields[`m${i}`] = Math.round(random() * 100_000) / 100;
    for (let i = 0; i < MORE_WORDS; i++) fields[`t${i}`] = TARIFFS[Math.floor(random() * TARIFFS.length)]!;
    const history = Array.from({ length: 60 }, (_, i) => ({
      kind: 'seen' as const,
      channel: 'voice' as const,
      atMs: NOW_MS - i * 9 * HOUR_MS,
      actionId: `a${Math.floor(random() * ACTIONS)}`,
    }));
    const given = inputs({ decisionId: ID, deviceId: ID, profile: profile({ fields, history }) });
    const candidates = decider.filter(given, model);
    const propensity = Float32Array.from(candidates.actions, () => random());
    const read = featureVector(manifest.features, candidates);
    scored += propensity.length;
    const { recordJson, recordBytes } = decider.arbitrate(given, candidates, { rung: 'model', propensity, model });
    sizes.push(recordBytes.length);
    const record = DecisionRecord.parse(JSON.parse(recordJson));
    expect(decider.decideAgain(record, model).recordJson).toBe(recordJson);
    expect(featureVector(manifest.features, decider.recorded(record, model).candidates)).toEqual(read);
  }
  const share = scored / sizes.length / ACTIONS;
  expect(share).toBeGreaterThan(0.3);
  expect(share).toBeLessThan(0.4);
  sizes.sort((a, b) => a - b);
  const [median, p99] = [sizes[sizes.length >> 1]!, sizes[Math.floor(sizes.length * 0.99)]!];
  console.log(`${Math.round(share * ACTIONS)} of ${ACTIONS} scored outside the core: record ${median} bytes, p99 ${p99}`);
  expect(median).toBeLessThanOrEqual(4_096);
  expect(p99).toBeLessThanOrEqual(16_384);
});
