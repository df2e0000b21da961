/**
 * Everything the stages of a decision read, as they read it: plain JSON, kept in the record under `inputs`.
 * A decision is a function of the revision, these facts and the scores, so a record can be decided again from itself.
 * Actions, fields, purposes, policies and phrase lists are numbers of the revision the record names.
 */
import type { CallPhase } from '#contract/call-state.ts';
import type { ExperimentArm } from '#contract/experiments.ts';
import type { ExperienceLevel } from '#contract/policy.ts';
import type { Channel } from '#contract/profile.ts';
import type { CompiledModel } from './compile-model.ts';
import type { CompiledRevision } from './compile-revision.ts';

/** A value as the stages see it: times are milliseconds, null is unknown. */
export type FieldFact = number | string | boolean | readonly string[] | null;

export interface DecisionFacts {
  readonly level: ExperienceLevel;
  readonly channel: Channel;
  readonly language: string;
  readonly phase: CallPhase;
  readonly capturePaused: boolean;
  readonly quiet: boolean;
  /** Somebody is speaking right now. */
  readonly speaking: boolean;
  readonly silentSinceMs: number | null;
  readonly heldSinceMs: number | null;
  /** Central has not been heard for longer than the revision may be used. */
  readonly revisionExpired: boolean;
  readonly excluded: readonly number[];
  /** Deliveries of this call are missing: what was not heard may have been said. */
  readonly eventsMissing: boolean;
  /** Values of the fields that any stage reads, in the order of the catalogue. */
  readonly fields: readonly FieldFact[];
  /** Values of further fields that the model reads, in its order; empty where no model was used. */
  readonly modelFields: readonly FieldFact[];
  /** Values of the counts that conditions ask for, in their order. */
  readonly counts: readonly (number | null)[];
  /** [phrase list, phrase, atMs] of each list that was heard. */
  readonly said: readonly (readonly [number, number, number])[];
  /** The model that read what the customer said, by hash: what the fields of `call.` that name intents come from; null = none did. */
  readonly understoodBy: string | null;
  /** Something the customer said was not read by it, or not yet: it may have been about anything. */
  readonly unread: boolean;
  /** Per purpose, index into REASONS of why there is no basis; −1 where there is one. */
  readonly basis: readonly number[];
  /** `own`: nobody is identified, so only what this call did counts. `unknown`: somebody is, and nothing is cached. */
  readonly history: 'known' | 'own' | 'unknown';
  /** [contact policy, unit it suppresses, untilMs, 1 when a prompt on the screen is spared]. Unit: action, group, issue or 0. */
  readonly contact: readonly (readonly [number, number, number, 0 | 1])[];
  /** [action, percent points] that maybe-later adds to C now. */
  readonly influence: readonly (readonly [number, number])[];
  /** Per constraint, what is used of it in this period; null is unknown. */
  readonly usage: readonly (number | null)[];
  /** This customer, or this call of nobody known, is in the control group. */
  readonly control: boolean;
  /** The arm of the policy's experiment. */
  readonly arm: ExperimentArm | 'nba';
  /** The holdouts this customer, or this call of nobody known, is in, by number of the revision. */
  readonly heldOut: readonly number[];
  /** The policy's challenger decides for this customer, agent or site. */
  readonly challenged: boolean;
  readonly rejected: readonly number[];
  readonly answered: readonly number[];
  /** [action, untilMs]. */
  readonly snoozed: readonly (readonly [number, number])[];
  /** [action, shownAtMs] of the prompts on this device's screen that nobody has answered. */
  readonly open: readonly (readonly [number, number])[];
  /** Discretionary prompts of this call so far. */
  readonly used: number;
  readonly lastShownAtMs: number | null;
  /** This is the decision after a rejection: the gap does not apply. */
  readonly gapWaived: boolean;
  /** The earliest moment at which one of these facts changes by time alone; null = none within an hour. */
  readonly laterAtMs: number | null;
}

/** By index into the revision's fields; those that nothing read are unknown. */
export function valuesOf(
  { revision, usedFields }: CompiledRevision,
  facts: DecisionFacts,
  model: CompiledModel | null,
): readonly FieldFact[] {
  const values: FieldFact[] = revision.fields.map(() => null);
  for (const [place, field] of usedFields.entries()) values[field] = facts.fields[place] ?? null;
  for (const [place, field] of (model?.extraFields ?? []).entries()) values[field] = facts.modelFields[place] ?? null;
  return values;
}
