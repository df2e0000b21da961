/**
 * Runs one model of text.
 *
 * Guarantees: a bundle is used only after its bytes match the manifest's hash and every golden input gave its output; a failed
 * `load` leaves the model that was loaded before in use; probabilities are never NaN or outside 0…1, and there are `classes` a row.
 */
import type { Loaded } from './scorer.ts';

/** A row of the model's input: places in its table from 1 (0 is padding) and their weights. */
export interface TextRow {
  readonly places: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** What a text model must be and give before it is used. */
export interface TextModelFile {
  /** For messages: name and version. */
  readonly name: string;
  readonly onnx: Uint8Array;
  /** SHA-256 the bytes must have, and their number. */
  readonly sha256: string;
  readonly bytes: number;
  readonly classes: number;
  readonly golden: readonly {
    readonly row: TextRow;
    readonly probabilities: readonly number[];
    /** Of a model that also chooses among options: their places, and the scores they must get. */
    readonly options?: readonly ArrayLike<number>[];
    readonly scores?: readonly number[];
  }[];
}

export type OptionsScored =
  /** One for each option; P = softmax over those of one moment. */
  | { readonly ok: true; readonly scores: Float32Array }
  | { readonly ok: false; readonly reason: 'no-model' | 'failed' | 'bad-output'; readonly words: string };

export type TextScored =
  /** Row-major rows × classes. */
  | { readonly ok: true; readonly probabilities: Float32Array }
  | { readonly ok: false; readonly reason: 'no-model' | 'failed' | 'bad-output'; readonly words: string };

export interface TextScorer {
  load(file: TextModelFile): Promise<Loaded>;
  /** One batched run. */
  score(rows: readonly TextRow[]): Promise<TextScored>;
  /** One batched run of a model that chooses among options: of each the places of its signals in the model's table. */
  scoreOptions(options: readonly ArrayLike<number>[]): Promise<OptionsScored>;
  close(): Promise<void>;
}
