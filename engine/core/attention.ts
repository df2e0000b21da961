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
import { at } from './at.ts';
import { CODE, PASSED } from './codes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { Factors } from './factors.ts';
import type { DecisionFacts } from './facts.ts';
import type { Candidates } from './filter.ts';

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

/** Ranks before `other`: mandatory first, then priority, then the order of issue, group and name. */
function ranksBefore(compiled: CompiledRevision, { actions }: Candidates, { priority }: Factors, one: number, other: number): boolean {
  const mandatory = (compiled.mandatory[actions[one] as number] as number) - (compiled.mandatory[actions[other] as number] as number);
  if (mandatory !== 0) return mandatory > 0;
  const more = (priority[one] as number) - (priority[other] as number);
  return more === 0 ? (actions[one] as number) < (actions[other] as number) : more > 0;
}

/** Keeps the best few positions in order while they stream by. */
class Best {
  readonly positions: number[] = [];
  readonly #limit: number;
  readonly #before: (one: number, other: number) => boolean;

  constructor(limit: number, before: (one: number, other: number) => boolean) {
    this.#limit = limit;
    this.#before = before;
  }

  offer(position: number): void {
    let at = this.positions.length;
    while (at > 0 && this.#before(position, this.positions[at - 1] as number)) at--;
    if (at >= this.#limit) return;
    this.positions.splice(at, 0, position);
    if (this.positions.length > this.#limit) this.positions.pop();
  }
}

/** Candidates' positions by rank, at most `limit`; all that came as far as being scored take part. */
export function bestByRank(compiled: CompiledRevision, candidates: Candidates, factors: Factors, limit: number): readonly number[] {
  const best = new Best(limit, (one, other) => ranksBefore(compiled, candidates, factors, one, other));
  for (let i = 0; i < candidates.actions.length; i++) best.offer(i);
  return best.positions;
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

/** Sets the code of every candidate that has none yet. */
export function arbitrateAttention(compiled: CompiledRevision, candidates: Candidates, factors: Factors, codes: Uint8Array): Arbitration {
  const { revision, mandatory, fallback } = compiled;
  const { actions, facts, nowMs } = candidates;
  const gates = gatesOf(compiled, facts, nowMs);
  const cost = revision.attention.levels[facts.level].interruptionCost;
  const open = new Set(facts.open.map(([action]) => action));
  const places = 1 + revision.maxChips;
  const before = (one: number, other: number): boolean => ranksBefore(compiled, candidates, factors, one, other);
  const all = new Best(1, before);
  const worthy = new Best(places, before);
  const showable = new Best(places, before);
  const hasOther = someBesidesFallback(candidates, codes, fallback);
  const gated = new Map<number, number>();
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i] as number;
    if (codes[action] !== PASSED) continue;
    if (fallback[action] === 1 && mandatory[action] === 0 && hasOther) {
      codes[action] = CODE.outranked;
      continue;
    }
    all.offer(i);
    const isMandatory = mandatory[action] === 1;
    const { value, urgency } = at(revision.actions, action);
    const stop = standingStop(facts, isMandatory, (factors.propensity[i] as number) * value > cost);
    if (stop !== PASSED) {
      codes[action] = stop;
      continue;
    }
    worthy.offer(i);
    const gate = isMandatory || open.has(action) ? PASSED : gateCode(gates, urgency === 'must');
    if (gate === PASSED) showable.offer(i);
    else gated.set(i, gate);
  }
  const shown = showable.positions;
  for (const [position, i] of shown.entries()) codes[actions[i] as number] = position === 0 ? CODE.primary : CODE.chip;
  for (const i of worthy.positions) {
    const gate = gated.get(i);
    if (gate !== undefined) codes[actions[i] as number] = gate;
  }
  for (let i = 0; i < actions.length; i++) if (codes[actions[i] as number] === PASSED) codes[actions[i] as number] = CODE.outranked;
  return { shown, best: shown.length > 0 ? (shown[0] as number) : (worthy.positions[0] ?? all.positions[0] ?? null), gates };
}

function someBesidesFallback({ actions }: Candidates, codes: Uint8Array, fallback: Uint8Array): boolean {
  for (let i = 0; i < actions.length; i++) if (codes[actions[i] as number] === PASSED && fallback[actions[i] as number] === 0) return true;
  return false;
}

/** What keeps a prompt off the screen, new or not. */
function standingStop(facts: DecisionFacts, isMandatory: boolean, isWorth: boolean): number {
  if (facts.phase !== 'active') return CODE.callNotActive;
  if (isMandatory) return PASSED;
  if (facts.capturePaused) return CODE.capturePaused;
  if (facts.quiet) return CODE.quiet;
  return isWorth ? PASSED : CODE.notWorth;
}

/** What keeps a new prompt off the screen for now. */
function gateCode(gates: Gates, atOnce: boolean): number {
  if (gates.capReached) return CODE.capReached;
  if (gates.gapEndsAtMs !== null) return CODE.gapNotOver;
  return gates.speechEndsAtMs !== null && !atOnce ? CODE.speaking : PASSED;
}
