/** onnxruntime, with switches that make it fail, or keep its answers until a test lets them go. */
import { OnnxTextScorer } from '#adapters/onnx/onnx-text-scorer.ts';
import type { Loaded } from '#ports/scorer.ts';
import type { OptionsScored, TextModelFile, TextRow, TextScored, TextScorer } from '#ports/text-scorer.ts';

export class SlowTextScorer implements TextScorer {
  fails = false;
  /** Texts read so far. */
  read = 0;
  readonly #scorer = new OnnxTextScorer();
  #held: Promise<void> = Promise.resolve();

  /** Nothing is answered before the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return resolve;
  }

  load(file: TextModelFile): Promise<Loaded> {
    return this.#scorer.load(file);
  }

  async score(rows: readonly TextRow[]): Promise<TextScored> {
    await this.#held;
    if (this.fails) return { ok: false, reason: 'failed', words: 'As a test wants it.' };
    this.read += rows.length;
    return this.#scorer.score(rows);
  }

  scoreOptions(options: readonly ArrayLike<number>[]): Promise<OptionsScored> {
    return this.#scorer.scoreOptions(options);
  }

  close(): Promise<void> {
    return this.#scorer.close();
  }
}
