/** What a served intent model is given of a text, and what its answer comes to, by its manifest. */
import type { IntentManifest } from '#contract/text-model.ts';
import type { TextModelFile } from '#ports/text-scorer.ts';
import { classAnswer } from './class-answers.ts';
import { MOST_WORDS, nGramGroups } from './n-grams.ts';
import { type SparseRow, Vocabulary } from './vocabulary.ts';

/** As many words as are ever looked at: what a run takes at most is tried with it. */
export const LONGEST_TEXT = Array.from({ length: MOST_WORDS }, (_, at) => `${at.toString(36)}th`).join(' ');

/** Texts a desk has read at once, at most. */
export const MOST_READ_AT_ONCE = 32;

export interface IntentAnswer {
  /** Null: refused, as out of scope or not sure enough. */
  readonly intent: string | null;
  /** What was held against the threshold. */
  readonly confidence: number;
}

export class IntentReader {
  /** Probabilities in an answer, those of out of scope included. */
  readonly classes: number;
  readonly #manifest: IntentManifest;
  readonly #vocabulary: Vocabulary;

  constructor(manifest: IntentManifest) {
    this.classes = manifest.labels.length + (manifest.outOfScope ? 1 : 0);
    this.#manifest = manifest;
    this.#vocabulary = Vocabulary.from(manifest.features);
  }

  /** For the scorer, with what it must answer before it is used. */
  file(onnx: Uint8Array): TextModelFile {
    const { id, version, onnx: sha256, bytes, golden } = this.#manifest;
    return {
      name: `${id} ${version}`,
      onnx,
      sha256,
      bytes,
      classes: this.classes,
      golden: golden.map(({ text, probabilities }) => ({ row: this.row(text), probabilities })),
    };
  }

  row(text: string): SparseRow {
    return this.#vocabulary.row(nGramGroups({ text, before: [] }, this.#manifest.features.form, this.#vocabulary.knows));
  }

  answer(probabilities: ArrayLike<number>): IntentAnswer {
    const { labels, leastConfidence } = this.#manifest;
    const { answer, confidence } = classAnswer(probabilities, labels.length, leastConfidence, null);
    return { intent: answer === null ? null : (labels[answer] ?? null), confidence };
  }
}
