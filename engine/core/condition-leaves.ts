/** What a condition asks in the end, whatever `and`, `or` and `not` make of it. */
import type { Condition } from '#contract/condition.ts';

export type ConditionLeaf = Exclude<Condition, { readonly op: 'and' | 'or' | 'not' }>;

/** In the order in which they stand; one that is there twice comes twice. */
export function leavesOf(condition: Condition): readonly ConditionLeaf[] {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.flatMap(leavesOf);
    case 'not':
      return leavesOf(condition.of);
    case 'compare':
    case 'in':
    case 'has':
    case 'said':
    case 'literal':
      return [condition];
  }
}
