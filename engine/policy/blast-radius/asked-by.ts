/** Which stages of which actions ask for a field, a count or something that was said. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition, Operand } from '#contract/condition.ts';
import type { Stage } from '#contract/reason-codes.ts';
import { canonicalJson, leavesOf } from '#core';

export const countKey = (operand: Extract<Operand, { kind: 'count' }>): string => `count ${canonicalJson(operand)}`;
export const fieldKey = (path: string): string => `field ${path}`;
export const saidKey = (by: string, phrases: readonly string[]): string => `said ${canonicalJson([by, phrases])}`;
export const topicKey = (topic: string): string => `topic ${topic}`;

const TOPICS = 'call.topics';

/** Keys of everything a condition reads. */
const keysOf = (condition: Condition): readonly string[] =>
  leavesOf(condition).flatMap((leaf) => {
    switch (leaf.op) {
      case 'compare':
      case 'in':
        return [leaf.left.kind === 'count' ? countKey(leaf.left) : fieldKey(leaf.left.path)];
      case 'has':
        return [leaf.path === TOPICS ? topicKey(leaf.value) : fieldKey(leaf.path)];
      case 'said':
        return [saidKey(leaf.by, leaf.phrases)];
      case 'literal':
        return [];
    }
  });

/** A place where the answer matters: the stage of an action. */
export interface Asking {
  readonly action: number;
  readonly stage: Stage;
}

export class AskedBy {
  readonly #askings = new Map<string, Asking[]>();

  constructor({ actions, care }: CheckedRevision) {
    for (const [action, { eligibility, applicability, suitability, context, sales }] of actions.entries()) {
      const stages = { eligibility, applicability, suitability } as const;
      for (const [stage, conditions] of Object.entries(stages) as [keyof typeof stages, typeof eligibility][])
        for (const { condition } of conditions) this.#note(condition, { action, stage });
      // A context weight moves the priority, and with it everything from there on.
      for (const { when } of context) this.#note(when, { action, stage: 'scored' });
      if (sales) for (const { condition } of care) this.#note(condition, { action, stage: 'care' });
    }
  }

  of(key: string): readonly Asking[] {
    return this.#askings.get(key) ?? [];
  }

  #note(condition: Condition, asking: Asking): void {
    for (const key of keysOf(condition)) {
      const known = this.#askings.get(key);
      if (known === undefined) this.#askings.set(key, [asking]);
      else known.push(asking);
    }
  }
}
