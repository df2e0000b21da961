/** Every stage up to scoring: which actions may be shown to this customer now, and why the others may not. */
import { at } from './at.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import { CODE, FALSE, PASSED, TRUE } from './codes.ts';
import { type CompiledRevision, conditionCode } from './compile-revision.ts';
import { unitOf } from './contact-history.ts';
import type { DecisionFacts, FieldFact } from './facts.ts';
import type { FieldValues } from './field-values.ts';
import { fillSlots } from './fill-slots.ts';
import { readFacts } from './read-facts.ts';

export interface Candidates extends FieldValues {
  /** Indices into the revision's actions that are to be scored, ascending. */
  readonly actions: Int32Array;
  /** Per action of the revision: index into REASONS of what stopped it, PASSED for a candidate. */
  readonly codes: Uint8Array;
  readonly facts: DecisionFacts;
  readonly nowMs: number;
}

/** Reads the inputs and asks every action everything but its score. Costs no more than the values that fail. */
export function filter(compiled: CompiledRevision, inputs: DecisionInputs): Candidates {
  const { facts, values } = readFacts(compiled, inputs);
  return filterFacts(compiled, facts, inputs.nowMs, (path) => values[compiled.slots.find(path) ?? -1] ?? null);
}

/** The same from facts as a record holds them; fields that no stage reads are unknown. */
export function filterRecorded(compiled: CompiledRevision, facts: DecisionFacts, nowMs: number): Candidates {
  const values = new Map<string, FieldFact>();
  for (const [position, field] of compiled.usedFields.entries()) {
    values.set(at(compiled.revision.fields, field).path, facts.fields[position] ?? null);
  }
  return filterFacts(compiled, facts, nowMs, (path) => values.get(path) ?? null);
}

function filterFacts(compiled: CompiledRevision, facts: DecisionFacts, nowMs: number, field: Candidates['field']): Candidates {
  const { wordStart, bits, purposeOf, sales, revision } = compiled;
  const x = fillSlots(compiled, facts, nowMs);
  compiled.index.walk(x, bits);
  const codes = availability(compiled, facts, nowMs);
  const care = careCode(compiled, x);
  const contact = contactCodes(compiled, facts);
  const passed = new Int32Array(codes.length);
  let count = 0;
  for (let action = 0; action < codes.length; action++) {
    if (codes[action] !== PASSED) continue;
    const basis = facts.basis[purposeOf[action] as number] as number;
    if (basis >= 0) {
      codes[action] = basis;
      continue;
    }
    const first = firstFailure(bits.failed, wordStart[action] as number, wordStart[action + 1] as number);
    if (first >= 0) {
      const isUnknown = (((bits.unknown[(wordStart[action] as number) + (first >>> 5)] as number) >>> (first & 31)) & 1) === 1;
      codes[action] = conditionCode(at(revision.actions, action), first, isUnknown);
    } else if (sales[action] === 1 && care !== PASSED) codes[action] = care;
    else if (contact[action] !== PASSED) codes[action] = contact[action] as number;
    else passed[count++] = action;
  }
  return { actions: passed.slice(0, count), codes, facts, nowMs, field };
}

/** The first condition that is not true, −1 when all are. */
function firstFailure(failed: Int32Array, from: number, to: number): number {
  for (let word = from; word < to; word++) {
    const bits = failed[word] as number;
    if (bits !== 0) return ((word - from) << 5) + 31 - Math.clz32(bits & -bits);
  }
  return -1;
}

function availability({ revision, mandatory, treatments }: CompiledRevision, facts: DecisionFacts, nowMs: number): Uint8Array {
  const codes = new Uint8Array(revision.actions.length).fill(PASSED);
  const treatment = treatments(facts.channel, facts.language);
  for (let action = 0; action < codes.length; action++) {
    const { validFromMs, validToMs } = at(revision.actions, action);
    if (validFromMs !== undefined && nowMs < validFromMs) codes[action] = CODE.notYetValid;
    else if (validToMs !== undefined && nowMs >= validToMs) codes[action] = CODE.noLongerValid;
    else if (facts.revisionExpired && mandatory[action] === 0) codes[action] = CODE.revisionExpired;
    else if ((treatment[action] as number) < 0) codes[action] = CODE.noTreatment;
  }
  for (const action of facts.excluded) {
    if (codes[action] !== CODE.notYetValid && codes[action] !== CODE.noLongerValid) codes[action] = CODE.excluded;
  }
  return codes;
}

/** What care before sale says to sales actions: allowed only if every rule is false. */
function careCode({ care, predicates }: CompiledRevision, x: Float64Array): number {
  let code: number = PASSED;
  for (const rule of care) {
    const truth = at(predicates, rule).evaluate(x);
    if (truth === TRUE) return CODE.careBeforeSale;
    if (truth !== FALSE) code = CODE.careUnknown;
  }
  return code;
}

/** What was answered on this call, then contact limits; must-say lines and transactional actions are exempt from the limits. */
function contactCodes(compiled: CompiledRevision, facts: DecisionFacts): Uint8Array {
  const { revision, mandatory, transactional } = compiled;
  const codes = new Uint8Array(revision.actions.length).fill(PASSED);
  for (let action = 0; action < codes.length; action++) {
    if (mandatory[action] === 1 || transactional[action] === 1) continue;
    if (facts.history === 'unknown') {
      if (revision.contact.some((policy) => unitOf(compiled, policy, action) !== null)) codes[action] = CODE.contactUnknown;
    } else if (facts.contact.length > 0 && suppressedBy(compiled, facts, action) !== null) codes[action] = CODE.contactLimit;
  }
  for (const [action] of facts.snoozed) codes[action] = CODE.snoozed;
  for (const action of facts.answered) codes[action] = CODE.answeredInCall;
  for (const action of facts.rejected) codes[action] = CODE.rejectedInCall;
  return codes;
}

/** The first contact policy that holds an action back, by number, and until when. */
export function suppressedBy(
  compiled: CompiledRevision,
  facts: DecisionFacts,
  action: number,
): { readonly policy: number; readonly untilMs: number } | null {
  if (compiled.mandatory[action] === 1 || compiled.transactional[action] === 1) return null;
  const isOpen = facts.open.some(([open]) => open === action);
  for (const [policy, unit, untilMs, sparesOpen] of facts.contact) {
    if (isOpen && sparesOpen === 1) continue;
    if (unitOf(compiled, at(compiled.revision.contact, policy), action) === unit) return { policy, untilMs };
  }
  return null;
}
