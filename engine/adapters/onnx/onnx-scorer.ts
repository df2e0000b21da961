/** The Scorer port on onnxruntime: models from bytes, after their hash, before their first use checked against their golden inputs. */
import { createHash } from 'node:crypto';
import { wordsOf } from '#contract/fault.ts';
import type { ModelBundle, ModelManifest } from '#contract/model.ts';
import type { Loaded, Scored, Scorer } from '#ports/scorer.ts';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { openSession } from './open-session.ts';

const INPUTS = ['action', 'features'];
const OUTPUT = 'propensity';

/** How far a golden output may be off, relative to the wanted one. */
const GOLDEN_TOLERANCE = 1e-5;

const faulty = (reason: Extract<Loaded, { ok: false }>['reason'], words: string): Loaded => ({ ok: false, reason, words });

export class OnnxScorer implements Scorer {
  #session: InferenceSession | null = null;

  async load({ manifest, onnxBase64 }: ModelBundle): Promise<Loaded> {
    const bytes = Buffer.from(onnxBase64, 'base64');
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (bytes.length !== manifest.bytes || hash !== manifest.onnx) {
      return faulty('hash-mismatch', `Model ${manifest.id} ${manifest.version} is not the file its manifest names. Fetch it again.`);
    }
    let session: InferenceSession;
    try {
      session = await openSession(bytes);
    } catch (error) {
      return faulty('not-loadable', `Model ${manifest.id} ${manifest.version} cannot be loaded: ${wordsOf(error)}`);
    }
    const wrong = await this.#misbehaves(session, manifest);
    if (wrong !== null) {
      await session.release();
      return wrong;
    }
    await this.#session?.release();
    this.#session = session;
    return { ok: true };
  }

  async score(features: Float32Array, actions: readonly number[], withinMs: number): Promise<Scored> {
    if (this.#session === null) return { ok: false, reason: 'no-model', words: 'No model is loaded.' };
    const startMs = performance.now();
    const scored = await run(this.#session, features, actions);
    if (scored.ok && performance.now() - startMs > withinMs) {
      return { ok: false, reason: 'late', words: `The model took longer than ${withinMs} ms.` };
    }
    return scored;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.release();
  }

  async #misbehaves(session: InferenceSession, manifest: ModelManifest): Promise<Loaded | null> {
    const name = `Model ${manifest.id} ${manifest.version}`;
    const inputs = session.inputNames.toSorted();
    if (inputs.join() !== INPUTS.join() || !session.outputNames.includes(OUTPUT)) {
      return faulty('wrong-interface', `${name} must take ${INPUTS.join(' and ')} and give ${OUTPUT}; it takes ${inputs.join(', ')}.`);
    }
    for (const [index, golden] of manifest.golden.entries()) {
      if (golden.features.length !== manifest.width || golden.action >= manifest.actions.length) {
        return faulty('wrong-interface', `${name}: golden input ${index} does not fit the manifest.`);
      }
      const scored = await run(session, Float32Array.from(golden.features), [golden.action]);
      if (!scored.ok) return faulty('golden-mismatch', `${name}: golden input ${index} gave no propensity. ${scored.words}`);
      const found = scored.propensity[0] ?? Number.NaN;
      if (!(Math.abs(found - golden.propensity) <= GOLDEN_TOLERANCE * Math.abs(golden.propensity))) {
        return faulty('golden-mismatch', `${name}: golden input ${index} gave ${found} instead of ${golden.propensity}.`);
      }
    }
    return this.#warm(session, manifest);
  }

  /** Every action in one batch, as the largest decision will ask for it: memory is laid out before the first card waits for it. */
  async #warm(session: InferenceSession, manifest: ModelManifest): Promise<Loaded | null> {
    const all = manifest.actions.map((_, index) => index);
    if (all.length === 0) return null;
    const scored = await run(session, new Float32Array(manifest.width), all);
    return scored.ok ? null : faulty('golden-mismatch', `Model ${manifest.id} ${manifest.version}: ${scored.words}`);
  }
}

async function run(session: InferenceSession, features: Float32Array, actions: readonly number[]): Promise<Scored> {
  const rows = actions.length;
  if (rows === 0) return { ok: true, propensity: new Float32Array(0) };
  const tiled = new Float32Array(rows * features.length);
  for (let row = 0; row < rows; row++) tiled.set(features, row * features.length);
  const feeds = {
    features: new Tensor('float32', tiled, [rows, features.length]),
    action: new Tensor('int64', BigInt64Array.from(actions, BigInt), [rows]),
  };
  try {
    const output = (await session.run(feeds, [OUTPUT]))[OUTPUT];
    const propensity = output?.data;
    if (!(propensity instanceof Float32Array) || propensity.length !== rows || !propensity.every((p) => p >= 0 && p <= 1)) {
      return { ok: false, reason: 'bad-output', words: `The model gave something other than ${rows} propensities from 0 to 1.` };
    }
    return { ok: true, propensity };
  } catch (error) {
    return { ok: false, reason: 'failed', words: `The model failed: ${wordsOf(error)}` };
  }
}
