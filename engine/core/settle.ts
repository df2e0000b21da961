/** From candidates and their scores to what is shown and why not the rest: everything of a decision but its record. */
import { at } from './at.ts';
import type { Decision, Prompt } from '#contract/decision.ts';
import { REASONS, type RefrainReason } from '#contract/reason-codes.ts';
import { arbitrateAttention, type Arbitration } from './attention.ts';
import { CODE } from './codes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { type Factors, factorsOf, type ScoreFacts, threshold } from './factors.ts';
import type { Candidates } from './filter.ts';
import { fillSlots } from './fill-slots.ts';
import { suppressedBy } from './filter.ts';
import { promptReasons } from './prompt-reasons.ts';

export interface Settled {
  /** Per action of the revision, index into REASONS of where it ended. */
  readonly codes: Uint8Array;
  readonly factors: Factors;
  readonly arbitration: Arbitration;
  readonly result: Decision['result'];
}

export function settle(compiled: CompiledRevision, candidates: Candidates, scores: ScoreFacts): Settled {
  const codes = candidates.codes.slice();
  const factors = factorsOf(compiled, candidates, scores);
  threshold(compiled, candidates, factors, codes);
  const arbitration = arbitrateAttention(compiled, candidates, factors, codes);
  const result =
    arbitration.shown.length > 0
      ? ({ kind: 'show', prompts: prompts(compiled, candidates, factors, arbitration.shown) } as const)
      : refrain(compiled, candidates, factors, arbitration.best, codes);
  return { codes, factors, arbitration, result };
}

function prompts(compiled: CompiledRevision, candidates: Candidates, factors: Factors, shown: readonly number[]): readonly Prompt[] {
  const { facts, nowMs } = candidates;
  const x = fillSlots(compiled, facts, nowMs);
  const treatments = compiled.treatments(facts.channel, facts.language);
  return shown.map((position, place) => {
    const number = candidates.actions[position] as number;
    const action = at(compiled.revision.actions, number);
    const shownAtMs = facts.open.find(([open]) => open === number)?.[1] ?? nowMs;
    return {
      actionId: action.id,
      treatmentId: at(action.treatments, treatments[number] as number).id,
      role: place === 0 ? 'primary' : 'chip',
      propensity: factors.propensity[position] as number,
      contextWeight: factors.contextWeight[position] as number,
      value: action.value,
      lever: action.lever,
      priority: factors.priority[position] as number,
      ...promptReasons(compiled, candidates, number, x),
      expiresAtMs: shownAtMs + action.expiresAfterMs,
    };
  });
}

function refrain(
  compiled: CompiledRevision,
  candidates: Candidates,
  factors: Factors,
  best: number | null,
  codes: Uint8Array,
): Decision['result'] {
  if (best === null) return { kind: 'refrain', reason: emptyReason(codes), value: 0, bestActionId: null };
  const number = candidates.actions[best] as number;
  const { id, value } = at(compiled.revision.actions, number);
  return {
    kind: 'refrain',
    reason: heldBackReason(codes[number] as number),
    value: (factors.propensity[best] as number) * value,
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
export function recheckAtMs(compiled: CompiledRevision, candidates: Candidates, { codes, arbitration }: Settled): number | null {
  const { facts, nowMs } = candidates;
  const moments: (number | null)[] = [facts.laterAtMs];
  if (codes.includes(CODE.gapNotOver)) moments.push(arbitration.gates.gapEndsAtMs);
  if (codes.includes(CODE.speaking)) moments.push(arbitration.gates.speechEndsAtMs);
  for (const [action, untilMs] of facts.snoozed) if (codes[action] === CODE.snoozed) moments.push(untilMs);
  for (let action = codes.indexOf(CODE.contactLimit); action >= 0; action = codes.indexOf(CODE.contactLimit, action + 1)) {
    const untilMs = suppressedBy(compiled, facts, action)?.untilMs ?? null;
    if (untilMs !== null && untilMs <= nowMs + FORESEEN_MS) moments.push(untilMs);
  }
  let soonest: number | null = null;
  for (const atMs of moments) if (atMs !== null && atMs > nowMs && (soonest === null || atMs < soonest)) soonest = atMs;
  return soonest;
}

/** Later than this something else will have happened. */
const FORESEEN_MS = 3_600_000;
