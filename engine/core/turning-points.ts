/** When a decision can change though nothing is said or done: the call's own clocks, and time that passes since something. */
import { at } from './at.ts';
import { type ConditionLeaf, leavesOf } from './condition-leaves.ts';
import type { Predicate } from './predicates.ts';

/** Fields that grow by themselves while a call goes on. */
const CLOCKS: ReadonlySet<string> = new Set(['call.elapsedS', 'call.customerSilentS']);

/** Whole numbers at which a condition on one of the call's clocks, or on the time since a field, can turn as it grows. Ascending. */
export function turningPoints(predicates: readonly Predicate[]): (kind: 'field' | 'since', path: string) => readonly number[] {
  const found = new Map<string, Set<number>>();
  const note = (leaf: ConditionLeaf): void => {
    if ((leaf.op !== 'compare' && leaf.op !== 'in') || leaf.left.kind === 'count') return;
    if (leaf.left.kind === 'field' && !CLOCKS.has(leaf.left.path)) return;
    const key = `${leaf.left.kind} ${leaf.left.path}`;
    const points = found.get(key) ?? new Set();
    found.set(key, points);
    const is = leaf.op === 'in' ? '==' : leaf.is;
    for (const literal of leaf.op === 'in' ? leaf.set : [leaf.right]) {
      if (typeof literal !== 'number') continue;
      if (is !== '>' && is !== '<=') points.add(Math.ceil(literal));
      if (is !== '>=' && is !== '<') points.add(Math.floor(literal) + 1);
    }
  };
  for (let i = 0; i < predicates.length; i++) {
    const { condition } = at(predicates, i);
    if (condition.op === 'compare') note(condition);
    else leavesOf(condition).forEach(note);
  }
  const sorted = new Map([...found].map(([key, points]) => [key, [...points].toSorted((a, b) => a - b)] as const));
  return (kind, path) => sorted.get(`${kind} ${path}`) ?? [];
}
