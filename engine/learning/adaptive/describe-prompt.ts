/** A prompt as learning sees it, from the record of the decision that brought it: no id of anybody, no free text. */
import { LEARNT_ACTION } from '#contract/learning.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import { type CompiledRevision, type FieldFact, recordedFields } from '#core';
import type { AdaptiveShape, Cell } from './response-encoder.ts';

export interface DescribedPrompt {
  readonly action: readonly Cell[];
  readonly features: readonly Cell[];
}

/** What is learnt is about an action on a channel, and about these fields. */
export const learntShape = (features: readonly string[]): AdaptiveShape => ({ action: LEARNT_ACTION, features });

/** Cells in the order of LEARNT_ACTION. */
export const actionCells = (channel: string, { group, id }: { readonly group: string; readonly id: string }): readonly Cell[] => [
  channel,
  group,
  id,
];

/** Lists and anything else that is no single value are unknown. */
export const featureCell = (value: FieldFact): Cell => (typeof value === 'object' ? null : value);

/** `compiled`: the revision the record names. Null for an action it does not have. */
export function describePrompt(
  compiled: CompiledRevision,
  record: DecisionRecord,
  actionId: string,
  features: readonly string[],
): DescribedPrompt | null {
  const action = compiled.revision.actions[compiled.actionIndex.get(actionId) ?? -1];
  if (action === undefined) return null;
  const { channel, field } = recordedFields(compiled, record);
  return { action: actionCells(channel, action), features: features.map((path) => featureCell(field(path))) };
}
