import type { ModelBundle } from '#contract/model.ts';
import type { Sha256 } from '#ports/randomness.ts';
import { MAX_MODEL_BYTES, scanPropensityModel } from './scan-model.ts';

/** In words why the file of a bundle must not be handed to a runtime; null when it may. */
export function modelFileFault({ manifest, onnxBase64 }: ModelBundle, sha256: Sha256): string | null {
  // Four characters stand for three bytes: what is too long is not decoded at all.
  if (onnxBase64.length > Math.ceil(MAX_MODEL_BYTES / 3) * 4) return `its file is larger than ${MAX_MODEL_BYTES} bytes`;
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(onnxBase64), (character) => character.charCodeAt(0));
  } catch {
    return 'its file is not base64';
  }
  if (bytes.length !== manifest.bytes || sha256(bytes) !== manifest.onnx)
    return 'its file is not the one its manifest names by hash. Fetch it again';
  const [first] = scanPropensityModel(bytes, manifest.width);
  return first === undefined ? null : `its file is refused (${first.code}): ${first.detail}`;
}
