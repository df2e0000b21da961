/** The TextScorer port on onnxruntime: models from bytes, after their hash, before their first use checked against their golden inputs. */
import { createHash } from 'node:crypto';
import { wordsOf } from '#contract/fault.ts';
import type { Loaded } from '#ports/scorer.ts';
import type { OptionsScored, TextModelFile, TextRow, TextScored, TextScorer } from '#ports/text-scorer.ts';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { openSession } from './open-session.ts';

/** What a model of text takes and gives, and what one that also chooses among options does. */
const INTERFACES = ['places,weights → probabilities', 'options,places,weights → probabilities,scores'];
const NO_ROW: TextRow = { places: [], weights: [] };
const NO_OPTION: readonly ArrayLike<number>[] = [[]];
/** How far a golden probability may be off. */
const GOLDEN_TOLERANCE = 1e-5;

const NO_MODEL = { ok: false, reason: 'no-model', words: 'No model is loaded.' } as const;
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
    if (this.#session === null) return NO_MODEL;
    if (rows.length === 0) return { ok: true, probabilities: new Float32Array(0) };
    return probabilitiesOf(this.#session, rows, this.#classes);
  }

  async scoreOptions(options: readonly ArrayLike<number>[]): Promise<OptionsScored> {
    if (this.#session === null) return NO_MODEL;
    if (options.length === 0) return { ok: true, scores: new Float32Array(0) };
    return scoresOf(this.#session, options);
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.release();
  }
}

async function misbehaves(session: InferenceSession, { name, classes, golden }: TextModelFile): Promise<Loaded | null> {
  const found = `${session.inputNames.toSorted().join()} → ${session.outputNames.toSorted().join()}`;
  if (!INTERFACES.includes(found)) return faulty('wrong-interface', `Model ${name} must be ${INTERFACES.join(' or ')}; it is ${found}.`);
  const scored = await probabilitiesOf(
    session,
    golden.map(({ row }) => row),
    classes,
  );
  if (!scored.ok) return faulty('golden-mismatch', `Model ${name} gave nothing for its golden inputs. ${scored.words}`);
  for (const [at, { probabilities, options, scores = [] }] of golden.entries()) {
    if (isOff(scored.probabilities.subarray(at * classes, (at + 1) * classes), probabilities))
      return faulty('golden-mismatch', `Model ${name}: golden input ${at} gave other probabilities than it must.`);
    if (options === undefined) continue;
    const chosen = await scoresOf(session, options);
    if (!chosen.ok || isOff(chosen.scores, scores))
      return faulty('golden-mismatch', `Model ${name}: the options of golden input ${at} got other scores than they must.`);
  }
  return null;
}

const isOff = (found: Float32Array, wanted: readonly number[]): boolean =>
  found.length !== wanted.length ||
  wanted.some((number, at) => !(Math.abs((found[at] as number) - number) <= GOLDEN_TOLERANCE * Math.max(1, Math.abs(number))));

/** Rows of different lengths as one block, filled up with zeros. */
function padded(rows: readonly ArrayLike<number>[]): Tensor {
  const longest = rows.reduce((most, { length }) => Math.max(most, length), 1);
  const block = new BigInt64Array(rows.length * longest);
  for (const [at, row] of rows.entries())
    for (let entry = 0; entry < row.length; entry++) block[at * longest + entry] = BigInt(row[entry] as number);
  return new Tensor('int64', block, [rows.length, longest]);
}

async function run(
  session: InferenceSession,
  rows: readonly TextRow[],
  options: readonly ArrayLike<number>[],
  output: 'probabilities' | 'scores',
): Promise<Float32Array | string> {
  const places = padded(rows.map((row) => row.places));
  const [count = 0, longest = 0] = places.dims;
  const weights = new Float32Array(count * longest);
  for (const [at, row] of rows.entries())
    for (let entry = 0; entry < row.weights.length; entry++) weights[at * longest + entry] = row.weights[entry] as number;
  const feeds = { places, weights: new Tensor('float32', weights, places.dims) };
  const all = session.inputNames.includes('options') ? { ...feeds, options: padded(options) } : feeds;
  try {
    const found = (await session.run(all, [output]))[output]?.data;
    return found instanceof Float32Array ? found : `The model gave no ${output}.`;
  } catch (error) {
    return `The model failed: ${wordsOf(error)}`;
  }
}

async function probabilitiesOf(session: InferenceSession, rows: readonly TextRow[], classes: number): Promise<TextScored> {
  const found = await run(session, rows, NO_OPTION, 'probabilities');
  if (typeof found === 'string') return { ok: false, reason: 'failed', words: found };
  if (found.length !== rows.length * classes || !found.every((p) => p >= 0 && p <= 1))
    return { ok: false, reason: 'bad-output', words: `The model gave something other than ${rows.length} × ${classes} probabilities.` };
  return { ok: true, probabilities: found };
}

async function scoresOf(session: InferenceSession, options: readonly ArrayLike<number>[]): Promise<OptionsScored> {
  const found = await run(session, [NO_ROW], options, 'scores');
  if (typeof found === 'string') return { ok: false, reason: 'failed', words: found };
  if (found.length !== options.length || !found.every(Number.isFinite))
    return { ok: false, reason: 'bad-output', words: `The model gave something other than ${options.length} scores.` };
  return { ok: true, scores: found };
}
