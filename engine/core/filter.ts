/** Every stage up to scoring: which actions may be shown to this customer now, and why the others may not. */
import type { CheckedConstraint } from '#contract/checked-policy.ts';
import { AMOUNT, ROW } from './action-numbers.ts';
import { at } from './at.ts';
import { CODE, FALSE, PASSED, TRUE } from './codes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { unitOf } from './contact-units.ts';
import { liftConditions } from './experiment-arms.ts';
import type { DecisionFacts } from './facts.ts';
import { STOP_OF_FIRST } from './failure-bits.ts';
import type { FieldValues } from './field-values.ts';
import { fillSlots } from './fill-slots.ts';
import type { FailureBits } from './inverted-index.ts';
import { NONE, treatmentAt } from './treatments.ts';
import type { UnderstoodProfile } from './understood-profiles.ts';
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
  /** 32 bits: what exploration draws from. */
  readonly seed: number;
}

/** The moment and the call the facts are about, and fields by path. */
export interface Occasion extends FieldValues {
  /** The profile whose fields the facts hold, where they hold them as they are. */
  readonly profile: UnderstoodProfile | null;
  readonly nowMs: number;
  readonly callId: string;
  readonly seed: number;
}

/** Asks every action everything but its score. Costs no more than what fails. */
export function filterFacts(work: Workspace, facts: DecisionFacts, { profile, nowMs, callId, seed, field }: Occasion): Candidates {
  const { compiled, bits, codes, actions, x } = work;
  if (profile === null) fillSlots(compiled.slotSources, facts, nowMs, x);
  else fillAround(work, profile, facts, nowMs);
  compiled.conditions.index.walk(x, bits);
  if (facts.arm === 'eligibility-only') liftConditions(work);
  const meeting = stopFailed(bits, codes, actions);
  stopAfter(work, facts);
  stopBefore(work, facts, nowMs);
  const passed = keepPassed(codes, actions, meeting);
  return { actions: actions.subarray(0, passed), codes, facts, nowMs, callId, seed, field };
}

/** What follows from the profile was worked out before. */
function fillAround({ compiled, x, changing }: Workspace, profile: UnderstoodProfile, facts: DecisionFacts, nowMs: number): void {
  const { slots, sources } = compiled.changing;
  x.set(profile.x);
  fillSlots(sources, facts, nowMs, changing);
  for (let i = 0; i < slots.length; i++) x[slots[i] as number] = changing[i] as number;
}

/**
 * Writes what the first condition that failed says, fills `actions` with those that meet all of theirs and returns how many
 * they are. No branches to mispredict: which action fails is what nobody can foretell.
 */
function stopFailed({ failed, unknown }: FailureBits, codes: Uint8Array, actions: Int32Array): number {
  const count = codes.length;
  let meeting = 0;
  for (let action = 0; action < count; action++) {
    const failing = failed[action] as number;
    const bit = failing & -failing;
    const doubt = (unknown[action] as number) & bit;
    const code = STOP_OF_FIRST[((32 - Math.clz32(bit)) << 1) + ((doubt | -doubt) >>> 31)] as number;
    codes[action] = code;
    actions[meeting] = action;
    meeting += (code + 1) >>> 8;
  }
  return meeting;
}

/** Moves those of the first `count` that nothing else stopped to the front and returns how many they are; again without branches. */
function keepPassed(codes: Uint8Array, actions: Int32Array, count: number): number {
  let passed = 0;
  for (let i = 0; i < count; i++) {
    const action = actions[i] as number;
    actions[passed] = action;
    passed += ((codes[action] as number) + 1) >>> 8;
  }
  return passed;
}

/** Availability, then the lawful basis, whatever came of the conditions. The earlier the stage, the later it is written: it has the last word. */
function stopBefore({ compiled, codes, x }: Workspace, facts: DecisionFacts, nowMs: number): void {
  const { mandatory, limitedInTime, ofPurpose } = compiled;
  for (let purpose = 0; purpose < facts.basis.length; purpose++) {
    const basis = facts.basis[purpose] as number;
    if (basis >= 0) for (const action of ofPurpose[purpose] as Int32Array) codes[action] = basis;
  }
  const treatments = compiled.treatments(facts.channel, facts.language);
  for (const action of treatments.missing) codes[action] = CODE.noTreatment;
  if (treatments.depending.size > 0) {
    for (const action of treatments.depending.keys())
      if (treatmentAt(treatments, compiled.predicates, action, x) === NONE) codes[action] = CODE.noTreatment;
  }
  if (facts.revisionExpired) {
    for (let action = 0; action < codes.length; action++) if (mandatory[action] === 0) codes[action] = CODE.revisionExpired;
  }
  for (const action of facts.excluded) codes[action] = CODE.excluded;
  for (const { action, fromMs, toMs } of limitedInTime) {
    if (nowMs < fromMs) codes[action] = CODE.notYetValid;
    else if (nowMs >= toMs) codes[action] = CODE.noLongerValid;
  }
}

/** Constraints, contact limits and answers on this call, care before sale, where no condition failed; again the earlier stage has the last word. */
function stopAfter(work: Workspace, facts: DecisionFacts): void {
  const { compiled } = work;
  stopScarce(work, facts);
  stopContacted(work, facts);
  const care = careCode(work);
  if (care !== PASSED) for (const action of compiled.ofSales) stop(work, action, care);
}

/** Unless a condition of the action failed. */
function stop({ bits, codes }: Workspace, action: number, code: number): void {
  if (bits.failed[action] === 0) codes[action] = code;
}

/** Reached outranks unknown. A budget must have room for what the action itself would ask for. */
function stopScarce(work: Workspace, { usage }: DecisionFacts): void {
  const { compiled, codes } = work;
  for (const [number, constraint] of compiled.revision.constraints.entries()) {
    const used = usage[number] ?? null;
    for (const action of constraint.covers) {
      if (isReached(compiled, constraint, used, action)) stop(work, action, CODE.constraintReached);
      else if (used === null && codes[action] === PASSED) codes[action] = CODE.constraintUnknown;
    }
  }
}

export function isReached({ numbers }: CompiledRevision, { kind, limit }: CheckedConstraint, used: number | null, action: number): boolean {
  if (used === null) return false;
  return kind === 'volume' ? used >= limit : used + (numbers[(action << ROW) + AMOUNT] as number) > limit;
}

function stopContacted(work: Workspace, facts: DecisionFacts): void {
  const { suppresses, limitedInContact } = work.compiled;
  if (facts.history === 'unknown') for (const action of limitedInContact) stop(work, action, CODE.contactUnknown);
  else {
    for (const [policy, unit, , sparesOpen] of facts.contact) {
      for (const action of suppresses[policy]?.get(unit) ?? [])
        if (sparesOpen === 0 || !isOpen(facts, action)) stop(work, action, CODE.contactLimit);
    }
  }
  for (const [action] of facts.snoozed) stop(work, action, CODE.snoozed);
  for (const action of facts.answered) stop(work, action, CODE.answeredInCall);
  for (const action of facts.rejected) stop(work, action, CODE.rejectedInCall);
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
