/** What the core and the model tell of a decision, as the window shows it. */
import type { Contributions } from '#contract/contribution.ts';
import type { Change, Verdict, WhatIf } from '#contract/decision.ts';
import type { ActionView, ContributionsView, VerdictView, WhatIfView } from '#contract/desk.ts';
import type { CompiledRevision } from '#core';

type Shown = NonNullable<VerdictView['condition']>['operands'][number]['found'];
type ChangeView = WhatIfView['found'][number]['changes'][number];

const shown = (value: Change['to']): Shown => (typeof value === 'object' && value !== null ? [...value] : value);

export function actionView(
  { revision, actionIndex }: CompiledRevision,
  { actionId, stage, code }: Pick<ActionView, 'actionId' | 'stage' | 'code'>,
): ActionView {
  const action = revision.actions[actionIndex.get(actionId) ?? -1];
  if (action === undefined) throw new Error(`a verdict names ${actionId}, which its revision does not have`);
  const { name, issue, group } = action;
  return { actionId, name, issue, group, stage, code };
}

/** `best` is the highest priority of the same decision. */
export function verdictView(
  compiled: CompiledRevision,
  verdict: Verdict,
  best: number,
  contributions: ContributionsView | null,
): VerdictView {
  const { by, condition, factors } = verdict;
  return {
    ...actionView(compiled, verdict),
    by,
    condition:
      condition === null
        ? null
        : {
            text: condition.text,
            operands: condition.operands.map(({ label, found, required }) => ({ label, found: shown(found), required })),
          },
    strength: factors === null ? null : strengthOf(factors.priority, best),
    contributions,
  };
}

/** Against the best of the same decision: people get words, never a probability. */
function strengthOf(priority: number, best: number): VerdictView['strength'] {
  if (best <= 0) return 'weak';
  const ratio = priority / best;
  return ratio >= 0.6 ? 'strong' : ratio >= 0.25 ? 'some' : 'weak';
}

export function contributionsView({ revision, slots }: CompiledRevision, told: Contributions): ContributionsView {
  if (!told.exact) return told;
  const parts = told.contributions.map(({ field, label: named = field, value, logOdds }) => {
    const definition = revision.fields[slots.find(field) ?? -1];
    // Of a field that the revision does not have the model knew nothing.
    if (definition === undefined) return { label: named, type: typeof value === 'number' ? 'number' : 'text', value, logOdds } as const;
    const { label, type, unit } = definition;
    return { label, type, ...(unit === undefined ? {} : { unit }), value, logOdds };
  });
  return { exact: true, parts };
}

export function whatIfView(compiled: CompiledRevision, actionId: string, isShown: boolean, told: WhatIf): WhatIfView {
  return {
    actionId,
    isShown,
    found: told.found.map(({ changes }) => ({ changes: changes.map((change) => changeView(compiled, change)) })),
    none: told.found.length === 0,
    isExhaustive: told.isExhaustive,
    areScoresFixed: told.areScoresFixed,
  };
}

function changeView({ revision, slots }: CompiledRevision, { path, from, to, by }: Change): ChangeView {
  if (path === 'said') {
    const topic = revision.topics.find((one) => (one.by === by || one.by === 'anyone') && one.phrases.some((phrase) => phrase === to));
    return { label: topic?.topic ?? String(to), type: 'said', from: null, to: shown(to), changeableBy: by };
  }
  const field = revision.fields[slots.find(path) ?? -1];
  if (field === undefined) throw new Error(`a change names ${path}, which its revision does not have`);
  const { label, type, unit } = field;
  return { label, type, from: shown(from), to: shown(to), ...(unit === undefined ? {} : { unit }), changeableBy: by };
}
