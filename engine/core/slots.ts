/**
 * Every operand of a revision gets one slot: a number in a Float64Array that is filled once per decision.
 * NaN is unknown. Two-valued operands (has, said, boolean fields) are 0 or 1; words (enum and text fields) are numbered.
 */
import type { CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { Operand } from '#contract/condition.ts';
import type { PhraseList } from './phrases.ts';

/** A word that no condition names. */
export const OTHER_WORD = 0;

export type Slot =
  | { readonly kind: 'field'; readonly field: number }
  | { readonly kind: 'since'; readonly field: number }
  | { readonly kind: 'count'; readonly operand: Extract<Operand, { kind: 'count' }> }
  | { readonly kind: 'has'; readonly field: number; readonly value: string }
  | { readonly kind: 'said'; readonly list: number };

export class SlotTable {
  readonly slots: Slot[] = [];
  /** Distinct phrase lists: first the topics in their order, then those of conditions. */
  readonly lists: PhraseList[] = [];
  readonly fields: readonly CheckedField[];
  readonly #fieldByPath: ReadonlyMap<string, number>;
  /** Per field, the numbers of its words. */
  readonly #words = new Map<number, Map<string, number>>();
  readonly #byKey = new Map<string, number>();
  /** Slots of fields, which nearly all operands are, by their own path. */
  readonly #byPath = new Map<string, number>();

  constructor(revision: Pick<CheckedRevision, 'fields' | 'topics'>) {
    this.fields = revision.fields;
    this.#fieldByPath = new Map(revision.fields.map((field, index) => [field.path, index]));
    for (const { by, phrases } of revision.topics) this.lists.push({ by, phrases });
  }

  /** Index of a field in the revision; throws for a path the revision does not have, because it was checked. */
  field(path: string): number {
    const index = this.#fieldByPath.get(path);
    if (index === undefined) throw new Error(`the checked revision names ${path}, which is not in its catalogue of fields`);
    return index;
  }

  find(path: string): number | undefined {
    return this.#fieldByPath.get(path);
  }

  operand(operand: Operand): number {
    switch (operand.kind) {
      case 'field':
        return this.#byPath.get(operand.path) ?? this.#fieldSlot(operand.path);
      case 'since':
        return this.#slot(`since ${operand.path}`, { kind: 'since', field: this.field(operand.path) });
      case 'count': {
        const scope = operand.scope.of === 'any' ? 'any' : `${operand.scope.of} ${operand.scope.name}`;
        return this.#slot(`count ${operand.outcome} ${scope} ${operand.channel ?? ''} ${operand.windowMs}`, { kind: 'count', operand });
      }
    }
  }

  has(path: string, value: string): number {
    return this.#slot(`has ${path} ${value}`, { kind: 'has', field: this.field(path), value });
  }

  said(by: PhraseList['by'], phrases: readonly string[]): number {
    const key = `said ${by} ${JSON.stringify(phrases)}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    this.lists.push({ by, phrases });
    return this.#slot(key, { kind: 'said', list: this.lists.length - 1 });
  }

  /** The number of a word of an enum or text field; made on first use. */
  word(field: number, word: string): number {
    const words = this.words(field);
    const known = words.get(word);
    if (known !== undefined) return known;
    words.set(word, words.size + 1);
    return words.size;
  }

  words(field: number): Map<string, number> {
    let words = this.#words.get(field);
    if (words === undefined) {
      words = new Map();
      this.#words.set(field, words);
    }
    return words;
  }

  #fieldSlot(path: string): number {
    this.slots.push({ kind: 'field', field: this.field(path) });
    this.#byPath.set(path, this.slots.length - 1);
    return this.slots.length - 1;
  }

  #slot(key: string, slot: Slot): number {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    this.slots.push(slot);
    this.#byKey.set(key, this.slots.length - 1);
    return this.slots.length - 1;
  }
}
