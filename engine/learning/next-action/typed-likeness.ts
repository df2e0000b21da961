/**
 * How like each of several actions' words something typed is: the cosine of their bags of words and of pieces of words, in which what
 * few of the actions have counts most (1 / actions that have it). Sums, divisions and roots only: the same on every machine.
 */
import { wordsOf } from '../text/n-grams.ts';

const PIECE = 4;

/** Runs of four characters of a word with a blank on either side; of shorter words none. */
export const piecesOf = (word: string): readonly string[] => {
  const padded = ` ${word} `;
  return Array.from({ length: Math.max(0, padded.length - PIECE + 1) }, (_, at) => padded.slice(at, at + PIECE));
};

/** Words and pieces of a text; words are told from pieces by having no blank. */
const bagOf = (text: string): ReadonlySet<string> => {
  const words = wordsOf(text).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return new Set(words.flatMap((word) => [word, ...piecesOf(word)]));
};

/** What any text is held against: the same words as often as a chart is used. */
export class TypedLikeness {
  readonly #bags: readonly ReadonlySet<string>[];
  readonly #weight = new Map<string, number>();
  readonly #lengths: readonly number[];

  constructor(texts: readonly string[]) {
    this.#bags = texts.map(bagOf);
    for (const bag of this.#bags) for (const part of bag) this.#weight.set(part, (this.#weight.get(part) ?? 0) + 1);
    for (const [part, count] of this.#weight) this.#weight.set(part, 1 / count);
    this.#lengths = this.#bags.map((bag) => this.#length(bag));
  }

  #length(bag: ReadonlySet<string>): number {
    let squares = 0;
    for (const part of bag) squares += (this.#weight.get(part) ?? 0) ** 2;
    return Math.sqrt(squares);
  }

  /** 0 … 1 for each text; all 0 where nothing typed is in any of them. */
  to(typed: string): readonly number[] {
    const bag = bagOf(typed);
    const length = this.#length(bag);
    return this.#bags.map((own, at) => {
      let product = 0;
      for (const part of bag) if (own.has(part)) product += (this.#weight.get(part) ?? 0) ** 2;
      return product === 0 ? 0 : product / (length * (this.#lengths[at] as number));
    });
  }
}
