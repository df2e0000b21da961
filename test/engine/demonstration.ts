/** The demonstration's policy, model and customers, as a desk gets them from central. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelBundle, ModelManifest } from '#contract/model.ts';
import { IntentBundle } from '#contract/served-bundle.ts';
import { IntentManifest } from '#contract/text-model.ts';
import { RevisionBundle } from '#contract/policy.ts';
import { canonicalJson } from '#core';
import { revisionHash } from '#policy';
import { signed } from './signing.ts';

const DEMO = fileURLToPath(new URL('../../central/demo', import.meta.url));

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function demonstrationRevision(change: (path: string, text: string) => string = (_, text) => text): RevisionBundle {
  const folder = join(DEMO, 'policy');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = relative(folder, join(entry.parentPath, entry.name));
      return { path, text: change(path, readFileSync(join(folder, path), 'utf8')) };
    });
  if (files.length < 60) throw new Error(`only ${files.length} policy files found: the demonstration has moved`);
  return signed(RevisionBundle.parse({ hash: revisionHash(files, sha256), version: 1, publishedAtMs: Date.UTC(2025, 0, 1), files }));
}

export function demonstrationModel(change: (manifest: ModelManifest) => ModelManifest = (manifest) => manifest): ModelBundle {
  const folder = join(DEMO, 'models', 'propensity');
  const manifest = change(ModelManifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))));
  const onnx = readFileSync(join(folder, 'model.onnx'));
  return signed(ModelBundle.parse({ hash: sha256(canonicalJson(manifest)), manifest, onnxBase64: onnx.toString('base64') }));
}

export function demonstrationIntents(change: (manifest: IntentManifest) => IntentManifest = (manifest) => manifest): IntentBundle {
  const folder = join(DEMO, 'models', 'intent');
  const manifest = change(IntentManifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))));
  const onnx = readFileSync(join(folder, 'model.onnx'));
  return signed(IntentBundle.parse({ hash: sha256(canonicalJson(manifest)), manifest, onnxBase64: onnx.toString('base64') }));
}
