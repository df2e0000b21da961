/** The demonstration's committed model of text is what the committed sentences give. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServedBundle } from '#contract/served-bundle.ts';
import { IntentManifest } from '#contract/text-model.ts';
import { modelFileFault } from '#learning';
import { readModelFolder } from '#main/cli/read-model-folder.ts';
import { runSotto } from '#test/cli/run-sotto.ts';
import { sha256 } from '#test/engine/demonstration.ts';

const DEMONSTRATION = path.join(import.meta.dirname, '..', '..', 'central', 'demo');
const BUNDLE = path.join(DEMONSTRATION, 'models', 'intent');
const DATA = path.join(DEMONSTRATION, 'training', 'utterances.csv');
const manifest = IntentManifest.parse(JSON.parse(readFileSync(path.join(BUNDLE, 'manifest.json'), 'utf8')));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-intents-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the demonstration's model of text", () => {
  it('is what training on the committed sentences gives, byte for byte', async () => {
    const args = ['model', 'train', 'intent', '--data', DATA, '--text', 'text', '--label', 'label', '--out', folder];
    const { code, err } = await runSotto(args);
    expect(code, err).toBe(0);
    const again = 'train it again (docs/TEXT-MODELS.md has the command) and commit both files';
    for (const file of ['model.onnx', 'manifest.json'])
      expect(Buffer.compare(readFileSync(path.join(folder, file)), readFileSync(path.join(BUNDLE, file))), again).toBe(0);
  });

  it('is a file that a desk would look at, and no other is', () => {
    const read = readModelFolder(BUNDLE);
    if (!read.ok) throw new Error(read.words);
    expect(ServedBundle.parse(read.bundle).manifest.kind).toBe('intent');
    expect(modelFileFault(read.bundle, sha256)).toBeNull();
    const wider = { ...read.bundle, manifest: { ...manifest, labels: [...manifest.labels, 'another'] } };
    expect(modelFileFault(wider, sha256)).toMatch(/wrong-output/);
  });

  it('knows what belongs to nothing, and is small', () => {
    expect(manifest.outOfScope).toBe(true);
    expect(manifest.card.outOfScopeRecall).toBeGreaterThan(0.7);
    expect(manifest.card.accuracy).toBeGreaterThan(0.6);
    expect(manifest.bytes).toBeLessThan(10_000_000);
  });
});
