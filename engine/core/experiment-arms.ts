/**
 * Arms of an experiment: what each leaves out of a decision (who is in which: assignment.ts). Thresholds and what an interruption must be worth
 * stay those of the policy, so an arm shows nothing the policy holds back; it ranks what passed otherwise.
 */
import { LEVER, RANKING_VALUE, ROW } from './action-numbers.ts';
import { at } from './at.ts';
import { utf8 } from './bytes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { ELIGIBILITY_BITS } from './failure-bits.ts';
import type { Candidates } from './filter.ts';
import { beginShare, endShare } from './sticky-share.ts';
import type { Workspace } from './workspace.ts';

/** Takes back that applicability or suitability failed, of the actions of which the arm does not ask them. */
export function liftConditions({ compiled, bits }: Workspace): void {
  for (let action = 0; action < bits.failed.length; action++) {
    if (isLifted(compiled, action)) bits.failed[action] = (bits.failed[action] as number) & ELIGIBILITY_BITS;
  }
}

/** Whether `eligibility-only` asks nothing but eligibility of an action. */
export function isLifted({ mandatory, significant }: CompiledRevision, action: number): boolean {
  return mandatory[action] === 0 && significant[action] === 0;
}

/** Factors by which candidates rank in an arm. */
export interface RankingFactors {
  readonly propensity: number;
  readonly contextWeight: number;
  readonly value: number;
  readonly lever: number;
}

/** Of the candidate at a place, as the workspace has it; their product is its priority. */
export function rankingFactors(work: Workspace, candidates: Candidates, place: number): RankingFactors {
  const { compiled, propensity, contextWeight } = work;
  const row = (candidates.actions[place] as number) << ROW;
  const whole = {
    propensity: compiled.ranksByPropensity ? (propensity[place] as number) : 1,
    contextWeight: contextWeight[place] as number,
    value: compiled.numbers[row + RANKING_VALUE] as number,
    lever: compiled.numbers[row + LEVER] as number,
  };
  switch (candidates.facts.arm) {
    case 'nba':
    case 'eligibility-only':
      return whole;
    case 'no-levers':
      return { ...whole, lever: 1 };
    case 'propensity-only':
      return { propensity: propensity[place] as number, contextWeight: 1, value: 1, lever: 1 };
    case 'random-propensity':
      return { ...whole, propensity: drawn(work, candidates, place) };
    case 'random-relevant':
      return { propensity: drawn(work, candidates, place), contextWeight: 1, value: 1, lever: 1 };
  }
}

/** Ranks the candidates anew where their arm does so. */
export function rankInArm(work: Workspace, candidates: Candidates): void {
  const { arm } = candidates.facts;
  if (arm === 'nba' || arm === 'eligibility-only') return;
  const { priority, highest } = work;
  highest.clear();
  for (let place = 0; place < candidates.actions.length; place++) {
    const { propensity, contextWeight, value, lever } = rankingFactors(work, candidates, place);
    priority[place] = propensity * contextWeight * value * lever;
    highest.offer(place, priority[place] as number);
  }
}

/** Between 0 and 1, the same for an action as long as the call lasts. */
function drawn({ compiled }: Workspace, { actions, callId }: Candidates, place: number): number {
  const { salt } = compiled.revision.experiment ?? { salt: '' };
  return endShare(beginShare(`${salt}\0${callId}`), utf8(at(compiled.revision.actions, actions[place] as number).id));
}
