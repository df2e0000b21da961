/**
 * Why, why not, and what would have changed it: from the record of a decision, so that the answer is about what was
 * decided and not about now. Nothing is written, drawn or counted for an answer.
 */
import { DecisionRecord } from '#contract/decision-record.ts';
import type { ContributionsView, VerdictView, WhatIfView } from '#contract/desk.ts';
import type { Candidates, Decider, Scores } from '#core';
import type { Store } from '#ports/store.ts';
import type { CallDesk } from './call-desk.ts';
import type { DecisionLoop } from './decision-loop.ts';
import { contributionsView, verdictView, whatIfView } from './explanation-views.ts';
import { type Ladder, WITHOUT_MODEL } from './ladder.ts';
import type { RevisionKeeper } from './revision-keeper.ts';

/** A decision as its decider has it before arbitration. */
interface Asked {
  readonly decider: Decider;
  readonly candidates: Candidates;
  readonly scores: Scores;
  readonly callId: string;
}

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
    const asked = this.#recorded(decisionId ?? call?.lastDecision?.decisionId ?? null) ?? this.#now(call);
    if (asked === null) return [];
    const { decider, candidates, scores } = asked;
    const contributions = actionId === null ? null : this.#contributions(asked, actionId);
    const verdicts = decider.explainAll(candidates, scores);
    const best = Math.max(...verdicts.map(({ factors }) => factors?.priority ?? 0));
    return verdicts
      .filter((verdict) => actionId === null || verdict.actionId === actionId)
      .map((verdict) => verdictView(decider.compiled, verdict, best, contributions));
  }

  /** Of one action of one decision of the call; null when there is nothing to try it with any more. */
  whatIf(callId: string, decisionId: string, actionId: string): WhatIfView | null {
    const asked = this.#recorded(decisionId);
    if (asked === null || asked.callId !== callId || !asked.decider.compiled.actionIndex.has(actionId)) return null;
    const { decider, candidates, scores } = asked;
    return whatIfView(decider.compiled, actionId, decider.whatWouldChange(candidates, scores, actionId));
  }

  #recorded(decisionId: string | null): Asked | null {
    const json = decisionId === null ? null : this.#store.decisionRecord(decisionId);
    if (json === null) return null;
    const record = DecisionRecord.parse(JSON.parse(json));
    const decider = this.#keeper.asideOf(record.policy);
    if (decider === null) return null;
    const [hash] = record.models;
    const model = hash === undefined ? null : this.#ladder.model(decider.compiled, hash);
    if (hash !== undefined && model === null) return null;
    const { callId } = record;
    return { decider, ...decider.recorded(record, model), callId };
  }

  /** As it would be decided now, before a model is asked. */
  #now(call: CallDesk | null): Asked | null {
    const decider = this.#keeper.aside;
    if (decider === null || call === null) return null;
    const candidates = decider.filter(this.#loop.aside(call));
    return { decider, candidates, scores: WITHOUT_MODEL, callId: call.callId };
  }

  /** Null for an action that was not scored. */
  #contributions({ decider, candidates, scores }: Asked, actionId: string): ContributionsView | null {
    const { compiled } = decider;
    const number = compiled.actionIndex.get(actionId) ?? -1;
    const action = compiled.revision.actions[number];
    const place = candidates.actions.indexOf(number);
    if (action === undefined || place < 0) return null;
    const told = this.#ladder.contributions.of({
      action,
      model: scores.propensity === null ? null : (scores.model?.hash ?? null),
      propensity: scores.propensity?.[place] ?? Number.NaN,
      catalogue: compiled.revision.fields,
      fields: candidates,
    });
    return contributionsView(compiled, told);
  }
}
