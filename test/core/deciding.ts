/** One decision in one call, as tests like to ask for it. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import type { Decision, DecisionInputs, Verdict } from '#contract/decision.ts';
import { REASONS } from '#contract/reason-codes.ts';
import { type Candidates, compileRevision, Decider, type Scores } from '#core';
import { core, NO_MODEL } from './fixtures.ts';

/** Scores, or what gives them for the candidates there are. */
export type Scoring = Scores | ((candidates: Candidates) => Scores);

export interface Decided {
  readonly decider: Decider;
  readonly candidates: Candidates;
  readonly decision: Decision;
  readonly record: DecisionRecord;
  /** What the record holds in full: [action, P, C, priority], the best first; of another runtime's scores those shown. */
  readonly best: readonly (readonly [number, number, number, number])[];
  /** Where each action ended: `stage/code` by id. */
  readonly ended: Readonly<Record<string, string>>;
  /** `primary:a chip:b`, or the reason of the refrain. */
  readonly shown: string;
  /** Of what is shown, by action. */
  readonly treatments: Readonly<Record<string, string>>;
}

const scoresOf = (scoring: Scoring, candidates: Candidates): Scores => (typeof scoring === 'function' ? scoring(candidates) : scoring);

export const deciderOf = (revision: CheckedRevision): Decider => new Decider(compileRevision(revision), core);

export function decide(revision: CheckedRevision, inputs: DecisionInputs, scoring: Scoring = NO_MODEL): Decided {
  const decider = deciderOf(revision);
  const candidates = decider.filter(inputs);
  const decision = decider.arbitrate(inputs, candidates, scoresOf(scoring, candidates));
  const ended = Object.fromEntries(
    revision.actions.map(({ id }, index) => {
      const reason = REASONS[decision.codes[index] ?? -1];
      return [id, `${reason?.stage}/${reason?.code}`];
    }),
  );
  const { result } = decision;
  const shown = result.kind === 'refrain' ? result.reason : result.prompts.map((prompt) => `${prompt.role}:${prompt.actionId}`).join(' ');
  const prompts = result.kind === 'refrain' ? [] : result.prompts;
  const treatments = Object.fromEntries(prompts.map(({ actionId, treatmentId }) => [actionId, treatmentId]));
  const record = DecisionRecord.parse(JSON.parse(decision.recordJson));
  return { decider, candidates, decision, record, best: bestOf(record), ended, shown, treatments };
}

export function bestOf({ scores }: DecisionRecord): Decided['best'] {
  const bytes = Buffer.from(scores.best.pcp, 'base64');
  return scores.best.actions.map((action, place) => [
    action,
    bytes.readDoubleLE(place * 24),
    bytes.readDoubleLE(place * 24 + 8),
    bytes.readDoubleLE(place * 24 + 16),
  ]);
}

export function explainAll(revision: CheckedRevision, inputs: DecisionInputs, scoring: Scoring): readonly Verdict[] {
  const decider = deciderOf(revision);
  const candidates = decider.filter(inputs);
  return decider.explainAll(candidates, scoresOf(scoring, candidates));
}

export function explain(revision: CheckedRevision, inputs: DecisionInputs, scoring: Scoring, actionId: string): Verdict {
  const decider = deciderOf(revision);
  const candidates = decider.filter(inputs);
  return decider.explain(candidates, scoresOf(scoring, candidates), actionId);
}
