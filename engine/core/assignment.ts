/**
 * Who is in what: the control group, an arm of an experiment, the challenger's share, a holdout. Always a hash of a salt and an id, never
 * the seed: whoever is in something stays in it, for good or for a month.
 */
import type { CheckedHoldout, CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { AssignedAnew, ExperimentUnit } from '#contract/experiments.ts';
import { utf8 } from './bytes.ts';
import type { DecisionFacts } from './facts.ts';
import { isoFromMs } from './iso-time.ts';
import { beginShare, endShare } from './sticky-share.ts';

/** What is known of whom a decision is for, and when. */
type Assigned = Pick<DecisionInputs, 'agentId' | 'siteId' | 'call' | 'nowMs'>;

interface Salted {
  readonly salt: string;
  readonly anew?: AssignedAnew | undefined;
}

/** `month` as `2026-11`. */
export const saltOfMonth = (salt: string, month: string): string => `${salt}\0${month}`;

/** Where an id falls between 0 and 1: in the month in which the call began (UTC), where it is assigned anew each month, so that nothing changes within a call. */
function shareOf({ salt, anew }: Salted, id: string, { call, nowMs }: Pick<Assigned, 'call' | 'nowMs'>): number {
  const salted = anew === undefined ? salt : saltOfMonth(salt, isoFromMs(call.offeredAtMs ?? nowMs).slice(0, 7));
  return endShare(beginShare(salted), utf8(id));
}

/** The customer, or the call where nobody is known. */
const customerOrCall = ({ identity, customerId, callId }: Assigned['call']): string =>
  identity === 'unknown' || customerId === null ? callId : customerId;

export function isControl({ control }: Pick<CheckedRevision, 'control'>, inputs: Assigned): boolean {
  return control !== undefined && shareOf(control, customerOrCall(inputs.call), inputs) < control.share;
}

/** The arm of this customer, agent or site; `nba` where it is in none, or not known. */
export function armOf(experiment: NonNullable<CheckedRevision['experiment']>, inputs: Assigned): DecisionFacts['arm'] {
  const id = unitId(experiment.unit, inputs);
  return (id === null ? null : armAt(shareOf(experiment, id, inputs), experiment.arms)) ?? 'nba';
}

/** The arm a unit is in, the same for a salt every time it is asked; null = beyond the shares of all. */
export function assignedArm<T extends string>(salt: string, id: string, arms: Arms<T>): T | null {
  return armAt(endShare(beginShare(salt), utf8(id)), arms);
}

type Arms<T> = readonly { readonly arm: T; readonly share: number }[];

function armAt<T extends string>(place: number, arms: Arms<T>): T | null {
  let left = place;
  for (const { arm, share } of arms) {
    if (left < share) return arm;
    left -= share;
  }
  return null;
}

/** Whether the policy's challenger decides for this customer, agent or site; for who is not known the champion does. */
export function isChallenged({ challenger }: Pick<CheckedRevision, 'challenger'>, inputs: Assigned): boolean {
  const id = challenger === undefined ? null : unitId(challenger.unit, inputs);
  return challenger !== undefined && id !== null && shareOf(challenger, id, inputs) < challenger.share;
}

/** The holdouts in force that this customer is in, by number; null = none. */
export function heldOut(holdouts: readonly CheckedHoldout[], inputs: Assigned): readonly number[] | null {
  let found: number[] | null = null;
  for (const [number, holdout] of holdouts.entries()) {
    if (!isInForce(holdout, inputs.nowMs) || !(shareOf(holdout, customerOrCall(inputs.call), inputs) < holdout.share)) continue;
    (found ??= []).push(number);
  }
  return found;
}

export const isInForce = ({ fromMs, untilMs }: CheckedHoldout, nowMs: number): boolean => nowMs >= fromMs && nowMs < untilMs;

function unitId(unit: ExperimentUnit, { agentId, siteId, call }: Assigned): string | null {
  switch (unit) {
    case 'customer':
      return call.identity === 'unknown' ? null : call.customerId;
    case 'agent':
      return agentId;
    case 'site':
      return siteId ?? null;
  }
}
