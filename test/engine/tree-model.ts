/** A model of trees for the demonstration's actions that also reads fields which nothing in its policy asks for. */
import type { FeatureDefinition, ModelBundle, ModelManifest } from '#contract/model.ts';
import { canonicalJson, featureWidth } from '#core';
import { logistic } from '#learning';
import { plainSum, sigmoidOfTrees } from '../learning/shapley-oracle.ts';
import type { Tree } from '../learning/tree-graphs.ts';
import { demonstrationModel, sha256 } from './demonstration.ts';
import { signed } from './signing.ts';

/** No condition of the demonstration reads the first two. */
export const MODEL_ONLY = ['profile.lastBill', 'profile.mobileGb'] as const;
export const TREE_FEATURES: readonly FeatureDefinition[] = [
  { kind: 'number', field: MODEL_ONLY[0], mean: 0, scale: 1, clip: 1_000 },
  { kind: 'number', field: MODEL_ONLY[1], mean: 0, scale: 1, clip: 1_000 },
  { kind: 'number', field: 'call.elapsedS', mean: 0, scale: 1, clip: 10_000 },
];
/** The bill against the length of the call; then whether the data used is known. */
export const TREES: readonly Tree[] = [
  {
    column: 0,
    threshold: 60,
    yes: -0.5,
    no: { column: 4, threshold: 30, yes: 1.25, no: -1 },
  },
  { column: 3, threshold: 0.5, yes: { column: 2, threshold: 10, yes: 0.25, no: 0.75 }, no: -0.25 },
];
const GOLDEN = [
  [0, 1, 0, 1, 0, 1],
  [40, 0, 5, 0, 20, 0],
  [90, 0, 20, 0, 90, 0],
] as const;

export function treeModel(change: Partial<ModelManifest> = {}): ModelBundle {
  const width = featureWidth(TREE_FEATURES);
  const onnx = sigmoidOfTrees(width, TREES);
  const manifest: ModelManifest = {
    ...demonstrationModel().manifest,
    id: 'trees',
    onnx: sha256(onnx),
    bytes: onnx.length,
    features: [...TREE_FEATURES],
    width,
    golden: GOLDEN.map((features) => ({
      features: [...features],
      action: 0,
      propensity: Math.fround(logistic(plainSum(TREES, features))),
    })),
    background: GOLDEN.map((features) => [...features]),
    transparency: 4,
    ...change,
  };
  return signed({ hash: sha256(canonicalJson(manifest)), manifest, onnxBase64: Buffer.from(onnx).toString('base64') });
}
