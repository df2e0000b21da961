/**
 * Why, why not, and what would have changed it: from the record of a decision, so that the answer is about what was
 * decided and not about now. Nothing is written, drawn or counted for an answer.
 */
import { DecisionRecord } from '#contract/decision-record.ts';
import { InWords } from '#contract/fault.ts';
import type { ContributionsView, VerdictView, WhatIfView } from '#contract/desk.ts';
import type { IpcResponse } from '#contract/ipc.ts';
import { REASON_ALPHABET, REASONS } from '#contract/reason-codes.ts';
import { type Candidates, type Decider, readCanonical, type Scores } from '#core';
import type { Store } from '#ports/store.ts';
import type { CallDesk } from './call-desk.ts';
import type { DecisionLoop } from './decision-loop.ts';
import { actionView, contributionsView, verdictView, whatIfView } from './explanation-views.ts';
import { type Ladder, WITHOUT_MODEL } from './ladder.ts';
import type { RevisionKeeper } from './revision-keeper.ts';

const ERASED = 'This decision was erased with the data of the customer it was about. It can no longer be explained.';

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

  /** Where every action ended in the call's last decision: its record says so, nothing is decided again. */
  actions(call: CallDesk | null): IpcResponse<'explain:actions'> {
    const record = this.#record(call?.lastDecision?.decisionId ?? null);
    const compiled = record === null ? null : (this.#keeper.asideOf(record.policy)?.compiled ?? null);
    if (record !== null && compiled !== null) {
      const actions = compiled.revision.actions.map(({ id }, place) => {
        const reason = REASONS[REASON_ALPHABET.indexOf(record.reasons.charAt(place))];
        if (reason === undefined) throw new Error(`record ${record.id} has no reason for ${id}, which its revision has`);
        return actionView(compiled, { actionId: id, ...reason });
      });
      return { decisionId: record.id, actions };
    }
    const now = this.#now(call);
    if (now === null) return { decisionId: null, actions: [] };
    const { decider, candidates, scores } = now;
    return { decisionId: null, actions: decider.explainAll(candidates, scores).map((verdict) => actionView(decider.compiled, verdict)) };
  }

  /** Of one action of one decision, or the call's last; null when there is nothing to explain it with. */
  verdict(call: CallDesk | null, decisionId: string | null, actionId: string): VerdictView | null {
    const asked = this.#recorded(decisionId ?? call?.lastDecision?.decisionId ?? null) ?? this.#now(call);
    if (asked === null) return null;
    const { decider, candidates, scores } = asked;
    const contributions = this.#contributions(asked, actionId);
    const verdicts = decider.explainAll(candidates, scores);
    const verdict = verdicts.find((one) => one.actionId === actionId);
    if (verdict === undefined) return null;
    const best = Math.max(...verdicts.map(({ factors }) => factors?.priority ?? 0));
    return verdictView(decider.compiled, verdict, best, contributions);
  }

  /**
   * Of one action: of one decision of the call, or as it would be decided now. (The call's last record may be older than its last
   * decision, which came to the same on other facts.) Null when there is nothing to try it with.
   */
  async whatIf(callId: string, call: CallDesk | null, decisionId: string | null, actionId: string): Promise<WhatIfView | null> {
    const asked = decisionId === null ? await this.#scoredNow(call) : this.#recorded(decisionId);
    if (asked === null || asked.callId !== callId) return null;
    const { decider, candidates, scores } = asked;
    const verdicts = decider.explainAll(candidates, scores);
    const verdict = verdicts.find((one) => one.actionId === actionId);
    if (verdict === undefined) return null;
    // Most decisions are taken while somebody speaks, and then nothing new could be shown whatever were otherwise. Where nothing
    // waited for the pause, it made no difference to the decision, and is not what is asked about.
    const waits = verdicts.some(({ code }) => code === 'someone-speaking');
    const facts = waits ? candidates.facts : { ...candidates.facts, speaking: false, silentSinceMs: null };
    const told = decider.whatWouldChange({ ...candidates, facts }, scores, actionId);
    return whatIfView(decider.compiled, actionId, verdict.stage === 'shown', told);
  }

  #recorded(decisionId: string | null): Asked | null {
    const record = this.#record(decisionId);
    if (record === null) return null;
    const decider = this.#keeper.asideOf(record.policy);
    if (decider === null) return null;
    const model = this.#ladder.recorded(decider.compiled, record.models);
    if (record.models.length > 0 && model === null) return null;
    const { callId } = record;
    return { decider, ...decider.recorded(record, model), callId };
  }

  #record(decisionId: string | null): DecisionRecord | null {
    const json = decisionId === null ? null : this.#store.decisionRecord(decisionId);
    if (json === null && decisionId !== null && this.#store.isErased({ decisionId })) throw new InWords(ERASED);
    return json === null ? null : DecisionRecord.parse(readCanonical(json));
  }

  /** As it would be decided now, before a model is asked. */
  #now(call: CallDesk | null): Asked | null {
    const decider = this.#keeper.aside;
    if (decider === null || call === null) return null;
    const inputs = this.#loop.aside(call);
    const candidates = decider.filter(inputs, this.#ladder.modelFor(decider.compiled, inputs));
    return { decider, candidates, scores: WITHOUT_MODEL, callId: call.callId };
  }

  async #scoredNow(call: CallDesk | null): Promise<Asked | null> {
    const now = this.#now(call);
    return now === null ? null : { ...now, scores: await this.#ladder.score(now.decider.compiled, now.candidates) };
  }

  /** Null for an action that was not scored. */
  #contributions({ decider, candidates, scores }: Asked, actionId: string): ContributionsView | null {
    const { compiled } = decider;
    const number = compiled.actionIndex.get(actionId) ?? -1;
    const action = compiled.revision.actions[number];
    const place = candidates.actions.indexOf(number);
    if (action === undefined || place < 0) return null;
    const models = scores.propensity === null ? [] : (scores.model?.hash.split(' ') ?? []);
    const learnt = scores.model?.learnt ?? null;
    const [model = null] = models;
    const told = this.#ladder.contributionsOf({
      action,
      model: model === null || this.#ladder.adaptive.manifest(model) !== null ? null : model,
      answers: this.#ladder.adaptive.apart(compiled, { models, learnt }, number, candidates),
      propensity: scores.propensity?.[place] ?? Number.NaN,
      catalogue: compiled.revision.fields,
      fields: candidates,
    });
    return contributionsView(compiled, told);
  }
}
