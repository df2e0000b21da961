/** Every stage up to scoring: which actions may be shown to this customer now, and why the others may not. */
import type { CheckedConstraint } from '#contract/checked-policy.ts';
import { AMOUNT, ROW } from './action-numbers.ts';
import { at } from './at.ts';
import { CODE, FALSE, PASSED, TRUE } from './codes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { unitOf } from './contact-units.ts';
import type { DecisionFacts } from './facts.ts';
import type { FieldValues } from './field-values.ts';
import { fillSlots } from './fill-slots.ts';
import type { Workspace } from './workspace.ts';

/** Valid until the decider that gave them is asked again. */
export interface Candidates extends FieldValues {
  /** Indices into the revision's actions that are to be scored, ascending. */
  readonly actions: Int32Array;
  /** Per action of the revision: index into REASONS of what stopped it, PASSED for a candidate. */
  readonly codes: Uint8Array;
  readonly facts: DecisionFacts;
  readonly nowMs: number;
  readonly callId: string;
}

/** The moment and the call the facts are about, and fields by path. */
export interface Occasion extends FieldValues {
  readonly nowMs: number;
  readonly callId: string;
}

/** Asks every action everything but its score. Costs no more than the values that fail. */
export function filterFacts(work: Workspace, facts: DecisionFacts, { nowMs, callId, field }: Occasion): Candidates {
  const { compiled, bits, codes, actions } = work;
  fillSlots(compiled.slotSources, facts, nowMs, work.x);
  compiled.index.walk(work.x, bits);
  stopBefore(work, facts, nowMs);
  stopAfter(work, facts);
  const passed = sift(work);
  return { actions: actions.subarray(0, passed), codes, facts, nowMs, callId, field };
}

/** By 0, or 1 + twice the stage of the first condition that failed (eligibility, applicability, suitability), + 1 where it is unknown. */
const STOPS = Uint8Array.of(
  PASSED,
  CODE.notEligible,
  CODE.eligibilityUnknown,
  CODE.notApplicable,
  CODE.applicabilityUnknown,
  CODE.notSuitable,
  CODE.suitabilityUnknown,
);

/**
 * Writes each action's first stop, collects those that have none and returns how many they are. Where every action's
 * conditions fit in one word there are no branches to mispredict: which action passes is what nobody can foretell.
 */
function sift(work: Workspace): number {
  const { compiled, bits, before, after, codes, actions } = work;
  if (!compiled.hasOneWordEach) return siftWords(work);
  const { applicabilityFrom, suitabilityFrom } = compiled;
  const { failed, unknown } = bits;
  const count = codes.length;
  let passed = 0;
  for (let action = 0; action < count; action++) {
    const failing = failed[action] as number;
    const bit = failing & -failing;
    // One more than the first that failed; 0 where none did.
    const first = 32 - Math.clz32(bit);
    const hasFailed = -first >>> 31;
    const stage = (((applicabilityFrom[action] as number) - first) >>> 31) + (((suitabilityFrom[action] as number) - first) >>> 31);
    const doubt = (unknown[action] as number) & bit;
    const isUnknown = (doubt | -doubt) >>> 31;
    // PASSED has all bits set: what comes after decides where no condition failed.
    let code = (STOPS[hasFailed * (1 + stage * 2 + isUnknown)] as number) & ((after[action] as number) | (-hasFailed & PASSED));
    if (before[action] !== PASSED) code = before[action] as number;
    codes[action] = code;
    actions[passed] = action;
    passed += (code + 1) >>> 8;
  }
  return passed;
}

/** The same where an action may have more than 32 conditions. */
function siftWords({ compiled, bits, before, after, codes, actions }: Workspace): number {
  const { wordStart, applicabilityFrom, suitabilityFrom } = compiled;
  let passed = 0;
  for (let action = 0; action < codes.length; action++) {
    const end = wordStart[action + 1] as number;
    let word = wordStart[action] as number;
    let code = before[action] as number;
    if (code === PASSED) {
      let first = 0;
      while (word < end && bits.failed[word] === 0) {
        word++;
        first += 32;
      }
      if (word === end) code = after[action] as number;
      else {
        const failing = bits.failed[word] as number;
        const bit = failing & -failing;
        first += 31 - Math.clz32(bit);
        const stage = first < (applicabilityFrom[action] as number) ? 0 : first < (suitabilityFrom[action] as number) ? 1 : 2;
        code = STOPS[1 + stage * 2 + (((bits.unknown[word] as number) & bit) === 0 ? 0 : 1)] as number;
      }
    }
    codes[action] = code;
    if (code === PASSED) actions[passed++] = action;
  }
  return passed;
}

/** The first condition of an action that was not true when the bits were set. */
export function firstFailure({ compiled, bits }: Workspace, action: number): number {
  const from = compiled.wordStart[action] as number;
  const end = compiled.wordStart[action + 1] as number;
  for (let word = from; word < end; word++) {
    const failing = bits.failed[word] as number;
    if (failing !== 0) return ((word - from) << 5) + 31 - Math.clz32(failing & -failing);
  }
  throw new Error(`action ${action} has no condition that failed, and yet one stopped it`);
}

/** Availability, then the lawful basis. The earlier the stage, the later it is written: it has the last word. */
function stopBefore({ compiled, before }: Workspace, facts: DecisionFacts, nowMs: number): void {
  const { mandatory, limitedInTime, ofPurpose } = compiled;
  const { codes: available } = compiled.treatments(facts.channel, facts.language);
  before.set(available);
  for (let purpose = 0; purpose < facts.basis.length; purpose++) {
    const basis = facts.basis[purpose] as number;
    if (basis < 0) continue;
    for (const action of ofPurpose[purpose] as Int32Array) if (available[action] === PASSED) before[action] = basis;
  }
  if (facts.revisionExpired) {
    for (let action = 0; action < before.length; action++) if (mandatory[action] === 0) before[action] = CODE.revisionExpired;
  }
  for (const action of facts.excluded) before[action] = CODE.excluded;
  for (const { action, fromMs, toMs } of limitedInTime) {
    if (nowMs < fromMs) before[action] = CODE.notYetValid;
    else if (nowMs >= toMs) before[action] = CODE.noLongerValid;
  }
}

/** Constraints, contact limits and answers on this call, care before sale; again the earlier stage has the last word. */
function stopAfter(work: Workspace, facts: DecisionFacts): void {
  const { compiled, after } = work;
  after.fill(PASSED);
  stopScarce(work, facts);
  stopContacted(work, facts);
  const care = careCode(work);
  if (care !== PASSED) for (let action = 0; action < after.length; action++) if (compiled.sales[action] === 1) after[action] = care;
}

/** Reached outranks unknown. A budget must have room for what the action itself would ask for. */
function stopScarce({ compiled, after }: Workspace, { usage }: DecisionFacts): void {
  for (const [number, constraint] of compiled.revision.constraints.entries()) {
    const used = usage[number] ?? null;
    for (const action of constraint.covers) {
      if (isReached(compiled, constraint, used, action)) after[action] = CODE.constraintReached;
      else if (used === null && after[action] === PASSED) after[action] = CODE.constraintUnknown;
    }
  }
}

export function isReached({ numbers }: CompiledRevision, { kind, limit }: CheckedConstraint, used: number | null, action: number): boolean {
  if (used === null) return false;
  return kind === 'volume' ? used >= limit : used + (numbers[(action << ROW) + AMOUNT] as number) > limit;
}

function stopContacted({ compiled, after }: Workspace, facts: DecisionFacts): void {
  const { suppresses, limitedInContact } = compiled;
  if (facts.history === 'unknown') for (const action of limitedInContact) after[action] = CODE.contactUnknown;
  else {
    for (const [policy, unit, , sparesOpen] of facts.contact) {
      for (const action of suppresses[policy]?.get(unit) ?? [])
        if (sparesOpen === 0 || !isOpen(facts, action)) after[action] = CODE.contactLimit;
    }
  }
  for (const [action] of facts.snoozed) after[action] = CODE.snoozed;
  for (const action of facts.answered) after[action] = CODE.answeredInCall;
  for (const action of facts.rejected) after[action] = CODE.rejectedInCall;
}

const isOpen = ({ open }: DecisionFacts, action: number): boolean => open.some(([prompt]) => prompt === action);

/** What care before sale says to sales actions: allowed only if every rule is false. */
function careCode({ compiled, x }: Workspace): number {
  let code: number = PASSED;
  for (const rule of compiled.care) {
    const truth = at(compiled.predicates, rule).evaluate(x);
    if (truth === TRUE) return CODE.careBeforeSale;
    if (truth !== FALSE) code = CODE.careUnknown;
  }
  return code;
}

/** The first contact policy that holds an action back, by number, and until when. */
export function suppressedBy(
  { compiled }: Workspace,
  facts: DecisionFacts,
  action: number,
): { readonly policy: number; readonly untilMs: number } | null {
  if (compiled.mandatory[action] === 1 || compiled.transactional[action] === 1) return null;
  for (const [policy, unit, untilMs, sparesOpen] of facts.contact) {
    if (sparesOpen === 1 && isOpen(facts, action)) continue;
    if (unitOf(compiled, at(compiled.revision.contact, policy), action) === unit) return { policy, untilMs };
  }
  return null;
}
