/** A profile is recorded with every decision about its customer: its values are put into JSON once, when it is first seen. */
import type { ProfileSlice } from '#contract/profile.ts';
import { at } from './at.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { FieldFact } from './facts.ts';
import { JsonBytes } from './json-bytes.ts';
import type { WrittenFields } from './record-facts.ts';

export class ProfileJson {
  readonly #from: number;
  readonly #count: number;
  readonly #json = new JsonBytes();
  readonly #known = new WeakMap<ProfileSlice, WrittenFields>();

  constructor({ usedFields, revision }: CompiledRevision) {
    const isProfile = usedFields.map((field) => at(revision.fields, field).path.startsWith('profile.'));
    this.#from = isProfile.indexOf(true);
    // Fields of one prefix stand together in a catalogue that is sorted; of another only those before the first gap are known.
    const gap = isProfile.indexOf(false, this.#from);
    this.#count = this.#from < 0 ? 0 : (gap < 0 ? isProfile.length : gap) - this.#from;
  }

  /** `values`: of the fields that any stage reads, as the profile has them. Null where there are none of a profile. */
  of(profile: ProfileSlice, values: readonly FieldFact[]): WrittenFields | null {
    if (this.#count === 0) return null;
    let known = this.#known.get(profile);
    if (known === undefined) {
      this.#json.restart();
      this.#json.items(values, this.#from, this.#from + this.#count);
      known = { from: this.#from, count: this.#count, json: this.#json.written.slice() };
      this.#known.set(profile, known);
    }
    return known;
  }
}
