/** The TextScorer port on onnxruntime: models from bytes, after their hash, before their first use checked against their golden inputs. */
import { createHash } from 'node:crypto';
import { wordsOf } from '#contract/fault.ts';
import type { Loaded } from '#ports/scorer.ts';
import type { TextModelFile, TextRow, TextScored, TextScorer } from '#ports/text-scorer.ts';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { openSession } from './open-session.ts';

const INPUTS = ['places', 'weights'];
const OUTPUT = 'probabilities';
/** How far a golden probability may be off. */
const GOLDEN_TOLERANCE = 1e-5;

const faulty = (reason: Extract<Loaded, { ok: false }>['reason'], words: string): Loaded => ({ ok: false, reason, words });

export class OnnxTextScorer implements TextScorer {
  #session: InferenceSession | null = null;
  #classes = 0;

  async load(file: TextModelFile): Promise<Loaded> {
    const hash = createHash('sha256').update(file.onnx).digest('hex');
    if (file.onnx.length !== file.bytes || hash !== file.sha256)
      return faulty('hash-mismatch', `Model ${file.name} is not the file its manifest names. Fetch it again.`);
    let session: InferenceSession;
    try {
      session = await openSession(file.onnx);
    } catch (error) {
      return faulty('not-loadable', `Model ${file.name} cannot be loaded: ${wordsOf(error)}`);
    }
    const wrong = await misbehaves(session, file);
    if (wrong !== null) {
      await session.release();
      return wrong;
    }
    await this.#session?.release();
    this.#session = session;
    this.#classes = file.classes;
    return { ok: true };
  }

  async score(rows: readonly TextRow[]): Promise<TextScored> {
    if (this.#session === null) return { ok: false, reason: 'no-model', words: 'No model is loaded.' };
    return run(this.#session, rows, this.#classes);
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.release();
  }
}

async function misbehaves(session: InferenceSession, { name, classes, golden }: TextModelFile): Promise<Loaded | null> {
  const inputs = session.inputNames.toSorted();
  if (inputs.join() !== INPUTS.join() || session.outputNames.join() !== OUTPUT)
    return faulty('wrong-interface', `Model ${name} must take ${INPUTS.join(' and ')} and give ${OUTPUT}; it takes ${inputs.join(', ')}.`);
  const scored = await run(
    session,
    golden.map(({ row }) => row),
    classes,
  );
  if (!scored.ok) return faulty('golden-mismatch', `Model ${name} gave nothing for its golden inputs. ${scored.words}`);
  for (const [at, { probabilities }] of golden.entries()) {
    const off = probabilities.findIndex(
      (wanted, label) => !(Math.abs((scored.probabilities[at * classes + label] as number) - wanted) <= GOLDEN_TOLERANCE),
    );
    if (off >= 0 || probabilities.length !== classes)
      return faulty('golden-mismatch', `Model ${name}: golden input ${at} gave another probability for label ${off} than it must.`);
  }
  return null;
}

async function run(session: InferenceSession, rows: readonly TextRow[], classes: number): Promise<TextScored> {
  if (rows.length === 0) return { ok: true, probabilities: new Float32Array(0) };
  const longest = rows.reduce((most, { places }) => Math.max(most, places.length), 1);
  const places = new BigInt64Array(rows.length * longest);
  const weights = new Float32Array(rows.length * longest);
  for (const [at, row] of rows.entries())
    for (let entry = 0; entry < row.places.length; entry++) {
      places[at * longest + entry] = BigInt(row.places[entry] as number);
      weights[at * longest + entry] = row.weights[entry] as number;
    }
  const shape = [rows.length, longest];
  try {
    const output = (
      await session.run({ places: new Tensor('int64', places, shape), weights: new Tensor('float32', weights, shape) }, [OUTPUT])
    )[OUTPUT];
    const probabilities = output?.data;
    if (
      !(probabilities instanceof Float32Array) ||
      probabilities.length !== rows.length * classes ||
      !probabilities.every((p) => p >= 0 && p <= 1)
    )
      return { ok: false, reason: 'bad-output', words: `The model gave something other than ${rows.length} × ${classes} probabilities.` };
    return { ok: true, probabilities };
  } catch (error) {
    return { ok: false, reason: 'failed', words: `The model failed: ${wordsOf(error)}` };
  }
}
