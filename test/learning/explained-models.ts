/** Models to be taken apart, and customers as they read them. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Contributions } from '#contract/contribution.ts';
import type { FeatureDefinition, ModelBundle, ModelManifest } from '#contract/model.ts';
import { canonicalJson, featureVector, featureWidth } from '#core';
import type { Tree } from './tree-graphs.ts';

export type Exact = Extract<Contributions, { exact: true }>;
export const exact = (found: Contributions): Exact => {
  if (!found.exact) throw new Error(found.why);
  return Contributions.parse(found) as Exact;
};
export const said = (found: Contributions): string => (found.exact ? 'exact' : found.why);
export const logOddsOf = ({ base, contributions }: Exact): number => contributions.reduce((sum, { logOdds }) => sum + logOdds, base);
export const sizeOf = ({ base, contributions }: Exact): number =>
  contributions.reduce((sum, { logOdds }) => sum + Math.abs(logOdds), Math.abs(base));
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
export const nothing = { field: () => null };

export const FEATURES: readonly FeatureDefinition[] = [
  { kind: 'number', field: 'profile.tenureMonths', mean: 12, scale: 8, clip: 3 },
  { kind: 'one-hot', field: 'profile.plan', values: ['basic', 'plus', 'max'] },
  { kind: 'flag', field: 'profile.hardship' },
  { kind: 'contains', field: 'profile.products', values: ['mobile', 'tv'] },
];
export const WIDTH = featureWidth(FEATURES);
/** First column of each feature, and one past the last. */
export const STARTS = [0, 2, 6, 8, 11];
export const ACTIONS = ['a', 'b'];

/** A bundle around a file; golden outputs by `propensity`. */
export const bundleOf = (
  onnx: Uint8Array,
  golden: readonly (readonly number[])[],
  propensity: (row: readonly number[], action: number) => number,
  change: Partial<ModelManifest> = {},
): ModelBundle => {
  const manifest: ModelManifest = {
    id: 'test',
    kind: 'propensity',
    version: 1,
    onnx: sha256(onnx),
    bytes: onnx.length,
    features: [...FEATURES],
    width: WIDTH,
    actions: ACTIONS.map((id) => ({ id, evidence: 400, positives: 40 })),
    golden: golden.map((features, at) => ({ features: [...features], action: at % 2, propensity: propensity(features, at % 2) })),
    card: { trainedOn: '0'.repeat(64), rows: 1, positives: 1, auc: 0.5, logLoss: 0.5, brier: 0.5, ece: 0 },
    ...change,
  };
  return { hash: sha256(canonicalJson(manifest)), manifest, onnxBase64: Buffer.from(onnx).toString('base64') };
};

/** Customers, as the model reads them. */
export const aCustomer = fc.record({
  tenureMonths: fc.option(fc.integer({ min: 0, max: 60 })),
  plan: fc.option(fc.constantFrom('basic', 'plus', 'max')),
  hardship: fc.option(fc.boolean()),
  products: fc.option(fc.subarray(['mobile', 'internet', 'tv'])),
});
export type Customer = typeof aCustomer extends fc.Arbitrary<infer T> ? T : never;
export const fieldsOf = (customer: Customer) => ({
  field: (path: string) => customer[path.slice('profile.'.length) as keyof Customer] ?? null,
});
export const vectorOf = (customer: Customer): Float32Array => featureVector(FEATURES, fieldsOf(customer));
export const aBackground = fc.array(
  aCustomer.map((customer) => [...vectorOf(customer)]),
  { minLength: 1, maxLength: 4 },
);
export const TREES: readonly Tree[] = [
  {
    column: 0,
    threshold: 0.5,
    yes: { column: 3, threshold: 0.5, yes: -1, no: 0.25 },
    no: { column: 6, mode: 'BRANCH_GT', threshold: 0, yes: 1.5, no: 0 },
  },
  {
    column: 8,
    mode: 'BRANCH_EQ',
    threshold: 1,
    yes: { column: 3, threshold: 0.5, yes: 0.75, no: -0.5 },
    no: { column: 1, threshold: 0, yes: 0.1, no: -2 },
  },
];
