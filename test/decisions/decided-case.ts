/** What the core and the plain interpreter make of a case, in the words of its expectations. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionInputs, Reason, Verdict } from '#contract/decision.ts';
import type { Scores } from '#core';
import { decide, explainAll, type Scoring } from '../core/deciding.ts';
import { decidePlainly, type PlainDecision } from '../core/plain-decision.ts';
import type { Expected, Given } from './case-file.ts';

/** Each key of `expected` as it really came out; what a case does not ask for is left out. */
export function decidedCase(
  revision: CheckedRevision,
  inputs: DecisionInputs,
  model: Given['model'],
  expected: Expected,
): { readonly core: Partial<Expected>; readonly plain: PlainDecision } {
  const scores = (ids: readonly string[]): Scores => scoresOf(revision, model, ids);
  const scoring: Scoring = ({ actions }) => scores(Array.from(actions, (action) => revision.actions[action]?.id ?? ''));
  const decided = decide(revision, inputs, scoring);
  const { result, rung, recheckAtMs } = decided.decision;
  const prompts = result.kind === 'show' ? result.prompts : [];
  const verdicts = explainAll(revision, inputs, scoring);
  const verdict = (id: string): Verdict => {
    const found = verdicts.find(({ actionId }) => actionId === id);
    if (found === undefined) throw new Error(`a case expects something of ${id}, which its policy does not have`);
    return found;
  };
  const prompt = (id: string) => prompts.find(({ actionId }) => actionId === id);
  const core: Record<keyof Expected, unknown> = {
    shown: result.kind === 'show' ? result.prompts.map(({ actionId }) => actionId) : [result.reason],
    refrain: result.kind === 'show' ? decided.shown : result.reason,
    best: result.kind === 'show' ? null : result.bestActionId,
    worth: result.kind === 'show' ? null : result.value,
    ended: of(expected.ended, (id) => decided.ended[id]),
    priority: of(expected.priority, (id) => verdict(id).factors?.priority),
    contextWeight: of(expected.contextWeight, (id) => verdict(id).factors?.contextWeight),
    propensity: of(expected.propensity, (id) => verdict(id).factors?.propensity),
    rank: of(expected.rank, (id) => verdict(id).factors?.rank),
    rung,
    treatment: of(expected.treatment, (id) => prompt(id)?.treatmentId),
    lookAgainIn: recheckAtMs === null ? null : recheckAtMs - inputs.nowMs,
    leavesIn: of(expected.leavesIn, (id) => (prompt(id)?.expiresAtMs ?? 0) - inputs.nowMs),
    because: of(expected.because, (id) => prompt(id)?.reasons.map((reason) => because(id, reason))),
    speak: of(expected.speak, (id) => because(id, prompt(id)?.speakable ?? null)),
    whyNot: of(expected.whyNot, (id, asked) => {
      const { by, condition } = verdict(id);
      const operands = condition?.operands ?? [];
      return only(asked, {
        by,
        condition: condition?.text ?? null,
        found: Object.fromEntries(operands.map(({ label, found }) => [label, found])),
        required: Object.fromEntries(operands.map(({ label, required }) => [label, required])),
      });
    }),
  };
  return { core: only(expected, core), plain: decidePlainly(revision, inputs, scores) };
}

/** The same keys with what they really came out as. */
const of = <T, E>(asked: Readonly<Record<string, E>>, what: (id: string, expectation: E) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(asked).map(([id, expectation]) => [id, what(id, expectation)]));

function only<T extends object>(asked: T, all: Readonly<Record<keyof T, unknown>>): T {
  return Object.fromEntries(Object.keys(asked).map((key) => [key, all[key as keyof T]])) as T;
}

const because = (id: string, reason: Reason | null) =>
  reason === null ? null : { reason: Number(reason.templateId.slice(id.length + 1)), places: reason.args };

function scoresOf(revision: CheckedRevision, model: Given['model'], ids: readonly string[]): Scores {
  if (model === undefined) return { rung: 'starting-propensity', propensity: null, model: null };
  const ofAction = (what: 'evidence' | 'positives') => Float64Array.from(revision.actions, ({ id }) => model.actions[id]?.[what] ?? 0);
  return {
    rung: model.rung,
    propensity: Float32Array.from(ids, (id) => model.actions[id]?.propensity ?? Number.NaN),
    model: {
      hash: 'd'.repeat(64),
      learnt: null,
      evidence: ofAction('evidence'),
      positives: ofAction('positives'),
      extraFields: [],
      additive: null,
    },
  };
}
