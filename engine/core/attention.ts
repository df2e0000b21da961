/**
 * Arbitration under the attention budget: which of the ranked actions are put before the agent now.
 *
 * - Must-say lines come first and are held back by nothing but a call that is not active.
 * - Everything else must be worth the interruption (P × V above its cost; C and L rank, they never justify one), and is
 *   silent while capture is paused or the agent asked for quiet.
 * - The cap, the gap and speech gate only what is new. A card on the screen that nobody has answered stays while it
 *   still ranks among the places there are; a better one takes its place only if the gate is open for it.
 * - A must of urgency does not wait for a pause in speech.
 * - The budget counts primary cards; chips ride along, but a new chip needs an open gate too.
 */
import { ROW, VALUE } from './action-numbers.ts';
import { CODE, PASSED } from './codes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { DecisionFacts } from './facts.ts';
import type { Candidates } from './filter.ts';
import type { Workspace } from './workspace.ts';

export interface Arbitration {
  /** Positions among the candidates, the primary first; empty = refrain. */
  readonly shown: readonly number[];
  /** The best that was held back: of what is worth it if there is any, else of all. Null when nothing got so far. */
  readonly best: number | null;
  readonly gates: Gates;
}

export interface Gates {
  readonly capReached: boolean;
  /** When the gap ends; null where it does not apply. */
  readonly gapEndsAtMs: number | null;
  /** When speech stops to hold a prompt back at the latest, or at the next pause if nobody speaks on; null where it does not. */
  readonly speechEndsAtMs: number | null;
}

/** All candidates by rank, whatever stopped them after they were scored. */
export function rankAll({ compiled, priority }: Workspace, { actions }: Candidates): readonly number[] {
  const { mandatory } = compiled;
  return Array.from(actions, (_, place) => place).toSorted(
    (one, other) =>
      (mandatory[actions[other] as number] as number) - (mandatory[actions[one] as number] as number) ||
      (priority[other] as number) - (priority[one] as number) ||
      one - other,
  );
}

/** The rank of one candidate, from 1: counting who is before it costs less than ranking all. */
export function rankOf({ compiled, priority }: Workspace, { actions }: Candidates, place: number): number {
  const { mandatory } = compiled;
  const own = mandatory[actions[place] as number] as number;
  const worth = priority[place] as number;
  let rank = 1;
  for (let other = 0; other < actions.length; other++) {
    const more = (mandatory[actions[other] as number] as number) - own || (priority[other] as number) - worth;
    if (more > 0 || (more === 0 && other < place)) rank++;
  }
  return rank;
}

export function gatesOf(compiled: CompiledRevision, facts: DecisionFacts, nowMs: number): Gates {
  const { pauseMs, holdAtMostMs, levels } = compiled.revision.attention;
  const { capPerCall, gapS } = levels[facts.level];
  const gapEndMs = facts.lastShownAtMs === null || facts.gapWaived ? null : facts.lastShownAtMs + gapS * 1_000;
  const latestMs = (facts.heldSinceMs ?? nowMs) + holdAtMostMs;
  let speechMs: number | null = null;
  if (facts.speaking) speechMs = latestMs;
  else if (facts.silentSinceMs !== null) speechMs = Math.min(latestMs, facts.silentSinceMs + pauseMs);
  return {
    capReached: facts.used >= capPerCall,
    gapEndsAtMs: gapEndMs !== null && gapEndMs > nowMs ? gapEndMs : null,
    speechEndsAtMs: speechMs !== null && speechMs > nowMs ? speechMs : null,
  };
}

/** Sets the code of every candidate that has none yet. `favoured`: the place of one that ranks before all but must-say lines; −1 = none. */
export function arbitrateAttention(work: Workspace, candidates: Candidates, favoured: number): Arbitration {
  const { codes, gate, ranked } = work;
  const { actions } = candidates;
  const { stopped, worthy, showable } = ranked;
  const gates = gatesOf(work.compiled, candidates.facts, candidates.nowMs);
  offerAll(work, candidates, gates, favoured);
  const shown: number[] = [];
  for (let place = 0; place < showable.count; place++) {
    const i = showable.places[place] as number;
    codes[actions[i] as number] = place === 0 ? CODE.primary : CODE.chip;
    shown.push(i);
  }
  for (let place = 0; place < worthy.count; place++) {
    const i = worthy.places[place] as number;
    if (gate[i] !== PASSED) codes[actions[i] as number] = gate[i] as number;
  }
  return { shown, best: shown[0] ?? worthy.first ?? stopped.first, gates };
}

/** Sets the codes of what is kept off the screen whatever its rank, and ranks the others: outranked, until a place is found for one. */
function offerAll(work: Workspace, { actions, facts }: Candidates, gates: Gates, favoured: number): void {
  const { compiled, codes, propensity, priority, gate, ranked } = work;
  const { mandatory, fallback, urgent, numbers } = compiled;
  const { stopped, worthy, showable } = ranked;
  const cost = compiled.revision.attention.levels[facts.level].interruptionCost;
  const hasOther = someBesidesFallback(work, actions);
  const waitsForPause = gateCode(gates, false);
  const waitsNot = gateCode(gates, true);
  const stopOfMandatory = facts.phase === 'active' ? PASSED : CODE.callNotActive;
  const stopOfOthers = standingStop(facts);
  // With every gate open, what is worth it can be shown: one ranking serves for both.
  const hasClosedGate = waitsForPause !== PASSED || waitsNot !== PASSED;
  stopped.clear();
  worthy.clear();
  showable.clear();
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i] as number;
    if (codes[action] !== PASSED) continue;
    const isMandatory = mandatory[action] as number;
    codes[action] = CODE.outranked;
    if (fallback[action] === 1 && isMandatory === 0 && hasOther) continue;
    const rank = i === favoured ? Infinity : (priority[i] as number);
    let stop = isMandatory === 1 ? stopOfMandatory : stopOfOthers;
    // C and L rank, they never justify an interruption.
    if (stop === PASSED && isMandatory === 0 && !((propensity[i] as number) * (numbers[(action << ROW) + VALUE] as number) > cost))
      stop = CODE.notWorth;
    if (stop !== PASSED) {
      codes[action] = stop;
      stopped.offer(i, isMandatory, rank);
      continue;
    }
    if (!hasClosedGate) {
      showable.offer(i, isMandatory, rank);
      continue;
    }
    worthy.offer(i, isMandatory, rank);
    const held = isMandatory === 1 ? PASSED : urgent[action] === 1 ? waitsNot : waitsForPause;
    gate[i] = held === PASSED || isOnScreen(facts, action) ? PASSED : held;
    if (gate[i] === PASSED) showable.offer(i, isMandatory, rank);
  }
}

function isOnScreen({ open }: DecisionFacts, action: number): boolean {
  for (let i = 0; i < open.length; i++) if (open[i]?.[0] === action) return true;
  return false;
}

function someBesidesFallback({ codes, compiled }: Workspace, actions: Int32Array): boolean {
  for (let i = 0; i < actions.length; i++) {
    if (codes[actions[i] as number] === PASSED && compiled.fallback[actions[i] as number] === 0) return true;
  }
  return false;
}

/** What keeps anything discretionary off the screen, new or not. */
function standingStop(facts: DecisionFacts): number {
  if (facts.phase !== 'active') return CODE.callNotActive;
  if (facts.capturePaused) return CODE.capturePaused;
  return facts.quiet ? CODE.quiet : PASSED;
}

/** Whether attention holds an action back now, whatever its rank and its worth. */
export function isHeldBack(compiled: CompiledRevision, facts: DecisionFacts, nowMs: number, action: number): boolean {
  if (compiled.mandatory[action] === 1) return facts.phase !== 'active';
  if (standingStop(facts) !== PASSED) return true;
  return !isOnScreen(facts, action) && gateCode(gatesOf(compiled, facts, nowMs), compiled.urgent[action] === 1) !== PASSED;
}

/** What attention lets through at one moment, action by action: the same that `offerAll` asks of all at once. */
export class Attendance {
  /** Nothing that is not mandatory can be shown. */
  readonly isClosed: boolean;
  readonly #compiled: CompiledRevision;
  readonly #facts: DecisionFacts;
  readonly #cost: number;
  readonly #waitsForPause: number;
  readonly #waitsNot: number;

  constructor(compiled: CompiledRevision, { facts, nowMs }: Candidates) {
    const gates = gatesOf(compiled, facts, nowMs);
    this.isClosed = standingStop(facts) !== PASSED;
    this.#compiled = compiled;
    this.#facts = facts;
    this.#cost = compiled.revision.attention.levels[facts.level].interruptionCost;
    this.#waitsForPause = gateCode(gates, false);
    this.#waitsNot = gateCode(gates, true);
  }

  /** Whether nothing but its rank keeps an action, which is not mandatory, off the screen. */
  isShowable(action: number, propensity: number): boolean {
    const { numbers, urgent } = this.#compiled;
    if (!(propensity * (numbers[(action << ROW) + VALUE] as number) > this.#cost)) return false;
    return (urgent[action] === 1 ? this.#waitsNot : this.#waitsForPause) === PASSED || isOnScreen(this.#facts, action);
  }
}

/** What keeps a new prompt off the screen for now. */
function gateCode(gates: Gates, atOnce: boolean): number {
  if (gates.capReached) return CODE.capReached;
  if (gates.gapEndsAtMs !== null) return CODE.gapNotOver;
  return gates.speechEndsAtMs !== null && !atOnce ? CODE.speaking : PASSED;
}
