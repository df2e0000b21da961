/** From candidates and their scores to what is shown and why not the rest: everything of a decision but its record. */
import { at } from './at.ts';
import type { CheckedAction } from '#contract/checked-policy.ts';
import type { Decision, Prompt } from '#contract/decision.ts';
import { REASONS, type RefrainReason, type Rung } from '#contract/reason-codes.ts';
import { arbitrateAttention, type Arbitration } from './attention.ts';
import { CODE } from './codes.ts';
import { rankInArm, rankingFactors } from './experiment-arms.ts';
import { explore } from './explore.ts';
import { fillFactors, type Scores, threshold } from './factors.ts';
import { type Candidates, suppressedBy } from './filter.ts';
import { promptReasons } from './prompt-reasons.ts';
import { treatmentAt } from './treatments.ts';
import type { Workspace } from './workspace.ts';

export interface Settled {
  readonly rung: Rung;
  readonly arbitration: Arbitration;
  /** Of the card, or of there being none; null where the policy does not explore. */
  readonly probability: number | null;
}

/** Scores, thresholds and arbitration: who is shown, and the code of every action. Leaves factors and codes in the workspace. */
export function settle(work: Workspace, candidates: Candidates, scores: Scores): Settled {
  const rung = fillFactors(work, candidates, scores);
  threshold(work, candidates, rung, scores.model);
  rankInArm(work, candidates);
  const { favoured, passedOver, probability } = explore(work, candidates, rung, scores.model);
  const arbitration = arbitrateAttention(work, candidates, favoured);
  for (const place of passedOver) {
    const action = candidates.actions[place] as number;
    if (work.codes[action] === CODE.outranked) work.codes[action] = CODE.notDrawn;
  }
  return { rung, arbitration, probability };
}

/** What was settled, in words for the agent. */
export function resultOf(work: Workspace, candidates: Candidates, { arbitration: { shown, best } }: Settled): Decision['result'] {
  return shown.length > 0 ? { kind: 'show', prompts: prompts(work, candidates, shown) } : refrainOf(work, candidates, best);
}

/** The first shown is the card, the others are chips beside it. */
export const roleOf = (place: number): Prompt['role'] => (place === 0 ? 'primary' : 'chip');

/** How an action that may be shown is put on this channel and in this language. */
export function treatmentOf({ compiled, x }: Workspace, { facts }: Candidates, action: number): CheckedAction['treatments'][number] {
  const treatment = treatmentAt(compiled.treatments(facts.channel, facts.language), compiled.predicates, action, x);
  return at(at(compiled.revision.actions, action).treatments, treatment);
}

function prompts(work: Workspace, candidates: Candidates, shown: readonly number[]): readonly Prompt[] {
  const { compiled, propensity, contextWeight, priority } = work;
  const { facts, nowMs } = candidates;
  return shown.map((position, place) => {
    const number = candidates.actions[position] as number;
    const action = at(compiled.revision.actions, number);
    const shownAtMs = facts.open.find(([open]) => open === number)?.[1] ?? nowMs;
    const { reasons, speakable } = promptReasons(work, candidates, number);
    return {
      actionId: action.id,
      treatmentId: treatmentOf(work, candidates, number).id,
      role: roleOf(place),
      propensity: propensity[position] as number,
      contextWeight: contextWeight[position] as number,
      value: action.value,
      lever: action.lever,
      // An arm of an experiment ranks by other factors; those of the policy would not come to the priority.
      ...(facts.arm === 'nba' ? {} : rankingFactors(work, candidates, position)),
      priority: priority[position] as number,
      reasons,
      speakable,
      expiresAtMs: shownAtMs + action.expiresAfterMs,
    };
  });
}

type Refrain = Extract<Decision['result'], { kind: 'refrain' }>;

/** `best`: the place of the candidate that was held back. */
export function refrainOf({ compiled, codes, propensity }: Workspace, candidates: Candidates, best: number | null): Refrain {
  if (best === null) return { kind: 'refrain', reason: emptyReason(codes), value: 0, bestActionId: null };
  const number = candidates.actions[best] as number;
  const { id, value } = at(compiled.revision.actions, number);
  return {
    kind: 'refrain',
    reason: heldBackReason(codes[number] as number),
    value: (propensity[best] as number) * value,
    bestActionId: id,
  };
}

/** Why nothing was left, by how far the action that came furthest got. */
function emptyReason(codes: Uint8Array): RefrainReason {
  let furthest: RefrainReason = 'nothing-available';
  for (const code of codes) {
    switch (at(REASONS, code).stage) {
      case 'care':
      case 'contact':
      case 'constraint':
        return 'nothing-permitted';
      case 'applicability':
      case 'suitability':
      case 'threshold':
        furthest = 'nothing-relevant';
        break;
      case 'basis':
      case 'eligibility':
        if (furthest === 'nothing-available') furthest = 'nothing-permitted';
        break;
      case 'available':
      case 'scored':
      case 'arbitrated':
      case 'interruption':
      case 'shown':
        break;
    }
  }
  return furthest;
}

function heldBackReason(code: number): RefrainReason {
  switch (code) {
    case CODE.capReached:
      return 'cap-reached';
    case CODE.gapNotOver:
      return 'gap-not-over';
    case CODE.speaking:
      return 'someone-speaking';
    case CODE.quiet:
      return 'quiet';
    case CODE.callNotActive:
      return 'call-not-active';
    case CODE.capturePaused:
      return 'capture-paused';
    case CODE.notWorth:
      return 'not-worth-interrupting';
    default:
      throw new Error(`an action held back by attention has code ${code}: arbitration and refrain disagree`);
  }
}

/** The earliest moment at which time alone could change what was settled. */
export function recheckAtMs(work: Workspace, { facts, nowMs }: Candidates, { arbitration }: Settled): number | null {
  const { codes } = work;
  let soonest: number | null = null;
  const consider = (atMs: number | null): void => {
    if (atMs !== null && atMs > nowMs && (soonest === null || atMs < soonest)) soonest = atMs;
  };
  consider(facts.laterAtMs);
  const { gapEndsAtMs, speechEndsAtMs } = arbitration.gates;
  if (gapEndsAtMs !== null && codes.includes(CODE.gapNotOver)) consider(gapEndsAtMs);
  if (speechEndsAtMs !== null && codes.includes(CODE.speaking)) consider(speechEndsAtMs);
  for (const [action, untilMs] of facts.snoozed) if (codes[action] === CODE.snoozed) consider(untilMs);
  if (facts.contact.length > 0) {
    for (let action = codes.indexOf(CODE.contactLimit); action >= 0; action = codes.indexOf(CODE.contactLimit, action + 1)) {
      const untilMs = suppressedBy(work, facts, action)?.untilMs ?? null;
      if (untilMs !== null && untilMs <= nowMs + FORESEEN_MS) consider(untilMs);
    }
  }
  return soonest;
}

/** Later than this something else will have happened. */
const FORESEEN_MS = 3_600_000;
