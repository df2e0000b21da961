/** What was heard for one revision's phrases told for another's: as far as a record can say, it is about phrases, not words. */
import type { CompiledRevision, DecisionFacts } from '#core';
import { type AskedBy, saidKey, topicKey } from './asked-by.ts';
import type { Gap } from './gaps.ts';

type Heard = DecisionFacts['said'][number];

const phraseKey = (by: string, phrase: string): string => `${by} ${phrase}`;

export class CarriedSpeech {
  readonly #before: CompiledRevision;
  readonly #after: CompiledRevision;
  /** Lists of the former revision a phrase stands in, by who says it. */
  readonly #listsOf = new Map<string, number[]>();
  readonly #gapOf: readonly Gap[];

  constructor(before: CompiledRevision, after: CompiledRevision, askedBy: AskedBy) {
    this.#before = before;
    this.#after = after;
    for (const [list, { by, phrases }] of before.slots.lists.entries())
      for (const phrase of phrases) this.#listsOf.set(phraseKey(by, phrase), [...(this.#listsOf.get(phraseKey(by, phrase)) ?? []), list]);
    this.#gapOf = after.slots.lists.map(({ by, phrases }, list) => {
      const topic = after.revision.topics[list]?.topic;
      const key = topic === undefined ? saidKey(by, phrases) : topicKey(topic);
      return {
        what: topic === undefined ? `said by ${by}: “${phrases.join('”, “')}”` : `topic ${topic}`,
        askings: askedBy.of(key),
        told: 'assumed',
      };
    });
  }

  carry(said: DecisionFacts['said']): {
    readonly said: DecisionFacts['said'];
    readonly topics: readonly string[];
    readonly gaps: readonly Gap[];
  } {
    const heardList = new Map(said.map((heard) => [heard[0], heard]));
    const carried: Heard[] = [];
    const gaps: Gap[] = [];
    for (const [list, { by, phrases }] of this.#after.slots.lists.entries()) {
      const heard = this.#heard(by, phrases, heardList);
      if (heard !== null) carried.push([list, heard.phrase, heard.atMs]);
      else if (!phrases.every((phrase) => (this.#listsOf.get(phraseKey(by, phrase)) ?? []).some((former) => !heardList.has(former))))
        gaps.push(this.#gapOf[list] as Gap);
    }
    const topics = carried.flatMap(([list]) => this.#after.revision.topics[list]?.topic ?? []);
    return { said: carried, topics: [...new Set(topics)], gaps };
  }

  /** The latest of the phrases that are known to have been heard. */
  #heard(
    by: string,
    phrases: readonly string[],
    heardList: ReadonlyMap<number, Heard>,
  ): { readonly phrase: number; readonly atMs: number } | null {
    let found: { readonly phrase: number; readonly atMs: number } | null = null;
    for (const [phrase, words] of phrases.entries()) {
      for (const former of this.#listsOf.get(phraseKey(by, words)) ?? []) {
        const heard = heardList.get(former);
        if (heard === undefined || this.#before.slots.lists[former]?.phrases[heard[1]] !== words) continue;
        if (found === null || heard[2] > found.atMs) found = { phrase, atMs: heard[2] };
      }
    }
    return found;
  }
}
