/**
 * What a text model sees of a text: its words, runs of words and pieces of words, each as a 32-bit hash.
 *
 * The text is brought to NFKC and lower case and cut into runs of letters, runs of digits and single other characters. From these
 * words come up to four groups:
 *
 *   words       each word · each run of two (three …) words, with the beginning and the end of the text as words of their own ·
 *               pairs of words with up to `reach` − 1 others between them
 *   characters  every run of `from` … `to` characters of a word with a blank on either side
 *   unknown     where the form says so: how many words there are and how many of them the model does not know; runs of up to three
 *               words among them, with a mark in the place of each unknown word, and for a number its length: names and numbers
 *               that nobody said before are told by where they stand
 *   before      where what was said before counts (`before` > 0): how many texts there were, the words and runs of two of the
 *               last one, the words of up to `before` − 1 more
 *
 * The hash is FNV-1a (Fowler, Noll, Vo) over the kind and the UTF-16 code units, finished as in MurmurHash3 (Appleby).
 */
import type { NGramForm } from '#contract/text-model.ts';

/** What somebody said, and what they had said before it in the same conversation, oldest first. */
export interface Utterance {
  readonly text: string;
  readonly before: readonly string[];
}

/** Whether a model knows the word of this hash. */
export type KnowsWord = (hash: number) => boolean;

/** More words than any utterance has; a pasted page must not cost more time than a card has. */
export const MOST_WORDS = 256;

const WORD = /[\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}]/gu;
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
const BLANK = 32;
const BEGIN = '\u0002';
const END = '\u0003';

export const wordsOf = (text: string): readonly string[] => (text.normalize('NFKC').toLowerCase().match(WORD) ?? []).slice(0, MOST_WORDS);

const step = (hash: number, unit: number): number => Math.imul(hash ^ unit, PRIME);

const stepText = (hash: number, text: string): number => {
  let state = hash;
  for (let at = 0; at < text.length; at++) state = step(state, text.charCodeAt(at));
  return state;
};

const finish = (hash: number): number => {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

/** Kinds start from different states, so that "ab" the word and "ab" the piece of a word differ. */
const kind = (name: string): number => stepText(BASIS, name);
const RUN = kind('run');
const PAIR = kind('pair');
const PIECE = kind('piece');
const LAST = kind('last');
const EARLIER = kind('earlier');
const COUNT = kind('count');
/** From here on, a later place in the conversation says nothing more. */
const MOST_COUNT = 8;

const wordGroup = (words: readonly string[], { runs, reach }: NGramForm): number[] => {
  const hashes: number[] = [];
  for (const word of words) hashes.push(finish(stepText(RUN, word)));
  const bounded = [BEGIN, ...words, END];
  for (let at = 0; at < bounded.length; at++) {
    let state = stepText(RUN, bounded[at] as string);
    for (let length = 2; length <= runs && at + length <= bounded.length; length++) {
      state = stepText(step(state, BLANK), bounded[at + length - 1] as string);
      hashes.push(finish(state));
    }
  }
  for (let at = 0; at < words.length; at++) {
    const state = step(stepText(PAIR, words[at] as string), BLANK);
    for (let second = at + 2; second <= at + reach && second < words.length; second++)
      hashes.push(finish(stepText(state, words[second] as string)));
  }
  return hashes;
};

const characterGroup = (words: readonly string[], [from, to]: readonly [number, number]): number[] => {
  const hashes: number[] = [];
  for (const word of words) {
    const padded = ` ${word} `;
    for (let at = 0; at < padded.length; at++) {
      let state = PIECE;
      for (let length = 1; length <= to && at + length <= padded.length; length++) {
        state = step(state, padded.charCodeAt(at + length - 1));
        if (length >= from) hashes.push(finish(state));
      }
    }
  }
  return hashes;
};

const UNKNOWN = kind('unknown');
const MARK = '\u0004';
const NUMBER = /^\p{N}/u;
const MOST_COUNTED = 12;
const LONGEST_RUN = 3;

const unknownGroup = (words: readonly string[], knows: KnowsWord): number[] => {
  const seen = words.map((word) => {
    if (knows(finish(stepText(RUN, word)))) return word;
    return NUMBER.test(word) ? `${MARK}${Math.min(MOST_COUNT, word.length)}` : MARK;
  });
  const counted = step(UNKNOWN, Math.min(MOST_COUNTED, words.length));
  const unknown = seen.filter((word) => word.startsWith(MARK)).length;
  const hashes = [finish(counted), finish(step(counted, Math.min(MOST_COUNTED, unknown)))];
  const bounded = [BEGIN, ...seen, END];
  for (let at = 0; at < bounded.length; at++) {
    let state = UNKNOWN;
    let isMarked = false;
    for (const word of bounded.slice(at, at + LONGEST_RUN)) {
      state = stepText(step(state, BLANK), word);
      isMarked ||= word.startsWith(MARK);
      if (isMarked) hashes.push(finish(state));
    }
  }
  return hashes;
};

const beforeGroup = (before: readonly string[], most: number): number[] => {
  const hashes = [finish(step(COUNT, Math.min(before.length, MOST_COUNT)))];
  const [last = '', ...earlier] = before.slice(-most).toReversed();
  const words = [BEGIN, ...wordsOf(last), END];
  for (const [at, word] of words.entries()) {
    hashes.push(finish(stepText(LAST, word)));
    const next = words[at + 1];
    if (next !== undefined) hashes.push(finish(stepText(step(stepText(LAST, word), BLANK), next)));
  }
  for (const text of earlier) for (const word of wordsOf(text)) hashes.push(finish(stepText(EARLIER, word)));
  return hashes;
};

/**
 * The hashes of an utterance's groups, repeated as often as they occur, in the order of the text.
 *
 * @param knows by the hash of a word; asked only where the form looks at unknown words
 */
export const nGramGroups = ({ text, before }: Utterance, form: NGramForm, knows: KnowsWord): readonly (readonly number[])[] => {
  const words = wordsOf(text);
  const own = [wordGroup(words, form), characterGroup(words, form.pieces)];
  if (form.unknown === true) own.push(unknownGroup(words, knows));
  return form.before === 0 ? own : [...own, beforeGroup(before, form.before)];
};

/** The hashes of a text's words, each once. */
export const wordHashes = (text: string): ReadonlySet<number> => new Set(wordsOf(text).map((word) => finish(stepText(RUN, word))));

const SIGN = kind('sign');

/** The hash of anything else a model looks at, told in words. */
export const signHash = (sign: string): number => finish(stepText(SIGN, sign));
