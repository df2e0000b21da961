/**
 * The checked form of a condition: what the policy layer makes of CEL text and what the core evaluates,
 * explains and searches. Evaluated in three values; a missing, stale or invalid field is unknown.
 */
import type { Channel, OutcomeKind } from './profile.ts';
import type { Speaker } from './call-events.ts';

export type Comparison = '<' | '<=' | '==' | '!=' | '>=' | '>';

/** What is true of two known values where the comparison is not. */
export const OPPOSITE: Readonly<Record<Comparison, Comparison>> = { '<': '>=', '<=': '>', '==': '!=', '!=': '==', '>=': '<', '>': '<=' };

/** What a count looks at. `this…` is resolved to the action at hand when a revision is checked. */
export type CountScope = { readonly of: 'action' | 'group' | 'issue'; readonly name: string } | { readonly of: 'any' };

/** Something with a value at decision time. */
export type Operand =
  /** A field of the catalogue, by its full path (`profile.tenureMonths`). */
  | { readonly kind: 'field'; readonly path: string }
  /** Time since a field of type `time`, in milliseconds; negative for a moment ahead. */
  | { readonly kind: 'since'; readonly path: string }
  /** How many interactions of a kind lie within the window; a known 0 needs a known history. */
  | {
      readonly kind: 'count';
      readonly outcome: OutcomeKind;
      readonly scope: CountScope;
      readonly channel?: Channel;
      readonly windowMs: number;
    };

export type Literal = number | string | boolean;

export type Condition =
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly op: 'not'; readonly of: Condition }
  | { readonly op: 'compare'; readonly left: Operand; readonly is: Comparison; readonly right: Literal }
  | { readonly op: 'in'; readonly left: Operand; readonly set: readonly (number | string)[] }
  /** A field of type `set` contains a value. */
  | { readonly op: 'has'; readonly path: string; readonly value: string }
  /** Somebody's final utterances on this call contain one of the phrases, word for word, letter case and punctuation aside. */
  | { readonly op: 'said'; readonly by: Speaker | 'anyone'; readonly phrases: readonly string[] }
  | { readonly op: 'literal'; readonly value: boolean };

/** A condition with the text it came from: one conjunct of what the policy's author wrote. */
export interface StatedCondition {
  readonly condition: Condition;
  /** The author's text of this conjunct. */
  readonly text: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}
