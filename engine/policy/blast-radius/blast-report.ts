/** What a change of policy would do: plain data, the same for people and for machines. */
import type { Stage } from '#contract/reason-codes.ts';
import type { RuleChange } from './rule-changes.ts';

/** How many decisions an action would be shown in, before and after. */
export interface ActionEffect {
  readonly actionId: string;
  readonly shownBefore: number;
  readonly shownAfter: number;
  /** Of these, as the card. */
  readonly cardBefore: number;
  readonly cardAfter: number;
  /** Decisions in which it would be shown and was not, and the other way round. */
  readonly won: number;
  readonly lost: number;
  /** Where it ended before and would end after, where that differs; most frequent first. */
  readonly moves: readonly { readonly from: Stage | 'absent'; readonly to: Stage | 'absent'; readonly decisions: number }[];
}

export interface GroupEffect {
  readonly field: string;
  /** `unknown` where the value is not known. */
  readonly value: string;
  readonly customers: number;
  readonly decisions: number;
  /** Decisions in which something else would be shown. */
  readonly affected: number;
}

/** What must not go unnoticed. */
export type Finding =
  /** Conditions on whether an action may be offered at all are gone; `left` are still there. */
  | {
      readonly kind: 'eligibility-removed';
      readonly actionId: string;
      readonly conditions: readonly string[];
      readonly left: number;
      readonly won: number;
    }
  /** A contact policy no longer limits actions it limited. `unlimited`: those that no other policy limits either. */
  | {
      readonly kind: 'contact-policy-not-applied';
      readonly policy: string;
      readonly why: 'removed' | 'covers-less';
      readonly actions: readonly string[];
      readonly unlimited: readonly string[];
      readonly won: number;
    }
  /** A contact policy held something back in these decisions and would in none of them now. */
  | { readonly kind: 'contact-policy-silent'; readonly policy: string; readonly decisions: number }
  /** A rest lasts longer than history is kept. */
  | {
      readonly kind: 'endless-suppression';
      readonly policy: string;
      readonly days: number;
      readonly actions: number;
      readonly lost: number;
    }
  /** An exclusion that ends later than history is kept after the last of the decisions. */
  | { readonly kind: 'endless-exclusion'; readonly actionId: string; readonly days: number; readonly lost: number }
  /** An action was shown and would not be once. `stages`: where it would end instead. */
  | {
      readonly kind: 'never-shown';
      readonly actionId: string;
      readonly shownBefore: number;
      readonly stages: readonly { readonly stage: Stage | 'absent'; readonly decisions: number }[];
    };

/**
 * none: the same rules. wording: only what people read. rules: rules differ, and every action ends where it ended.
 * stages: some action ends elsewhere, and the same is shown. decisions: something else is shown.
 */
export type Effect = 'none' | 'wording' | 'rules' | 'stages' | 'decisions';

export interface BlastReport {
  /** Hashes of the revisions. */
  readonly before: string;
  readonly after: string;
  readonly effect: Effect;
  readonly changes: readonly RuleChange[];
  /** Decisions looked at. */
  readonly decisions: number;
  /** Of these, records that do not hold everything the new revision asks: left out of what follows. */
  readonly notKnown: number;
  /** What they do not hold, and in how many records it mattered. */
  readonly missing: readonly { readonly what: string; readonly decisions: number }[];
  /** Decisions in which something else would be shown. */
  readonly different: number;
  /** Actions that win, lose or move, those with most changed decisions first. */
  readonly actions: readonly ActionEffect[];
  readonly groups: readonly GroupEffect[];
  /** Groups left out because they have fewer than ten customers. */
  readonly groupsTooSmall: number;
  readonly findings: readonly Finding[];
}
