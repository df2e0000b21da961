/**
 * What a profile comes to under one revision, worked out once, when it is first seen: every decision about its customer reads
 * the same numbers and records the same values.
 */
import type { ProfileSlice } from '#contract/profile.ts';
import { at } from './at.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { FieldFact } from './facts.ts';
import { fillFieldSlots } from './fill-slots.ts';
import { JsonBytes } from './json-bytes.ts';
import type { WrittenFields } from './record-facts.ts';

export interface UnderstoodProfile {
  readonly profile: ProfileSlice;
  /** All slots: filled where they follow from the profile alone. */
  readonly x: Float64Array;
  /** Its values as a record holds them; null where the revision reads none. */
  readonly written: WrittenFields | null;
}

export class UnderstoodProfiles {
  readonly #compiled: CompiledRevision;
  readonly #from: number;
  readonly #count: number;
  readonly #json = new JsonBytes();
  readonly #known = new WeakMap<ProfileSlice, UnderstoodProfile>();

  constructor(compiled: CompiledRevision) {
    const { usedFields, revision } = compiled;
    const isProfile = usedFields.map((field) => at(revision.fields, field).path.startsWith('profile.'));
    this.#compiled = compiled;
    this.#from = isProfile.indexOf(true);
    // Fields of one prefix stand together in a catalogue that is sorted; of another only those before the first gap are known.
    const gap = isProfile.indexOf(false, this.#from);
    this.#count = this.#from < 0 ? 0 : (gap < 0 ? isProfile.length : gap) - this.#from;
  }

  /** `values`: of the fields that any stage reads, those of the profile as it has them. */
  of(profile: ProfileSlice, values: readonly FieldFact[]): UnderstoodProfile {
    let known = this.#known.get(profile);
    if (known === undefined) {
      const x = new Float64Array(this.#compiled.slotSources.length);
      fillFieldSlots(this.#compiled.slotSources, values, x);
      known = { profile, x, written: this.#written(values) };
      this.#known.set(profile, known);
    }
    return known;
  }

  #written(values: readonly FieldFact[]): WrittenFields | null {
    if (this.#count === 0) return null;
    this.#json.restart();
    this.#json.items(values, this.#from, this.#from + this.#count);
    return { from: this.#from, count: this.#count, json: this.#json.written.slice() };
  }
}
