import type { ServedBundle } from '#contract/served-bundle.ts';
import { fromBase64 } from '#core';
import type { Sha256 } from '#ports/randomness.ts';
import { MAX_MODEL_BYTES, scanIntentModel, scanPropensityModel } from './scan-model.ts';

/** In words why the file of a bundle must not be handed to a runtime; null when it may. */
export function modelFileFault({ manifest, onnxBase64 }: ServedBundle, sha256: Sha256): string | null {
  // Four characters stand for three bytes: what is too long is not decoded at all.
  if (onnxBase64.length > Math.ceil(MAX_MODEL_BYTES / 3) * 4) return `its file is larger than ${MAX_MODEL_BYTES} bytes`;
  let bytes: Uint8Array;
  try {
    bytes = fromBase64(onnxBase64);
  } catch {
    return 'its file is not base64';
  }
  if (bytes.length !== manifest.bytes || sha256(bytes) !== manifest.onnx)
    return 'its file is not the one its manifest names by hash. Fetch it again';
  const [first] =
    manifest.kind === 'intent'
      ? scanIntentModel(bytes, manifest.labels.length + (manifest.outOfScope ? 1 : 0))
      : scanPropensityModel(bytes, manifest.width);
  return first === undefined ? null : `its file is refused (${first.code}): ${first.detail}`;
}
