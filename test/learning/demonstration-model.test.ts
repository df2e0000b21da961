/** The demonstration's committed model bundle is what the committed data gives. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelManifest } from '#contract/model.ts';
import { scanPropensityModel } from '#learning';
import { readFieldCatalogue } from '#main/cli/read-field-catalogue.ts';
import { readPolicyFolder } from '#main/cli/read-policy-folder.ts';
import { runSotto } from '#test/cli/run-sotto.ts';

const DEMONSTRATION = path.join(import.meta.dirname, '..', '..', 'central', 'demo');
const BUNDLE = path.join(DEMONSTRATION, 'models', 'propensity');
const manifest = ModelManifest.parse(JSON.parse(readFileSync(path.join(BUNDLE, 'manifest.json'), 'utf8')));
const onnx = readFileSync(path.join(BUNDLE, 'model.onnx'));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-model-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the demonstration model', () => {
  it('is what training on the demonstration data gives, byte for byte', async () => {
    const what = ['--label', 'accepted', '--positive', '1', '--action', 'actionId', '--form', 'linear', '--out', folder];
    const data = [
      '--data',
      path.join(DEMONSTRATION, 'training', 'responses.csv'),
      '--fields',
      path.join(DEMONSTRATION, 'policy', 'fields.yaml'),
    ];
    const { code, err } = await runSotto(['model', 'train', 'propensity', ...what, ...data]);
    expect(code, err).toBe(0);
    const again = 'train it again: npm run sotto -- model train propensity … (see docs/CONTRIBUTING.md) and commit both files';
    expect(Buffer.compare(readFileSync(path.join(folder, 'model.onnx')), onnx), again).toBe(0);
    expect(readFileSync(path.join(folder, 'manifest.json'), 'utf8'), again).toBe(readFileSync(path.join(BUNDLE, 'manifest.json'), 'utf8'));
  });

  it('gives its golden outputs in the ONNX runtime', async () => {
    expect(scanPropensityModel(onnx, manifest.width)).toEqual([]);
    const session = await ort.InferenceSession.create(onnx);
    const rows = manifest.golden.length;
    const output = await session.run({
      features: new ort.Tensor('float32', Float32Array.from(manifest.golden.flatMap(({ features }) => features)), [rows, manifest.width]),
      action: new ort.Tensor('int64', BigInt64Array.from(manifest.golden.map(({ action }) => BigInt(action))), [rows]),
    });
    const scores = output['propensity']?.data as Float32Array;
    expect(rows).toBeGreaterThanOrEqual(16);
    for (const [at, { propensity }] of manifest.golden.entries())
      expect(Math.abs((scores[at] ?? Number.NaN) - propensity) / propensity, `golden ${at}`).toBeLessThan(1e-5);
    await session.release();
  });

  it('knows only actions of the policy, and no feature that is protected or a state of mind', async () => {
    const files = await readPolicyFolder(path.join(DEMONSTRATION, 'policy'));
    const actions = new Set(files.flatMap(({ path: file }) => /^actions\/[^/]+\/[^/]+\/([^/]+)\.yaml$/.exec(file)?.[1] ?? []));
    expect(manifest.actions.length).toBeGreaterThanOrEqual(60);
    expect(manifest.actions.filter(({ id }) => !actions.has(id))).toEqual([]);
    const catalogue = await readFieldCatalogue(path.join(DEMONSTRATION, 'policy', 'fields.yaml'));
    if (!catalogue.ok) throw new Error(catalogue.reason);
    const forbidden = catalogue.fields.filter(({ kind }) => kind === 'protected' || kind === 'affect').map(({ path: field }) => field);
    expect(forbidden.length).toBeGreaterThan(0);
    expect(manifest.features.filter(({ field }) => forbidden.includes(field))).toEqual([]);
  });

  it('ranks held-out responses better than chance, and its probabilities mean what they say', () => {
    expect(manifest.card.auc).toBeGreaterThan(0.6);
    expect(manifest.card.ece).toBeLessThan(0.05);
  });
});
