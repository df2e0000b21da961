import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import { demonstrationModel } from '../engine/demonstration.ts';

const MODEL = demonstrationModel();
const scorers: OnnxScorer[] = [];
const scorer = (): OnnxScorer => {
  const made = new OnnxScorer();
  scorers.push(made);
  return made;
};
afterEach(async () => {
  for (const made of scorers.splice(0)) await made.close();
});

const LONG_MS = 60_000;
const golden = MODEL.manifest.golden[0];
if (golden === undefined) throw new Error('the demonstration model has no golden input');
const features = Float32Array.from(golden.features);
const everyAction = MODEL.manifest.actions.map((_, index) => index);

describe('a scorer', () => {
  test('gives the golden outputs, and in one batch what it gives one by one', async () => {
    const made = scorer();
    expect(await made.load(MODEL)).toEqual({ ok: true });
    const batch = await made.score(features, everyAction, LONG_MS);
    if (!batch.ok) throw new Error(batch.words);
    expect(batch.propensity).toHaveLength(everyAction.length);
    expect(batch.propensity[golden.action]).toBeCloseTo(golden.propensity, 5);
    for (const action of [everyAction.length - 1, 0, golden.action]) {
      const one = await made.score(features, [action], LONG_MS);
      expect(one.ok && one.propensity[0]).toBe(batch.propensity[action]);
    }
    expect(await made.score(features, [], LONG_MS)).toEqual({ ok: true, propensity: new Float32Array(0) });
  });

  test('without a model, late, and asked for what the model does not have: a value with words, never a throw', async () => {
    const made = scorer();
    expect(await made.score(features, [0], LONG_MS)).toMatchObject({ ok: false, reason: 'no-model' });
    await made.load(MODEL);
    expect(await made.score(features, everyAction, -1)).toMatchObject({ ok: false, reason: 'late' });
    expect(await made.score(features, [everyAction.length], LONG_MS)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/failed|bad-output/),
    });
    expect(await made.score(new Float32Array(3), [0], LONG_MS)).toMatchObject({ ok: false, reason: 'failed' });
    expect(
      await made.score(
        features.map(() => Number.NaN),
        [0],
        LONG_MS,
      ),
    ).toMatchObject({ ok: false, reason: 'bad-output' });
    expect(await made.score(features, [0], LONG_MS)).toMatchObject({ ok: true });
  });

  test('[V3] every byte counts: files that were cut, changed or swapped are refused before they are loaded', async () => {
    const made = scorer();
    await made.load(MODEL);
    const bytes = Buffer.from(MODEL.onnxBase64, 'base64');
    const bad = [bytes.subarray(0, bytes.length - 1), Buffer.alloc(0), Buffer.concat([bytes, Buffer.from([0])])];
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 40)) {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 0x10;
      bad.push(copy);
    }
    expect(bad.length).toBeGreaterThan(40);
    for (const onnx of bad)
      expect(await made.load({ ...MODEL, onnxBase64: onnx.toString('base64') })).toMatchObject({ ok: false, reason: 'hash-mismatch' });
    expect(await made.score(features, [golden.action], LONG_MS)).toMatchObject({ ok: true });
  });

  test('[V3] a file with the right hash that is no model, and golden inputs that do not fit, are refused', async () => {
    const junk = Buffer.from('this is not a model');
    const manifest = { ...MODEL.manifest, onnx: createHash('sha256').update(junk).digest('hex'), bytes: junk.length };
    const made = scorer();
    expect(await made.load({ ...MODEL, manifest, onnxBase64: junk.toString('base64') })).toMatchObject({
      ok: false,
      reason: 'not-loadable',
    });
    for (const [change, reason] of [
      [{ propensity: golden.propensity + 0.01 }, 'golden-mismatch'],
      [{ propensity: Number.NaN }, 'golden-mismatch'],
      [{ features: golden.features.slice(1) }, 'wrong-interface'],
      [{ action: everyAction.length }, 'wrong-interface'],
    ] as const) {
      const wrong = { ...MODEL, manifest: { ...MODEL.manifest, golden: [{ ...golden, ...change }] } };
      expect(await made.load(wrong)).toMatchObject({ ok: false, reason });
    }
    expect(await made.score(features, [0], LONG_MS)).toMatchObject({ ok: false, reason: 'no-model' });
  });
});
