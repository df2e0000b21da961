/** How each action is put on a channel and in a language, for this customer now. */
import type { CheckedRevision, CheckedTreatment } from '#contract/checked-policy.ts';
import type { Channel } from '#contract/profile.ts';
import { at } from './at.ts';
import { TRUE } from './codes.ts';
import type { Predicate } from './predicates.ts';

/** No treatment fits. */
export const NONE = -1;
const DEPENDS = -2;

/** What may be used where a predicate of the revision is true; null where it asks for none. */
export interface Choice {
  readonly treatment: number;
  readonly predicate: number | null;
}

/** For one channel and language. */
export interface Treatments {
  /** Per action the index of the treatment, where it is the same for everybody; else NONE or DEPENDS. */
  readonly chosen: Int16Array;
  /** Actions that have none for anybody. */
  readonly missing: Int32Array;
  /** Actions whose treatment depends on conditions, with their choices, the first that holds first. */
  readonly depending: ReadonlyMap<number, readonly Choice[]>;
}

/** Index of the treatment of an action over the slots `x`; NONE where none fits. What is unknown does not hold. */
export function treatmentAt(treatments: Treatments, predicates: readonly Predicate[], action: number, x: Float64Array): number {
  const fixed = treatments.chosen[action] as number;
  if (fixed !== DEPENDS) return fixed;
  const holds = ({ predicate }: Choice): boolean => predicate === null || at(predicates, predicate).evaluate(x) === TRUE;
  return treatments.depending.get(action)?.find(holds)?.treatment ?? NONE;
}

/** Languages a desk meets in practice; more are chosen anew each time rather than kept. */
const LANGUAGES_KEPT = 32;

/**
 * In the language asked for, else in the same base language, else in the revision's language; of several the one that
 * stands first. `conditions`: per action and treatment the predicate it asks for, null where it asks for none.
 */
export function treatmentChooser(
  revision: CheckedRevision,
  conditions: readonly (readonly (number | null)[])[],
): (channel: Channel, language: string) => Treatments {
  const kept = new Map<string, Treatments>();
  // A decision asks several times for the same.
  let last: { readonly channel: Channel; readonly language: string; readonly treatments: Treatments } | null = null;
  const keptOrMade = (channel: Channel, language: string): Treatments => {
    const key = `${channel} ${language}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = treatmentsFor(revision, conditions, channel, [language, revision.language]);
    if (kept.size >= LANGUAGES_KEPT) kept.clear();
    kept.set(key, made);
    return made;
  };
  return (channel, language) => {
    if (last?.channel !== channel || last.language !== language) last = { channel, language, treatments: keptOrMade(channel, language) };
    return last.treatments;
  };
}

function treatmentsFor(
  { actions }: CheckedRevision,
  conditions: readonly (readonly (number | null)[])[],
  channel: Channel,
  languages: readonly string[],
): Treatments {
  const chosen = new Int16Array(actions.length);
  const missing: number[] = [];
  const depending = new Map<number, readonly Choice[]>();
  for (let action = 0; action < actions.length; action++) {
    const order = inOrder(at(actions, action).treatments, channel, languages);
    const own = at(conditions, action);
    const [first] = order;
    if (first === undefined) {
      chosen[action] = NONE;
      missing.push(action);
    } else if (own[first] === null) chosen[action] = first;
    else {
      chosen[action] = DEPENDS;
      depending.set(
        action,
        order.map((treatment) => ({ treatment, predicate: own[treatment] ?? null })),
      );
    }
  }
  return { chosen, missing: Int32Array.from(missing), depending };
}

const base = (language: string): string => language.replace(/-.*$/, '');

/** Treatments for the channel, by how well their language fits. */
function inOrder(treatments: readonly CheckedTreatment[], channel: Channel, languages: readonly string[]): readonly number[] {
  const order: number[] = [];
  const take = (fits: (tag: string) => boolean): void => {
    for (let i = 0; i < treatments.length; i++) {
      const treatment = at(treatments, i);
      if (treatment.channel === channel && fits(treatment.language) && !order.includes(i)) order.push(i);
    }
  };
  for (const wanted of languages) {
    take((tag) => tag === wanted);
    take((tag) => base(tag) === base(wanted));
  }
  return order;
}
