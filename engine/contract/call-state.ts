/** What is known of one call. Built by the pure reducer of the core; depends on the set of events, not on their order of arrival. */
import type { CallEvent, Speaker } from './call-events.ts';
import type { Consent, Interaction, ProfileFields } from './profile.ts';
import type { Understood } from './understood.ts';

export type CallPhase = 'offered' | 'ringing' | 'active' | 'held' | 'wrap-up' | 'ended';

export interface Utterance {
  readonly utteranceId: string;
  readonly seq: number;
  readonly speaker: Speaker;
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly atMs: number;
}

export interface SequencedEvent {
  readonly seq: number;
  readonly event: CallEvent;
}

export interface CallState {
  readonly callId: string;
  /** Every event applied, by delivery number. */
  readonly events: readonly SequencedEvent[];
  /** Delivery numbers below the highest that have not arrived, as closed ranges. */
  readonly gaps: readonly { readonly fromSeq: number; readonly toSeq: number }[];
  /** Every number up to this one has arrived. */
  readonly contiguousSeq: number;

  readonly phase: CallPhase;
  /** The agent whose call it is now. */
  readonly agentId: string | null;
  readonly customerId: string | null;
  readonly identity: 'unknown' | 'asserted' | 'verified';
  readonly direction: 'inbound' | 'outbound';
  readonly queue: string | null;
  readonly queueWaiting: number | null;
  readonly language: string | null;
  readonly ivr: readonly string[];
  readonly offeredAtMs: number | null;
  readonly connectedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly endReason: string | null;
  readonly holds: number;
  readonly transfers: number;
  readonly capturePaused: boolean;
  /** Final utterances, in order of their delivery number. */
  readonly utterances: readonly Utterance[];
  /** The model in force that read what the customer said, by hash, and what it made of it, by delivery number. */
  readonly understoodBy: string | null;
  readonly understood: readonly Understood[];
  /** Consents changed on this call, the last word per purpose; they outrank the profile's. */
  readonly consents: readonly Consent[];
  /** Profile fields changed on this call, by name after `profile.`. */
  readonly fields: ProfileFields;
  readonly profileVersion: number | null;
  /** The current step per journey. */
  readonly journeys: Readonly<Record<string, string>>;
  /** Contacts made through other channels while the call ran. */
  readonly contacts: readonly Interaction[];
  /** The time of the newest event: the call's own sense of now. */
  readonly lastAtMs: number | null;
}
