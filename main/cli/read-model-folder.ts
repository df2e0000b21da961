/** A folder as `sotto model train` writes it and `sotto model sign` signs it: model.onnx, manifest.json and, once signed, signed.json. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelBundle } from '#contract/model.ts';
import { isIntent, schemaOfServed, type ServedBundle } from '#contract/served-bundle.ts';
import { Signed } from '#contract/signature.ts';
import { canonicalJson } from '#core';
import { modelFileFault } from '#learning';

export const SIGNED_FILE = 'signed.json';

export type ReadFolder<T extends ServedBundle = ServedBundle> =
  | { readonly ok: true; readonly bundle: T }
  | { readonly ok: false; readonly words: string };

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** The bundle, if it is one that a desk would look at: what does not fit its schema or its manifest is refused in words. */
export function readModelFolder(folder: string): ReadFolder {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
    const onnxBase64 = readFileSync(path.join(folder, 'model.onnx')).toString('base64');
    const file = path.join(folder, SIGNED_FILE);
    const signed = existsSync(file) ? { signed: Signed.parse(JSON.parse(readFileSync(file, 'utf8'))) } : {};
    const whole = { hash: sha256(canonicalJson(manifest)), manifest, onnxBase64, ...signed };
    const bundle = schemaOfServed(whole).parse(whole);
    const fault = modelFileFault(bundle, sha256);
    return fault === null ? { ok: true, bundle } : { ok: false, words: `${folder}: ${fault}` };
  } catch (error) {
    return { ok: false, words: `${folder} cannot be read as a model: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The same where only a model that scores actions will do. */
export function readPropensityFolder(folder: string): ReadFolder<ModelBundle> {
  const read = readModelFolder(folder);
  if (!read.ok) return read;
  const { bundle } = read;
  return isIntent(bundle)
    ? { ok: false, words: `${folder} holds a model that tells intents: sotto model evaluate measures it` }
    : { ok: true, bundle };
}
