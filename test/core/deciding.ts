/** One decision in one call, as tests like to ask for it. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Decision, DecisionInputs, Scores } from '#contract/decision.ts';
import { REASON_ALPHABET, REASONS } from '#contract/reason-codes.ts';
import { arbitrate, type Candidates, type CompiledRevision, compileRevision, filter } from '#core';
import { core, NO_MODEL } from './fixtures.ts';

export interface Decided {
  readonly compiled: CompiledRevision;
  readonly candidates: Candidates;
  readonly decision: Decision;
  /** Where each action ended: `stage/code` by id. */
  readonly ended: Readonly<Record<string, string>>;
  /** `primary:a chip:b`, or the reason of the refrain. */
  readonly shown: string;
}

export function decide(
  revision: CheckedRevision,
  inputs: DecisionInputs,
  scores: Scores | ((candidates: Candidates) => Scores) = NO_MODEL,
): Decided {
  const compiled = compileRevision(revision);
  const candidates = filter(compiled, inputs);
  const decision = arbitrate(compiled, inputs, candidates, typeof scores === 'function' ? scores(candidates) : scores, core);
  const ended = Object.fromEntries(
    revision.actions.map(({ id }, index) => {
      const reason = REASONS[REASON_ALPHABET.indexOf(decision.record.reasons[index] ?? '')];
      return [id, `${reason?.stage}/${reason?.code}`];
    }),
  );
  const { result } = decision;
  const shown = result.kind === 'refrain' ? result.reason : result.prompts.map((prompt) => `${prompt.role}:${prompt.actionId}`).join(' ');
  return { compiled, candidates, decision, ended, shown };
}
