/** Values of the catalogue's fields at one moment: typed, fresh, or unknown. */
import type { CallState } from '#contract/call-state.ts';
import type { CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import type { FieldFact } from './facts.ts';
import { parseIsoMs } from './iso-time.ts';
import type { Heard } from './phrases.ts';
import type { SpeechRead } from './speech-read.ts';

/** How far ahead of this clock another one may be before its data count as unknown. The same as for events. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

const NO_TOPICS: readonly string[] = [];

/** Fields by path; null is unknown. */
export interface FieldValues {
  readonly field: (path: string) => FieldFact;
}

/** The cached profile, if it is the profile of the person on the line. */
export function knownProfile(call: CallState, profile: ProfileSlice | null): ProfileSlice | null {
  return profile !== null && call.identity !== 'unknown' && call.customerId === profile.customerId ? profile : null;
}

/** What a decision is given that a field of `call.` is read from. */
type Moment = Pick<DecisionInputs, 'call' | 'nowMs' | 'speaking'>;

/** How the raw value of a field of `call.` is read, by its name; null for a name there is none of. */
export function callReader(
  revision: CheckedRevision,
  name: string,
): ((moment: Moment, heard: readonly Heard[], speech: SpeechRead) => unknown) | null {
  switch (name) {
    case 'phase':
      return ({ call }) => call.phase;
    case 'direction':
      return ({ call }) => call.direction;
    case 'queue':
      return ({ call }) => call.queue;
    case 'queueWaiting':
      return ({ call }) => call.queueWaiting;
    case 'identity':
      return ({ call }) => call.identity;
    case 'language':
      return ({ call }) => call.language;
    case 'holds':
      return ({ call }) => call.holds;
    case 'transfers':
      return ({ call }) => call.transfers;
    case 'intent':
      return (_, __, { latest }) => latest?.intent ?? null;
    case 'intentConfidence':
      return (_, __, { latest }) => latest?.confidence ?? null;
    case 'intents':
      return (_, __, { intents }) => intents;
    case 'ivr':
      return ({ call }) => call.ivr;
    case 'elapsedS':
      return ({ call, nowMs }) => secondsSince(call.connectedAtMs, call, nowMs);
    case 'customerSilentS':
      return ({ call, nowMs, speaking }) => (speaking?.by === 'customer' ? 0 : secondsSince(customerSpokeAtMs(call), call, nowMs));
    case 'topics':
      return (_, heard) => (heard.length === 0 ? NO_TOPICS : [...new Set(heard.flatMap(({ list }) => revision.topics[list]?.topic ?? []))]);
    default:
      return null;
  }
}

/** When the customer last spoke; the start of the call when they have not; null before it. */
export function customerSpokeAtMs(call: CallState): number | null {
  const last = call.utterances.findLast(({ speaker }) => speaker === 'customer');
  if (last === undefined || call.connectedAtMs === null) return call.connectedAtMs;
  return Math.max(last.atMs, call.connectedAtMs);
}

/** Whole seconds; they stop when the call ends. */
function secondsSince(atMs: number | null, call: CallState, nowMs: number): number | null {
  return atMs === null ? null : Math.max(0, Math.floor(((call.endedAtMs ?? nowMs) - atMs) / 1_000));
}

/** The value if it fits the field's declared type and values, else null. */
export function typed(field: CheckedField, value: unknown): FieldFact {
  if (value === null || value === undefined) return null;
  const declared = field.values ?? [];
  switch (field.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'number':
      // Adding 0 makes −0 the 0 that JSON keeps.
      return typeof value === 'number' && Number.isFinite(value) ? value + 0 : null;
    case 'text':
      // A record could not hold half a character.
      return typeof value === 'string' && value.isWellFormed() ? value : null;
    case 'enum':
      return typeof value === 'string' && declared.includes(value) ? value : null;
    case 'time': {
      const ms = typeof value === 'string' ? parseIsoMs(value) : Number.NaN;
      return Number.isNaN(ms) ? null : ms;
    }
    case 'set': {
      if (!Array.isArray(value) || !value.every((item) => typeof item === 'string' && item.isWellFormed())) return null;
      return declared.length > 0 && !value.every((item) => declared.includes(item)) ? null : value;
    }
  }
}

export const INTENTS = 'call.intents';

/** Whether a set that does not hold a value may yet hold it: what utterances are about that have not arrived. */
export const ofSpeech = (path: string): boolean => path === 'call.topics' || path === INTENTS;
