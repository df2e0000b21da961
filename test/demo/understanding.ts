/** What the demonstration's model makes of the sentences of its calls, in the runtime that serves it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { OnnxTextScorer } from '#adapters/onnx/onnx-text-scorer.ts';
import type { Script } from '#central/demo/script.ts';
import { IntentManifest } from '#contract/text-model.ts';
import { type IntentAnswer, IntentReader } from '#learning';

const BUNDLE = path.join(import.meta.dirname, '..', '..', 'central', 'demo', 'models', 'intent');

/** By the sentence, of every sentence that a customer says. */
export type Understanding = ReadonlyMap<string, IntentAnswer>;

export const manifest = IntentManifest.parse(JSON.parse(readFileSync(path.join(BUNDLE, 'manifest.json'), 'utf8')));

export async function understandAll(scripts: readonly Script[]): Promise<Understanding> {
  const texts = scripts.flatMap(({ steps }) => steps.flatMap((step) => ('customer' in step ? [step.customer] : [])));
  const reader = new IntentReader(manifest);
  const scorer = new OnnxTextScorer();
  const loaded = await scorer.load(reader.file(readFileSync(path.join(BUNDLE, 'model.onnx'))));
  if (!loaded.ok) throw new Error(loaded.words);
  const scored = await scorer.score(texts.map((text) => reader.row(text)));
  await scorer.close();
  if (!scored.ok) throw new Error(scored.words);
  const { classes } = reader;
  return new Map(texts.map((text, at) => [text, reader.answer(scored.probabilities.subarray(at * classes, (at + 1) * classes))]));
}
