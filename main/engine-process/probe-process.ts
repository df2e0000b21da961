/**
 * Tries one model where it can do no harm: loads it, holds it against its golden inputs and runs it once as large as a decision can
 * ask. It has no store, no key and no connection; it says yes or why not, and ends. Saying nothing is a no.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ParentPort } from 'electron';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import { OnnxTextScorer } from '#adapters/onnx/onnx-text-scorer.ts';
import { type FromProbe, ToProbe } from '#contract/engine-port.ts';
import { faultLine } from '#contract/fault.ts';
import { type IntentBundle, isIntent, type ServedBundle } from '#contract/served-bundle.ts';
import { IntentReader, LONGEST_TEXT, MOST_READ_AT_ONCE } from '#learning';
import type { Loaded } from '#ports/scorer.ts';

/** `.ts` from the sources, `.js` from out/main. */
const WATCH = new URL(`./memory-watch${path.extname(import.meta.filename)}`, import.meta.url);

const port: ParentPort = process.parentPort;
const post = (message: FromProbe): void => port.postMessage(message);

port.once('message', ({ data }) => {
  const { bundle, residentBytes, endsInMs } = ToProbe.parse(data);
  // Without the switches of this process: what they load is for a process, not for a thread.
  const watch = new Worker(WATCH, { workerData: { residentBytes, endsInMs }, execArgv: [] });
  watch.once('error', fatal);
  // Not one instruction of the model before it is watched.
  watch.once('online', () => void tryOut(bundle).catch(fatal));
});
post({ op: 'up' });
process.once('disconnect', () => process.exit(0));
process.on('uncaughtException', fatal);
process.on('unhandledRejection', fatal);

async function tryOut(bundle: ServedBundle): Promise<void> {
  const loaded = isIntent(bundle) ? await tryIntents(bundle) : await new OnnxScorer().load(bundle);
  post({ op: 'tried', words: loaded.ok ? null : loaded.words });
}

/** Once as large as it can be asked: a batch of texts as long as any is read. */
async function tryIntents({ manifest, onnxBase64 }: IntentBundle): Promise<Loaded> {
  const scorer = new OnnxTextScorer();
  const reader = new IntentReader(manifest);
  const loaded = await scorer.load(reader.file(Buffer.from(onnxBase64, 'base64')));
  if (!loaded.ok) return loaded;
  const scored = await scorer.score(Array.from({ length: MOST_READ_AT_ONCE }, () => reader.row(LONGEST_TEXT)));
  return scored.ok ? loaded : { ok: false, reason: 'golden-mismatch', words: scored.words };
}

function fatal(error: unknown): void {
  process.stderr.write(`probe: ${faultLine('message', error)}\n`);
  process.exit(1);
}
