/** What a bundle may be used for under a revision. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { readExplainable, transparencyOf } from '#learning';
import { checkModel, type ModelCheck } from '#policy';
import type { AdditiveManifest, ModelManifest } from '#contract/model.ts';

/** A model with all of it. */
export interface WholeModel {
  /** SHA-256 of the manifest's canonical JSON: what records name. */
  readonly hash: string;
  readonly manifest: ModelManifest | AdditiveManifest;
  /** Null for a model the core computes itself. */
  readonly onnx: Buffer | null;
}

/** The core computes it by weights that add up. */
const OF_THE_CORE = 5;

export const modelFit = (revision: CheckedRevision, { hash, manifest, onnx }: WholeModel): ModelCheck => {
  const transparency =
    manifest.kind === 'additive' || onnx === null
      ? OF_THE_CORE
      : transparencyOf(manifest, readExplainable({ hash, manifest, onnxBase64: onnx.toString('base64') }));
  return checkModel(revision, manifest, transparency);
};
