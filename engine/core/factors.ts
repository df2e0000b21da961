/** The factors of each candidate's priority: P × C × V × L, and the thresholds on them. */
import type { Rung } from '#contract/reason-codes.ts';
import { LEVER, MIN_PRIORITY, MIN_PROPENSITY, RANKING_VALUE, ROW, STARTING_EVIDENCE, STARTING_PROPENSITY } from './action-numbers.ts';
import { at } from './at.ts';
import { utf8 } from './bytes.ts';
import { CODE, PASSED, TRUE } from './codes.ts';
import type { CompiledModel } from './compile-model.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { DecisionFacts } from './facts.ts';
import type { Candidates } from './filter.ts';
import { smooth } from './smoothing.ts';
import { beginShare, endShare } from './sticky-share.ts';
import type { Workspace } from './workspace.ts';

/** Scores without effect, of the candidates in their order. */
export interface Shadow {
  /** Hash of the model that gave them. */
  readonly model: string;
  readonly propensity: Float32Array;
}

/** What is known of the candidates' propensities, in their order. */
export interface Scores {
  readonly rung: Rung;
  /** 0…1 as a model gave them; NaN for an action it does not know. Null when no model was used. */
  readonly propensity: Float32Array | Float64Array | null;
  /** The model that gave them. */
  readonly model: CompiledModel | null;
  /** What another one would have given: for the record alone. */
  readonly shadow?: Shadow | null;
}

/**
 * Fills the workspace's propensity, context weight and priority and ranks the candidates for the record, all in one pass;
 * returns the rung in effect, which may be lower than the scores'.
 *
 * C = max(0, 1 + Σ / 100) over the weights whose condition is true, in the author's order, then what maybe-later adds.
 */
export function fillFactors(work: Workspace, candidates: Candidates, scores: Scores): Rung {
  const { actions, facts } = candidates;
  const rung = facts.revisionExpired ? 'must-say-only' : rungOf(work.compiled, actions.length, scores);
  const isModel = rung === 'model' || rung === 'last-good-model';
  askContext(work);
  work.highest.clear();
  weigh(work, candidates, isModel ? scores.propensity : null, scores.model?.evidence ?? work.noEvidence);
  return rung;
}

/** Whether each condition of a context weight is true: every one is asked once, however many actions have it. */
function askContext({ compiled, contextTruth, x }: Workspace): void {
  const { contextPredicates, predicates } = compiled;
  for (let i = 0; i < contextPredicates.length; i++) {
    contextTruth[i] = at(predicates, contextPredicates[i] as number).evaluate(x) === TRUE ? 1 : 0;
  }
}

function weigh(work: Workspace, { actions, facts }: Candidates, given: Scores['propensity'], evidence: Float64Array): void {
  const { compiled, contextTruth, propensity, contextWeight, priority, highest } = work;
  const { contextStart, contextOf, contextWeight: weights, numbers, ranksByPropensity } = compiled;
  const isInfluenced = facts.influence.length > 0;
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i] as number;
    const row = action << ROW;
    const score = given === null ? Number.NaN : (given[i] as number);
    // NaN: the model does not know this action, so nothing but the starting propensity is known of it.
    const p = Number.isNaN(score)
      ? (numbers[row + STARTING_PROPENSITY] as number)
      : smooth(score, evidence[action] as number, numbers[row + STARTING_PROPENSITY] as number, numbers[row + STARTING_EVIDENCE] as number);
    const end = contextStart[action + 1] as number;
    let percent = 0;
    // Times 0 or 1: nobody can foretell which weights count.
    for (let entry = contextStart[action] as number; entry < end; entry++) {
      percent += (weights[entry] as number) * (contextTruth[contextOf[entry] as number] as number);
    }
    if (isInfluenced) percent += influenceOn(facts.influence, action);
    const weight = 1 + percent / 100;
    const c = weight > 0 ? weight : 0;
    const rank = (ranksByPropensity ? p : 1) * c * (numbers[row + RANKING_VALUE] as number) * (numbers[row + LEVER] as number);
    propensity[i] = p;
    contextWeight[i] = c;
    priority[i] = rank;
    highest.offer(i, rank);
  }
}

function influenceOn(influence: DecisionFacts['influence'], action: number): number {
  for (const [influenced, percent] of influence) if (influenced === action) return percent;
  return 0;
}

/**
 * The rung in effect for `count` candidates. Scores that cannot be propensities (wrong count, infinite, outside 0…1) mean that
 * the model failed: none of them is used, and the decision says that it was taken by rules alone.
 */
export function rungOf({ revision }: CompiledRevision, count: number, { rung, propensity }: Scores): Rung {
  if ((rung !== 'model' && rung !== 'last-good-model') || count === 0) return rung;
  if (!revision.useModel) return 'starting-propensity';
  return propensity !== null && propensity.length === count && areShares(propensity) ? rung : 'rules-only';
}

function areShares(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < 0 || value > 1) return false;
  }
  return true;
}

export const isMustSayOnly = (rung: Rung): boolean => rung === 'must-say-only' || rung === 'refrain';

/** Codes of candidates that go no further: must-say only, holdouts, control group, throttle, propensity, priority. */
export function threshold(work: Workspace, { actions, facts, callId }: Candidates, rung: Rung, model: CompiledModel | null): void {
  const { compiled, codes, propensity, priority } = work;
  const { mandatory, numbers } = compiled;
  const isSilenced = isMustSayOnly(rung);
  if (!isSilenced) for (const holdout of facts.heldOut) holdOut(work, at(compiled.heldOutBy, holdout));
  if (isSilenced || facts.control) {
    const code = isSilenced ? CODE.mustSayOnly : CODE.control;
    for (let i = 0; i < actions.length; i++) {
      const action = actions[i] as number;
      if (mandatory[action] === 0 && codes[action] === PASSED) codes[action] = code;
    }
    return;
  }
  if (compiled.revision.maturityThrottle !== undefined) throttle(work, actions, callId, model);
  if (!compiled.hasThresholds) return;
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i] as number;
    if (mandatory[action] === 1 || codes[action] !== PASSED) continue;
    if ((propensity[i] as number) < (numbers[(action << ROW) + MIN_PROPENSITY] as number)) codes[action] = CODE.belowPropensity;
    else if ((priority[i] as number) < (numbers[(action << ROW) + MIN_PRIORITY] as number)) codes[action] = CODE.belowPriority;
  }
}

function holdOut({ codes }: Workspace, actions: Int32Array): void {
  for (const action of actions) if (codes[action] === PASSED) codes[action] = CODE.heldOut;
}

/**
 * A sales action is tried on a share of calls that grows evenly with its positive answers, from `startShare` to all calls
 * at `fullAtPositives` (Pega's model maturity: 2 % and 200). Which calls is fixed by the call and the action.
 */
function throttle({ compiled, codes }: Workspace, actions: Int32Array, callId: string, model: CompiledModel | null): void {
  const { mandatory, sales, revision } = compiled;
  const ofCall = beginShare(callId);
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i] as number;
    if (mandatory[action] === 1 || sales[action] === 0 || codes[action] !== PASSED) continue;
    const share = throttleShare(compiled, action, model);
    if (share < 1 && !(endShare(ofCall, utf8(at(revision.actions, action).id)) < share)) codes[action] = CODE.throttled;
  }
}

/** The share of calls on which an action is tried. */
export function throttleShare({ mandatory, sales, revision }: CompiledRevision, action: number, model: CompiledModel | null): number {
  const { maturityThrottle } = revision;
  if (maturityThrottle === undefined || mandatory[action] === 1 || sales[action] === 0) return 1;
  const { startShare, fullAtPositives } = maturityThrottle;
  const positives = model?.positives[action] ?? 0;
  return positives >= fullAtPositives ? 1 : startShare + (1 - startShare) * (positives / fullAtPositives);
}

/** Of an action that is neither mandatory nor held back before. */
export function isAboveThresholds({ numbers, mandatory }: CompiledRevision, action: number, propensity: number, priority: number): boolean {
  const row = action << ROW;
  return (
    mandatory[action] === 0 &&
    !(propensity < (numbers[row + MIN_PROPENSITY] as number)) &&
    !(priority < (numbers[row + MIN_PRIORITY] as number))
  );
}
