import type { CheckedField } from '#contract/checked-policy.ts';
import type { StatedCondition } from '#contract/condition.ts';
import { type Domains, EVERYTHING, narrow } from './narrow.ts';

/** Conditions that can hold together, and what they leave possible. */
export interface Narrowed {
  readonly conditions: readonly StatedCondition[];
  readonly domains: Domains;
  /** An "or" narrows nothing while several of its ways are open, so it is asked again after each later condition. */
  readonly open: readonly StatedCondition[];
}

export const UNCONDITIONAL: Narrowed = { conditions: [], domains: EVERYTHING, open: [] };

export type Reach = Narrowed | { readonly at: StatedCondition; readonly why: string };

/** Whether all conditions can hold at once, with those `before`; otherwise the first one that closes the way, and with which earlier one. */
export const findContradiction = (
  conditions: readonly StatedCondition[],
  fields: ReadonlyMap<string, CheckedField>,
  before = UNCONDITIONAL,
): Reach => {
  if (conditions.length === 0) return before;
  let { domains, open } = before;
  for (let i = 0; i < conditions.length; i++) {
    const at = conditions[i] as StatedCondition;
    let next = narrow(domains, at.condition, fields);
    for (const earlier of open) next = next && narrow(next, earlier.condition, fields);
    if (at.condition.op === 'or' || at.condition.op === 'not') open = [...open, at];
    if (next === null) return { at, why: explain(at, [...before.conditions, ...conditions.slice(0, i)], fields) };
    domains = next;
  }
  return { conditions: [...before.conditions, ...conditions], domains, open };
};

const explain = (at: StatedCondition, earlier: readonly StatedCondition[], fields: ReadonlyMap<string, CheckedField>): string => {
  const alone = narrow(EVERYTHING, at.condition, fields);
  if (alone === null) return `"${at.text}" can never be true: correct it or take it out`;
  const other = earlier.find(({ condition }) => narrow(alone, condition, fields) === null);
  if (other === undefined) return `"${at.text}" can never be true together with the conditions before it: correct one or take it out`;
  const place = other.file === at.file ? `line ${other.line}` : `${other.file} line ${other.line}`;
  return `"${at.text}" can never be true together with "${other.text}" (${place}): correct one or take it out`;
};
