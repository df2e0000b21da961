/** Whether a policy asks a model of text for what it tells: asked where either is loaded, never while a decision waits. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import type { IntentManifest } from '#contract/text-model.ts';
import { leavesOf } from '#core';
import { type CardFinding, describeCardFinding } from './check-model.ts';
import { suggestion } from './nearest-name.ts';

export type IntentFinding =
  /** A condition that can never hold with this model. */
  | {
      readonly kind: 'unknown-intent';
      readonly intent: string;
      /** The model's own name that is nearest, as the end of a sentence; empty = none is near. */
      readonly hint: string;
    }
  | CardFinding;

const FIELDS: ReadonlySet<string> = new Set(['call.intent', 'call.intents']);

/** What its card lacks, then one for each name, in the order of names. */
export function checkIntents(
  revision: CheckedRevision,
  { labels, card: { accuracy } }: Pick<IntentManifest, 'labels' | 'card'>,
): readonly IntentFinding[] {
  const asked = revision.modelCard?.leastAccuracy ?? 0;
  const named = new Set(conditionsOf(revision).flatMap((condition) => leavesOf(condition).flatMap(intentsOf)));
  const unknown = [...named]
    .filter((intent) => !labels.includes(intent))
    .toSorted()
    .map((intent): IntentFinding => ({ kind: 'unknown-intent', intent, hint: suggestion(intent, labels) }));
  return accuracy < asked ? [{ kind: 'card', figure: 'accuracy', found: accuracy, asked, is: 'below' }, ...unknown] : unknown;
}

function conditionsOf({ care, actions }: CheckedRevision): readonly Condition[] {
  const ofActions = actions.flatMap(({ eligibility, applicability, suitability, context, reasons, treatments }) => [
    ...[...eligibility, ...applicability, ...suitability].map(({ condition }) => condition),
    ...[...context, ...reasons, ...treatments].flatMap(({ when }) => when ?? []),
  ]);
  return [...care.map(({ condition }) => condition), ...ofActions];
}

function intentsOf(leaf: ReturnType<typeof leavesOf>[number]): readonly string[] {
  switch (leaf.op) {
    case 'has':
      return FIELDS.has(leaf.path) ? [leaf.value] : [];
    case 'compare':
    case 'in': {
      if (leaf.left.kind !== 'field' || !FIELDS.has(leaf.left.path)) return [];
      return (leaf.op === 'in' ? leaf.set : [leaf.right]).filter((value) => typeof value === 'string');
    }
    case 'said':
    case 'literal':
      return [];
  }
}

/** For people who look after models and policies. */
export const describeIntentFinding = (finding: IntentFinding): string =>
  finding.kind === 'card'
    ? describeCardFinding(finding)
    : `the policy asks for the intent "${finding.intent}", which it never tells${finding.hint}: rename it there, or train with it`;
