/**
 * Conditions made executable: each distinct condition of a revision is one predicate over the slots, in three values.
 * A condition that is one comparison also has a leaf form, from which the inverted index is built.
 */
import { at } from './at.ts';
import { type Comparison, type Condition, type Literal, OPPOSITE } from '#contract/condition.ts';
import { FALSE, TRUE, type Truth, UNKNOWN } from './codes.ts';
import type { SlotTable } from './slots.ts';

export type Evaluate = (x: Float64Array) => Truth;

/** What a value must be to pass; an unknown value never does. */
export type Leaf =
  | { readonly kind: 'at-least'; readonly slot: number; readonly bound: number }
  | { readonly kind: 'at-most'; readonly slot: number; readonly bound: number }
  | { readonly kind: 'equal'; readonly slot: number; readonly to: number; readonly negated: boolean }
  /** Slot of words or of 0 and 1: passes for these numbers, or for all but these. */
  | { readonly kind: 'words'; readonly slot: number; readonly of: ReadonlySet<number>; readonly negated: boolean };

export interface Predicate {
  readonly condition: Condition;
  readonly leaf: Leaf | null;
  readonly evaluate: Evaluate;
}

const bits = new BigInt64Array(1);
const asNumber = new Float64Array(bits.buffer);

/** The next double above a finite one: x > v is the same as x ≥ nextUp(v). */
function nextUp(value: number): number {
  if (value === 0) return 5e-324;
  asNumber[0] = value;
  bits[0] = (bits[0] as bigint) + (value > 0 ? 1n : -1n);
  return asNumber[0];
}
const nextDown = (value: number): number => -nextUp(-value);

export class PredicateTable {
  readonly predicates: Predicate[] = [];
  readonly #slots: SlotTable;
  readonly #byKey = new Map<string, number>();

  constructor(slots: SlotTable) {
    this.#slots = slots;
  }

  /** The number of a condition's predicate; equal conditions share one. */
  add(condition: Condition): number {
    const key = keyOf(condition);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const leaf = this.#leaf(condition, false);
    this.predicates.push({ condition, leaf, evaluate: leaf === null ? this.#tree(condition) : evaluateLeaf(leaf) });
    this.#byKey.set(key, this.predicates.length - 1);
    return this.predicates.length - 1;
  }

  #leaf(condition: Condition, negated: boolean): Leaf | null {
    switch (condition.op) {
      case 'and':
      case 'or':
        return condition.of.length === 1 ? this.#leaf(at(condition.of, 0), negated) : null;
      case 'literal':
        return null;
      case 'not':
        return this.#leaf(condition.of, !negated);
      case 'has':
        return { kind: 'words', slot: this.#slots.has(condition.path, condition.value), of: new Set([1]), negated };
      case 'said':
        return { kind: 'words', slot: this.#slots.said(condition.by, condition.phrases), of: new Set([1]), negated };
      case 'in': {
        const numbers = condition.set.filter((item) => typeof item === 'number');
        if (numbers.length === 0 && condition.set.length > 0) {
          const of = new Set(condition.set.map((item) => this.#number(condition.left, item)));
          return { kind: 'words', slot: this.#slots.operand(condition.left), of, negated };
        }
        return null;
      }
      case 'compare':
        return this.#comparison(condition, negated ? OPPOSITE[condition.is] : condition.is);
    }
  }

  #comparison(condition: Extract<Condition, { op: 'compare' }>, is: Comparison): Leaf {
    const slot = this.#slots.operand(condition.left);
    const right = this.#number(condition.left, condition.right);
    const negated = is === '!=';
    switch (is) {
      case '==':
      case '!=':
        if (typeof condition.right === 'number') return { kind: 'equal', slot, to: right, negated };
        return { kind: 'words', slot, of: new Set([right]), negated };
      case '<':
      case '<=':
      case '>':
      case '>=':
        if (typeof condition.right !== 'number') throw new Error(`the checked revision orders words: ${JSON.stringify(condition)}`);
        if (is === '>=' || is === '>') return { kind: 'at-least', slot, bound: is === '>' ? nextUp(right) : right };
        return { kind: 'at-most', slot, bound: is === '<' ? nextDown(right) : right };
    }
  }

  /** A literal as the number it is compared by. */
  #number(left: Extract<Condition, { op: 'compare' }>['left'], literal: Literal): number {
    if (typeof literal === 'number') return literal;
    if (typeof literal === 'boolean') return literal ? 1 : 0;
    if (left.kind !== 'field') throw new Error(`the checked revision compares a ${left.kind} with a word`);
    return this.#slots.word(this.#slots.field(left.path), literal);
  }

  /** Three-valued logic of Kleene: false decides an `and`, true decides an `or`, else one unknown makes it unknown. */
  #tree(condition: Condition): Evaluate {
    const leaf = this.#leaf(condition, false);
    if (leaf !== null) return evaluateLeaf(leaf);
    switch (condition.op) {
      case 'literal': {
        const truth = condition.value ? TRUE : FALSE;
        return () => truth;
      }
      case 'not': {
        const inner = this.#tree(condition.of);
        return (x) => {
          const truth = inner(x);
          return truth === UNKNOWN ? UNKNOWN : truth === TRUE ? FALSE : TRUE;
        };
      }
      case 'and':
      case 'or': {
        const parts = condition.of.map((part) => this.#tree(part));
        const decisive = condition.op === 'and' ? FALSE : TRUE;
        const neutral = condition.op === 'and' ? TRUE : FALSE;
        return (x) => {
          let result: Truth = neutral;
          for (const part of parts) {
            const truth = part(x);
            if (truth === decisive) return decisive;
            if (truth === UNKNOWN) result = UNKNOWN;
          }
          return result;
        };
      }
      case 'in': {
        const slot = this.#slots.operand(condition.left);
        const of = new Set(condition.set.map((item) => this.#number(condition.left, item)));
        return (x) => (Number.isNaN(x[slot]) ? UNKNOWN : of.has(x[slot] as number) ? TRUE : FALSE);
      }
      case 'has':
      case 'said':
      case 'compare':
        throw new Error(`a ${condition.op} always has a leaf form`);
    }
  }
}

/** A text that only equal conditions share. A comparison of a field, the commonest by far, is written the short way. */
function keyOf(condition: Condition): string {
  if (condition.op === 'compare' && condition.left.kind === 'field') {
    return `${condition.left.path} ${condition.is} ${typeof condition.right === 'string' ? JSON.stringify(condition.right) : condition.right}`;
  }
  return JSON.stringify(condition);
}

function evaluateLeaf(leaf: Leaf): Evaluate {
  const { slot } = leaf;
  switch (leaf.kind) {
    case 'at-least':
      return (x) => (Number.isNaN(x[slot]) ? UNKNOWN : (x[slot] as number) >= leaf.bound ? TRUE : FALSE);
    case 'at-most':
      return (x) => (Number.isNaN(x[slot]) ? UNKNOWN : (x[slot] as number) <= leaf.bound ? TRUE : FALSE);
    case 'equal':
      return (x) => (Number.isNaN(x[slot]) ? UNKNOWN : ((x[slot] as number) === leaf.to) !== leaf.negated ? TRUE : FALSE);
    case 'words':
      return (x) => (Number.isNaN(x[slot]) ? UNKNOWN : leaf.of.has(x[slot] as number) !== leaf.negated ? TRUE : FALSE);
  }
}
