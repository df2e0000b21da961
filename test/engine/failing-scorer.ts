/** onnxruntime, with a switch that makes it fail, or be late, as it would in the middle of a call. */
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import type { ModelBundle } from '#contract/model.ts';
import type { Loaded, Scored, Scorer } from '#ports/scorer.ts';

export class FailingScorer implements Scorer {
  fails: 'failed' | 'bad-output' | 'late' | null = null;
  readonly #scorer = new OnnxScorer();

  load(bundle: ModelBundle): Promise<Loaded> {
    return this.#scorer.load(bundle);
  }

  score(features: Float32Array, actions: readonly number[], withinMs: number): Promise<Scored> {
    return this.fails === null
      ? this.#scorer.score(features, actions, withinMs)
      : Promise.resolve({ ok: false, reason: this.fails, words: `As a test wants it: ${this.fails}.` });
  }

  close(): Promise<void> {
    return this.#scorer.close();
  }
}
