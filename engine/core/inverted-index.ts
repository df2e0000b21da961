/**
 * Who fails for this value? Instead of asking each action its conditions, each slot knows which conditions its value
 * fails, and a decision walks only those.
 *
 *   numeric slot   bounds sorted, with the conditions that need them; only the failing side is walked
 *   word slot      per word the conditions that fail for it
 *   anything else  a predicate, evaluated once
 *   unknown value  all conditions of the slot fail, and are marked unknown as well
 *
 * Conditions of an action are bits of its word in `failed` and `unknown` (failure-bits.ts), in the order in which they are
 * asked, so the first one that failed is a count of zeros. A posting is `action << 5 | bit`.
 */
import { at } from './at.ts';
import { FALSE, UNKNOWN } from './codes.ts';
import type { Evaluate, Leaf, Predicate } from './predicates.ts';

export interface FailureBits {
  /** Per action, one bit per condition that is not true. */
  readonly failed: Int32Array;
  /** Those of them that are unknown. */
  readonly unknown: Int32Array;
}

interface NumericSlot {
  readonly slot: number;
  /** Lower bounds ascending, after a −∞ that stops the walk; `leastAt[i]` is the posting of `least[i]`. */
  readonly least: Float64Array;
  readonly leastAt: Int32Array;
  /** Upper bounds ascending, before a +∞ that stops the walk. */
  readonly most: Float64Array;
  readonly mostAt: Int32Array;
}

interface WordSlot {
  readonly slot: number;
  /** Postings that fail, by word number; a number beyond the list fails as word 0 does. */
  readonly fails: readonly Int32Array[];
  readonly all: Int32Array;
}

/** Anything that is not one comparison: asked once, and posted where it is not true. */
export interface Other {
  readonly evaluate: Evaluate;
  readonly postings: Int32Array;
}

export class InvertedIndex {
  readonly #numeric: readonly NumericSlot[];
  readonly #words: readonly WordSlot[];
  readonly #others: readonly Other[];

  /** `postings[i]` are the places where `predicates[i]` is a condition, ascending; none where it is not. `rests` are asked besides them. */
  constructor(predicates: readonly Predicate[], postings: readonly (readonly number[] | undefined)[], rests: readonly Other[]) {
    const numeric = new Map<number, { readonly least: Bound[]; readonly most: Bound[] }>();
    const words = new Map<number, Words[]>();
    const others = [...rests];
    for (let id = 0; id < postings.length; id++) {
      const places = postings[id];
      if (places === undefined) continue;
      const { leaf, evaluate } = at(predicates, id);
      switch (leaf?.kind) {
        case 'at-least':
        case 'at-most': {
          let slot = numeric.get(leaf.slot);
          if (slot === undefined) numeric.set(leaf.slot, (slot = { least: [], most: [] }));
          (leaf.kind === 'at-least' ? slot.least : slot.most).push({ bound: leaf.bound, places });
          break;
        }
        case 'words': {
          const slot = words.get(leaf.slot);
          if (slot === undefined) words.set(leaf.slot, [{ leaf, places }]);
          else slot.push({ leaf, places });
          break;
        }
        case 'equal':
        case undefined:
          others.push({ evaluate, postings: new Int32Array(places) });
      }
    }
    this.#numeric = [...numeric].map(([slot, { least, most }]) => numericSlot(slot, least, most));
    this.#words = [...words].map(([slot, leaves]) => wordSlot(slot, leaves));
    this.#others = others;
  }

  /** Fills `bits` from the slots `x`. */
  walk(x: Float64Array, bits: FailureBits): void {
    const { failed, unknown } = bits;
    failed.fill(0);
    unknown.fill(0);
    for (const { slot, least, leastAt, most, mostAt } of this.#numeric) {
      const value = x[slot] as number;
      if (Number.isNaN(value)) {
        markUnknown(leastAt, 1, leastAt.length, failed, unknown);
        markUnknown(mostAt, 0, mostAt.length - 1, failed, unknown);
        continue;
      }
      for (let i = least.length - 1; (least[i] as number) > value; i--) {
        const place = leastAt[i] as number;
        failed[place >>> 5] = (failed[place >>> 5] as number) | (1 << place);
      }
      for (let i = 0; (most[i] as number) < value; i++) {
        const place = mostAt[i] as number;
        failed[place >>> 5] = (failed[place >>> 5] as number) | (1 << place);
      }
    }
    for (const { slot, fails, all } of this.#words) {
      const value = x[slot] as number;
      if (Number.isNaN(value)) markUnknown(all, 0, all.length, failed, unknown);
      else mark(fails[value] ?? at(fails, 0), failed);
    }
    for (const { evaluate, postings } of this.#others) {
      const truth = evaluate(x);
      if (truth === UNKNOWN) markUnknown(postings, 0, postings.length, failed, unknown);
      else if (truth === FALSE) mark(postings, failed);
    }
  }
}

function mark(postings: Int32Array, failed: Int32Array): void {
  for (let i = 0; i < postings.length; i++) {
    const place = postings[i] as number;
    failed[place >>> 5] = (failed[place >>> 5] as number) | (1 << place);
  }
}

function markUnknown(postings: Int32Array, from: number, to: number, failed: Int32Array, unknown: Int32Array): void {
  for (let i = from; i < to; i++) {
    const place = postings[i] as number;
    failed[place >>> 5] = (failed[place >>> 5] as number) | (1 << place);
    unknown[place >>> 5] = (unknown[place >>> 5] as number) | (1 << place);
  }
}

/** What one predicate asks of a slot, and where. */
interface Bound {
  readonly bound: number;
  readonly places: readonly number[];
}
interface Words {
  readonly leaf: Extract<Leaf, { kind: 'words' }>;
  readonly places: readonly number[];
}

/** Equal bounds in the order of their first places, so that a revision always makes the same index. */
const ascending = (a: Bound, b: Bound): number => a.bound - b.bound || at(a.places, 0) - at(b.places, 0);

function numericSlot(slot: number, least: readonly Bound[], most: readonly Bound[]): NumericSlot {
  const lower = [{ bound: -Infinity, places: [0] }, ...least.toSorted(ascending)];
  const upper = [...most.toSorted(ascending), { bound: Infinity, places: [0] }];
  return { slot, least: boundsOf(lower), leastAt: placesOf(lower), most: boundsOf(upper), mostAt: placesOf(upper) };
}

function boundsOf(sorted: readonly Bound[]): Float64Array {
  const bounds: number[] = [];
  for (const { bound, places } of sorted) for (let i = 0; i < places.length; i++) bounds.push(bound);
  return new Float64Array(bounds);
}

function placesOf(sorted: readonly { readonly places: readonly number[] }[]): Int32Array {
  const all: number[] = [];
  for (const { places } of sorted) for (let i = 0; i < places.length; i++) all.push(places[i] as number);
  return new Int32Array(all);
}

function wordSlot(slot: number, leaves: readonly Words[]): WordSlot {
  let highest = 1;
  for (const { leaf } of leaves) for (const word of leaf.of) if (word > highest) highest = word;
  const fails: number[][] = [];
  for (let word = 0; word <= highest; word++) {
    const list: number[] = [];
    for (const { leaf, places } of leaves)
      if (leaf.of.has(word) === leaf.negated) for (let i = 0; i < places.length; i++) list.push(places[i] as number);
    fails.push(list);
  }
  return { slot, fails: fails.map((list) => new Int32Array(list)), all: placesOf(leaves) };
}
