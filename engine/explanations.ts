/** Why, and why not: from the record of a decision, so that the answer is about what was decided and not about now. */
import { DecisionRecord } from '#contract/decision-record.ts';
import type { Verdict } from '#contract/decision.ts';
import type { VerdictView } from '#contract/desk.ts';
import type { CompiledRevision } from '#core';
import type { Store } from '#ports/store.ts';
import type { CallDesk } from './call-desk.ts';
import type { DecisionLoop } from './decision-loop.ts';
import { type Ladder, WITHOUT_MODEL } from './ladder.ts';
import type { RevisionKeeper } from './revision-keeper.ts';

export class Explanations {
  readonly #store: Store;
  readonly #keeper: RevisionKeeper;
  readonly #ladder: Ladder;
  readonly #loop: DecisionLoop;

  constructor(store: Store, keeper: RevisionKeeper, ladder: Ladder, loop: DecisionLoop) {
    this.#store = store;
    this.#keeper = keeper;
    this.#ladder = ladder;
    this.#loop = loop;
  }

  /** Of one decision, or the call's last; of one action, or all. Empty when there is nothing to explain it with. */
  verdicts(call: CallDesk | null, decisionId: string | null, actionId: string | null): readonly VerdictView[] {
    const explained = this.#explain(call, decisionId ?? call?.lastDecision?.decisionId ?? null);
    if (explained === null) return [];
    const best = Math.max(...explained.verdicts.map(({ factors }) => factors?.priority ?? 0));
    return explained.verdicts
      .filter((verdict) => actionId === null || verdict.actionId === actionId)
      .map((verdict) => view(explained.compiled, verdict, best));
  }

  #explain(
    call: CallDesk | null,
    decisionId: string | null,
  ): { readonly compiled: CompiledRevision; readonly verdicts: readonly Verdict[] } | null {
    const json = decisionId === null ? null : this.#store.decisionRecord(decisionId);
    if (json !== null) {
      const record = DecisionRecord.parse(JSON.parse(json));
      const decider = this.#keeper.asideOf(record.policy);
      const [hash] = record.models;
      const model = hash === undefined || decider === null ? null : this.#ladder.model(decider.compiled, hash);
      if (decider !== null && (hash === undefined || model !== null)) {
        const { candidates, scores } = decider.recorded(record, model);
        return { compiled: decider.compiled, verdicts: decider.explainAll(candidates, scores) };
      }
    }
    const decider = this.#keeper.aside;
    if (decider === null || call === null) return null;
    const candidates = decider.filter(this.#loop.inputs(call, { kind: 'request' }));
    return { compiled: decider.compiled, verdicts: decider.explainAll(candidates, WITHOUT_MODEL) };
  }
}

function view({ revision, actionIndex }: CompiledRevision, verdict: Verdict, best: number): VerdictView {
  const action = revision.actions[actionIndex.get(verdict.actionId) ?? -1];
  if (action === undefined) throw new Error(`a verdict names ${verdict.actionId}, which its revision does not have`);
  const { actionId, stage, code, by, condition, factors } = verdict;
  return {
    actionId,
    name: action.name,
    issue: action.issue,
    group: action.group,
    stage,
    code,
    by,
    condition:
      condition === null
        ? null
        : {
            text: condition.text,
            operands: condition.operands.map(({ label, found, required }) => ({
              label,
              found: typeof found === 'object' && found !== null ? [...found] : found,
              required,
            })),
          },
    strength: factors === null ? null : strengthOf(factors.priority, best),
    contributions: null,
  };
}

/** Against the best of the same decision: people get words, never a probability. */
function strengthOf(priority: number, best: number): VerdictView['strength'] {
  if (best <= 0) return 'weak';
  const ratio = priority / best;
  return ratio >= 0.6 ? 'strong' : ratio >= 0.25 ? 'some' : 'weak';
}
