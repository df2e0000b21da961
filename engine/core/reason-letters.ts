/** The reason of every action as text: one letter of the record's alphabet each, looked up two at a time. */
import { REASON_ALPHABET } from '#contract/reason-codes.ts';
import { utf8 } from './bytes.ts';

const ALPHABET = utf8(REASON_ALPHABET);

/** By the two codes as they lie in memory, the two letters as they are to lie there. */
const PAIRS = ((): Uint16Array => {
  const word = new Uint16Array(1);
  const bytes = new Uint8Array(word.buffer);
  const pairs = new Uint16Array(ALPHABET.length << 8);
  for (let first = 0; first < ALPHABET.length; first++) {
    for (let second = 0; second < ALPHABET.length; second++) {
      bytes.set([first, second]);
      const codes = word[0] as number;
      bytes.set([ALPHABET[first] as number, ALPHABET[second] as number]);
      pairs[codes] = word[0] as number;
    }
  }
  return pairs;
})();

export class ReasonLetters {
  /** One letter per code, as of the last `spell`. */
  readonly letters: Uint8Array;
  readonly #codes: Uint8Array;
  readonly #codePairs: Uint16Array;
  readonly #letterPairs: Uint16Array;

  /** `codes` must lie at the start of its buffer. */
  constructor(codes: Uint8Array<ArrayBuffer>) {
    const pairs = codes.length >> 1;
    const memory = new ArrayBuffer(codes.length + (codes.length & 1));
    this.#codes = codes;
    this.#codePairs = new Uint16Array(codes.buffer, codes.byteOffset, pairs);
    this.#letterPairs = new Uint16Array(memory, 0, pairs);
    this.letters = new Uint8Array(memory, 0, codes.length);
  }

  spell(): Uint8Array {
    spellPairs(this.#codePairs, this.#letterPairs);
    const last = this.#codes.length - 1;
    if ((last & 1) === 0) this.letters[last] = ALPHABET[this.#codes[last] as number] as number;
    return this.letters;
  }
}

function spellPairs(codes: Uint16Array, letters: Uint16Array): void {
  for (let i = 0; i < letters.length; i++) letters[i] = PAIRS[codes[i] as number] as number;
}
