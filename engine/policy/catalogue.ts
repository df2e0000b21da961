import type { CheckedField } from '#contract/checked-policy.ts';

/** Every name a condition or a template of one revision may use. */
export interface Catalogue {
  readonly fields: ReadonlyMap<string, CheckedField>;
  /** Declared, but with a fault of its own: using it is not a second fault. */
  readonly brokenFields: ReadonlySet<string>;
  /** Phrases by topic. */
  readonly topics: ReadonlyMap<string, readonly string[]>;
  readonly actions: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly issues: ReadonlySet<string>;
  /** False when a catalogue file could not be read: then a name that is not found proves nothing. */
  readonly fieldsComplete: boolean;
  readonly topicsComplete: boolean;
}
