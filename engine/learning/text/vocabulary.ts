/**
 * Which n-grams (or other signs, as hashes) a model knows, how much each weighs, and their groups as the sparse row it reads:
 *
 *   weight of an n-gram that occurs c times = (1 + ln c) · idf,   idf = 1 + ln((1 + texts) / (1 + texts with it))
 *
 * The weights of each group (words, characters …) are scaled to length 1, then the whole row is.
 */
import type { VocabularyData } from '#contract/text-model.ts';
import { fromBase64 } from '#core';

/** A row of the model's input: places in its table from 1 (0 is padding) and their weights. */
export interface SparseRow {
  readonly places: Int32Array;
  readonly weights: Float32Array;
}

/** Hashes by group, repeated as often as the sign occurs. */
export type Groups = readonly (readonly number[])[];

/** A logarithm on a grid, so that the last bit of the runtime's own does not reach a file. */
const ln = (x: number): number => Math.round(Math.log(x) * 65_536) / 65_536;

/** Of more counts than anybody's text has, the last one stands for the rest. */
const LN_COUNT = Float64Array.from({ length: 65 }, (_, count) => (count === 0 ? 0 : 1 + ln(count)));

const base64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(binary);
};

export class Vocabulary {
  readonly #placeOf: ReadonlyMap<number, number>;
  readonly #hashes: Uint32Array;
  readonly #idf: Float32Array;

  constructor(hashes: Uint32Array, idf: Float32Array) {
    this.#hashes = hashes;
    this.#idf = idf;
    this.#placeOf = new Map(Array.from(hashes, (hash, at) => [hash, at + 1]));
  }

  /** The signs of at least `leastTexts` texts; of more than `most`, those of most texts. */
  static of(texts: readonly Groups[], leastTexts: number, most: number): Vocabulary {
    const counts = new Map<number, number>();
    for (const groups of texts) for (const hash of new Set(groups.flat())) counts.set(hash, (counts.get(hash) ?? 0) + 1);
    const known = [...counts].filter(([, count]) => count >= leastTexts);
    const kept = known.toSorted(([a, countA], [b, countB]) => countB - countA || a - b).slice(0, most);
    const sorted = kept.toSorted(([a], [b]) => a - b);
    const hashes = Uint32Array.from(sorted, ([hash]) => hash);
    return new Vocabulary(
      hashes,
      Float32Array.from(sorted, ([, count]) => 1 + ln((1 + texts.length) / (1 + count))),
    );
  }

  static from({ size, nGrams }: VocabularyData): Vocabulary {
    const bytes = fromBase64(nGrams);
    const view = new DataView(bytes.buffer);
    const hashes = Uint32Array.from({ length: size }, (_, at) => view.getUint32(at * 8, true));
    const idf = Float32Array.from({ length: size }, (_, at) => view.getFloat32(at * 8 + 4, true));
    return new Vocabulary(hashes, idf);
  }

  get size(): number {
    return this.#hashes.length;
  }

  /** As the manifest holds it. */
  get data(): VocabularyData {
    const view = new DataView(new ArrayBuffer(this.size * 8));
    for (let at = 0; at < this.size; at++) {
      view.setUint32(at * 8, this.#hashes[at] as number, true);
      view.setFloat32(at * 8 + 4, this.#idf[at] as number, true);
    }
    return { size: this.size, nGrams: base64(new Uint8Array(view.buffer)) };
  }

  /** A sign's place in the model's table, from 1; 0 where it is not known. */
  place(hash: number): number {
    return this.#placeOf.get(hash) ?? 0;
  }

  knows = (hash: number): boolean => this.#placeOf.has(hash);

  /** Groups without a known sign give an empty row. */
  row(groups: Groups): SparseRow {
    const places: number[] = [];
    const weights: number[] = [];
    let filled = 0;
    for (const group of groups) {
      const counts = new Map<number, number>();
      for (const hash of group) {
        const place = this.#placeOf.get(hash);
        if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1);
      }
      let squares = 0;
      const from = weights.length;
      for (const [place, count] of counts) {
        const weight = (LN_COUNT[Math.min(count, 64)] as number) * (this.#idf[place - 1] as number);
        places.push(place);
        weights.push(weight);
        squares += weight * weight;
      }
      if (squares === 0) continue;
      filled += 1;
      const length = Math.sqrt(squares);
      for (let at = from; at < weights.length; at++) weights[at] = (weights[at] as number) / length;
    }
    const share = Math.sqrt(filled);
    return { places: Int32Array.from(places), weights: Float32Array.from(weights, (weight) => weight / share) };
  }
}
