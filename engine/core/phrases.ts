/**
 * Finds the revision's phrases in what was said: word for word, letter case and punctuation aside.
 *
 * A word is a run of letters, marks, digits and inner apostrophes. All phrases of a revision share one table by their
 * first word, so an utterance is walked once whatever the number of phrases.
 */
import { at } from './at.ts';
import type { Speaker } from '#contract/call-events.ts';
import type { Utterance } from '#contract/call-state.ts';

export interface PhraseList {
  readonly by: Speaker | 'anyone';
  readonly phrases: readonly string[];
}

/** The latest utterance in which a list was heard, and which of its phrases it was. */
export interface Heard {
  readonly list: number;
  readonly phrase: number;
  readonly atMs: number;
}

const WORD = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu;

/** The words of a text: lower case, typographic apostrophes made plain. */
export const words = (text: string): readonly string[] => text.normalize('NFC').toLowerCase().replaceAll('’', "'").match(WORD) ?? [];

const NOTHING_HEARD: readonly Heard[] = [];

interface Entry {
  readonly list: number;
  readonly phrase: number;
  readonly words: readonly string[];
}

export class PhraseFinder {
  readonly #byFirstWord = new Map<string, Entry[]>();
  readonly #lists: readonly PhraseList[];
  /** Utterances never change, so each is searched once per revision. */
  readonly #found = new WeakMap<Utterance, readonly Omit<Heard, 'atMs'>[]>();

  #last: { readonly utterances: readonly Utterance[]; readonly heard: readonly Heard[] } = { utterances: [], heard: [] };

  constructor(lists: readonly PhraseList[]) {
    this.#lists = lists;
    for (const [list, { phrases }] of lists.entries()) {
      for (const [phrase, text] of phrases.entries()) {
        const all = words(text);
        const first = all[0];
        if (first === undefined) continue;
        const entries = this.#byFirstWord.get(first);
        if (entries === undefined) this.#byFirstWord.set(first, [{ list, phrase, words: all }]);
        else entries.push({ list, phrase, words: all });
      }
    }
  }

  /** Per list that was heard, its latest utterance; within one utterance the phrase that stands first in the list. Sorted by list. */
  hear(utterances: readonly Utterance[]): readonly Heard[] {
    if (utterances.length === 0) return NOTHING_HEARD;
    if (utterances === this.#last.utterances) return this.#last.heard;
    const heard = new Map<number, Heard>();
    // A call that went on only adds utterances: what stood at the end before stands where it stood.
    const before = this.#last.utterances.length;
    const goesOn = before > 0 && utterances.length > before && utterances[before - 1] === this.#last.utterances[before - 1];
    if (goesOn) for (const known of this.#last.heard) heard.set(known.list, known);
    for (const utterance of goesOn ? utterances.slice(before) : utterances) {
      for (const { list, phrase } of this.#search(utterance)) {
        const known = heard.get(list);
        if (known === undefined || utterance.atMs >= known.atMs) heard.set(list, { list, phrase, atMs: utterance.atMs });
      }
    }
    this.#last = { utterances, heard: [...heard.values()].toSorted((a, b) => a.list - b.list) };
    return this.#last.heard;
  }

  /** Per list that would be heard in a text, its first phrase. */
  find(speaker: Speaker, text: string): readonly Omit<Heard, 'atMs'>[] {
    const first = new Map<number, number>();
    const said = words(text);
    for (let start = 0; start < said.length; start++) {
      for (const entry of this.#byFirstWord.get(at(said, start)) ?? []) {
        const { by } = at(this.#lists, entry.list);
        if (by !== 'anyone' && by !== speaker) continue;
        if (entry.phrase >= (first.get(entry.list) ?? Infinity)) continue;
        if (entry.words.every((word, i) => said[start + i] === word)) first.set(entry.list, entry.phrase);
      }
    }
    return [...first].map(([list, phrase]) => ({ list, phrase }));
  }

  #search(utterance: Utterance): readonly Omit<Heard, 'atMs'>[] {
    let found = this.#found.get(utterance);
    if (found === undefined) {
      found = this.find(utterance.speaker, utterance.text);
      this.#found.set(utterance, found);
    }
    return found;
  }
}
