/** Reads the fields of the catalogue at one moment: what a profile says is typed once, when it is first seen. */
import { at } from './at.ts';
import type { CallState } from '#contract/call-state.ts';
import type { CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import type { FieldFact } from './facts.ts';
import { callReader, CLOCK_TOLERANCE_MS, knownProfile, typed } from './field-values.ts';
import type { Heard } from './phrases.ts';
import type { SpeechRead } from './speech-read.ts';

const HOUR_MS = 3_600_000;

interface Named {
  readonly index: number;
  readonly name: string;
  readonly field: CheckedField;
}

export class FieldReader {
  /** Values by index into the revision's fields, as of the last `read`. */
  readonly values: FieldFact[];
  readonly #revision: CheckedRevision;
  readonly #profileFields: readonly Named[];
  readonly #callFields: readonly { readonly index: number; readonly field: CheckedField; readonly read: ReturnType<typeof callReader> }[];
  readonly #journeyFields: readonly Named[];
  readonly #ageing: readonly { readonly index: number; readonly maxAgeMs: number }[];
  readonly #typed = new WeakMap<ProfileSlice, readonly FieldFact[]>();
  #unchanged: ProfileSlice | null = null;

  constructor(revision: CheckedRevision) {
    this.#revision = revision;
    this.values = revision.fields.map(() => null);
    const named = (prefix: string): readonly Named[] =>
      revision.fields.flatMap((field, index) =>
        field.path.startsWith(prefix) ? [{ index, name: field.path.slice(prefix.length), field }] : [],
      );
    this.#profileFields = named('profile.');
    this.#callFields = named('call.').map(({ index, name, field }) => ({ index, field, read: callReader(revision, name) }));
    this.#journeyFields = named('journey.');
    this.#ageing = revision.fields.flatMap(({ maxAgeHours }, index) =>
      maxAgeHours === undefined ? [] : [{ index, maxAgeMs: maxAgeHours * HOUR_MS }],
    );
  }

  /** The profile whose fields `values` holds as it has them, all of them; null where age or the call made one of them another. */
  get unchanged(): ProfileSlice | null {
    return this.#unchanged;
  }

  /** `model.` fields stay unknown: nothing fills them. */
  read(
    inputs: Pick<DecisionInputs, 'call' | 'profile' | 'nowMs' | 'speaking'>,
    heard: readonly Heard[],
    speech: SpeechRead,
  ): readonly FieldFact[] {
    const { call, nowMs } = inputs;
    const profile = knownProfile(call, inputs.profile);
    this.#readProfile(profile, nowMs);
    this.#readTold(call, profile);
    for (const { index, field, read } of this.#callFields) {
      this.values[index] = read === null ? null : typed(field, read(inputs, heard, speech));
    }
    for (const { index, name, field } of this.#journeyFields) {
      this.values[index] = typed(field, Object.hasOwn(call.journeys, name) ? call.journeys[name] : null);
    }
    return this.values;
  }

  /** Makes fields unknown that may not be read now. */
  leaveOut(fields: Int32Array): void {
    for (const field of fields) {
      this.values[field] = null;
      this.#unchanged = null;
    }
  }

  #readProfile(profile: ProfileSlice | null, nowMs: number): void {
    const { values } = this;
    const ageMs = profile === null ? 0 : nowMs - profile.asOfMs;
    this.#unchanged = null;
    if (profile === null || ageMs < -CLOCK_TOLERANCE_MS) {
      for (const { index } of this.#profileFields) values[index] = null;
      return;
    }
    const known = this.#typedOnce(profile);
    for (let i = 0; i < this.#profileFields.length; i++) {
      const { index } = this.#profileFields[i] as Named;
      values[index] = known[i] as FieldFact;
    }
    this.#unchanged = profile;
    for (const { index, maxAgeMs } of this.#ageing) {
      if (ageMs <= maxAgeMs || !at(this.#revision.fields, index).path.startsWith('profile.')) continue;
      values[index] = null;
      this.#unchanged = null;
    }
  }

  /** What the call itself was told outranks a slice that is older than that. */
  #readTold(call: CallState, profile: ProfileSlice | null): void {
    const isNewer = call.profileVersion !== null && (profile === null || profile.version < call.profileVersion);
    if (!isNewer || call.identity === 'unknown') return;
    this.#unchanged = null;
    for (const { index, name, field } of this.#profileFields) {
      if (Object.hasOwn(call.fields, name)) this.values[index] = typed(field, call.fields[name]);
    }
  }

  #typedOnce(profile: ProfileSlice): readonly FieldFact[] {
    let known = this.#typed.get(profile);
    if (known === undefined) {
      known = this.#profileFields.map(({ name, field }) =>
        Object.hasOwn(profile.fields, name) ? typed(field, profile.fields[name]) : null,
      );
      this.#typed.set(profile, known);
    }
    return known;
  }
}
