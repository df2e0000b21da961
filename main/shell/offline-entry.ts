/** Whether a person may sign in while central cannot be reached: as long as what this desk last heard of them is fresh. */
import { roomsOf } from '#contract/rooms.ts';
import type { Person } from './people.ts';

/** A clock may be corrected by this much. */
export const CLOCK_TOLERANCE_MS = 2 * 60_000;

export type OfflineEntry = { readonly ok: true; readonly person: Person } | { readonly ok: false; readonly words: string };

const refuse = (words: string): OfflineEntry => ({ ok: false, words });

/**
 * `seenAtMs` is the latest time this desk's clock is known to have shown, whoever sat here: a clock set back would make
 * every sign-in fresh again. `person` undefined: never signed in here.
 */
export function offlineEntry(person: Person | undefined, nowMs: number, seenAtMs: number): OfflineEntry {
  if (person === undefined)
    return refuse('Central cannot be reached, and you have not signed in on this computer before. Try again when it is connected.');
  const { offlineHours, signedInAtMs, secret, roles } = person;
  if (nowMs < seenAtMs - CLOCK_TOLERANCE_MS)
    return refuse('The clock of this computer was set back. Set it right, or sign in when central can be reached.');
  if (nowMs - signedInAtMs > offlineHours * 3_600_000 || secret === null)
    return refuse(
      `Central cannot be reached, and your last sign-in here was more than ${offlineHours} hours ago. Sign in when it is connected; your saved answers are safe.`,
    );
  // Calls alone go on without central.
  if (!roomsOf(roles).includes('calls'))
    return refuse('When you last signed in you were not allowed to take calls. Sign in when central can be reached.');
  return { ok: true, person };
}
