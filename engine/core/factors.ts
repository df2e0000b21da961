/** The factors of each candidate's priority: P × C × V × L. */
import { at } from './at.ts';
import type { Scores } from '#contract/decision.ts';
import type { Rung } from '#contract/reason-codes.ts';
import { CODE, TRUE } from './codes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { Candidates } from './filter.ts';
import { fillSlots } from './fill-slots.ts';
import { smooth } from './smoothing.ts';

/** What of the scores a decision reads; the record keeps exactly this. */
export interface ScoreFacts {
  readonly rung: Rung;
  readonly propensity: Float32Array | null;
  /** Responses behind each candidate's propensity. */
  readonly evidence: readonly number[] | null;
}

export interface Factors {
  /** Parallel to the candidates' actions. */
  readonly propensity: Float64Array;
  readonly contextWeight: Float64Array;
  readonly priority: Float64Array;
  /** The rung in effect, which may be lower than the one of the scores. */
  readonly rung: Rung;
}

/** A count that cannot be one is no evidence. */
const evidenceOf = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);

export const scoreFacts = (scores: Scores): ScoreFacts => ({
  rung: scores.rung,
  propensity: scores.propensity,
  evidence: scores.evidence === null ? null : Array.from(scores.evidence, evidenceOf),
});

export function factorsOf(compiled: CompiledRevision, candidates: Candidates, scores: ScoreFacts): Factors {
  const { actions } = candidates;
  const { revision, predicates, context } = compiled;
  const rung = effectiveRung(compiled, candidates, scores);
  const useModel = rung === 'model' || rung === 'last-good-model';
  const x = fillSlots(compiled, candidates.facts, candidates.nowMs);
  const propensity = new Float64Array(actions.length);
  const contextWeight = new Float64Array(actions.length);
  const priority = new Float64Array(actions.length);
  for (let i = 0; i < actions.length; i++) {
    const number = actions[i] as number;
    const action = at(revision.actions, number);
    const score = useModel ? (scores.propensity?.[i] ?? Number.NaN) : Number.NaN;
    // NaN: the model does not know this action, so nothing but the starting propensity is known of it.
    propensity[i] = Number.isNaN(score)
      ? action.startingPropensity
      : smooth(score, scores.evidence?.[i] ?? 0, action.startingPropensity, action.startingEvidence);
    let percent = 0;
    for (const { predicate, weight } of at(context, number)) if (at(predicates, predicate).evaluate(x) === TRUE) percent += weight;
    contextWeight[i] = Math.max(0, 1 + percent / 100);
    priority[i] = (propensity[i] as number) * (contextWeight[i] as number) * action.value * action.lever;
  }
  return { propensity, contextWeight, priority, rung };
}

/**
 * Scores that cannot be propensities (wrong count, infinite, outside 0…1) mean that the model failed: none of them is
 * used, and the decision says that it was taken on starting propensities.
 */
function effectiveRung({ revision }: CompiledRevision, { actions, facts }: Candidates, { rung, propensity }: ScoreFacts): Rung {
  if (facts.revisionExpired) return 'must-say-only';
  switch (rung) {
    case 'model':
    case 'last-good-model': {
      if (actions.length === 0) return rung;
      const sound =
        propensity !== null && propensity.length === actions.length && propensity.every((p) => Number.isNaN(p) || (p >= 0 && p <= 1));
      return sound && revision.useModel ? rung : 'starting-propensity';
    }
    case 'starting-propensity':
    case 'rules-only':
    case 'must-say-only':
    case 'refrain':
      return rung;
  }
}

/** Codes of candidates that go no further for want of propensity, priority or anything better than must-say. */
export function threshold(compiled: CompiledRevision, candidates: Candidates, factors: Factors, codes: Uint8Array): void {
  const { actions } = candidates;
  const onlyMustSay = factors.rung === 'must-say-only' || factors.rung === 'refrain';
  for (let i = 0; i < actions.length; i++) {
    const number = actions[i] as number;
    if (compiled.mandatory[number] === 1) continue;
    const { minPropensity, minPriority } = at(compiled.revision.actions, number);
    if (onlyMustSay) codes[number] = CODE.mustSayOnly;
    else if ((factors.propensity[i] as number) < minPropensity) codes[number] = CODE.belowPropensity;
    else if ((factors.priority[i] as number) < minPriority) codes[number] = CODE.belowPriority;
  }
}
