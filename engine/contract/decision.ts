/** What goes into a decision and what comes out. Everything is an argument: the core reads nothing else. */
import type { CallState } from './call-state.ts';
import type { Outcome } from './outcome.ts';
import type { ExperienceLevel } from './policy.ts';
import type { Channel, ProfileSlice } from './profile.ts';
import type { ReasonCode, RefrainReason, Rung, Stage } from './reason-codes.ts';

/** Why a decision was taken now. */
export type Trigger =
  | { readonly kind: 'event'; readonly seq: number; readonly type: string }
  | { readonly kind: 'answer'; readonly outcomeId: string }
  | { readonly kind: 'timer' }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'request' };

export interface DecisionInputs {
  readonly decisionId: string;
  readonly deviceId: string;
  readonly agentId: string;
  /** Where the agent works; absent = not known. */
  readonly siteId?: string;
  readonly level: ExperienceLevel;
  readonly trigger: Trigger;
  /** Logical clock of the device. */
  readonly clock: number;
  readonly nowMs: number;
  /** 32 bits. */
  readonly seed: number;
  readonly channel: Channel;
  readonly language: string;
  readonly call: CallState;
  /** Null for an unknown caller, and when nothing is cached. */
  readonly profile: ProfileSlice | null;
  /** Outcomes of this call so far, from any device, in order of their clock per device. */
  readonly outcomes: readonly Outcome[];
  /** When central was last heard: profile, consents and revision age from here. */
  readonly centralHeardAtMs: number;
  /** Emergency exclusions in force. */
  readonly excluded: readonly string[];
  /** What central said last of the use of scarce things. */
  readonly usage: readonly ConstraintUse[];
  /** The agent asked for quiet on this call. */
  readonly quiet: boolean;
  /** Speech in progress right now (from partial utterances), by whom; null = nobody. */
  readonly speaking: { readonly by: 'customer' | 'agent'; readonly sinceMs: number } | null;
  /** When anybody last stopped speaking; null = nobody has spoken. */
  readonly silentSinceMs: number | null;
  /** A prompt held back for a pause in speech: since when. */
  readonly heldSinceMs: number | null;
}

/** How much of a constraint was used up in its period, over all agents. */
export interface ConstraintUse {
  readonly constraintId: string;
  /** Acceptances, or money in the revision's currency. */
  readonly used: number;
  /** When central counted. */
  readonly asOfMs: number;
}

export interface Reason {
  /** `<actionId>/<index>` of the reason template. */
  readonly templateId: string;
  /** Values for the template's places; formatted at the edge. Times are milliseconds. */
  readonly args: Readonly<Record<string, string | number | boolean>>;
}

/** One prompt to show. */
export interface Prompt {
  readonly actionId: string;
  readonly treatmentId: string;
  readonly role: 'primary' | 'chip';
  readonly propensity: number;
  readonly contextWeight: number;
  readonly value: number;
  readonly lever: number;
  /** P × C × V × L. */
  readonly priority: number;
  /** In order of weight, at most three; the first is the card's because-line. */
  readonly reasons: readonly Reason[];
  /** The first reason that may be spoken; null when none may. */
  readonly speakable: Reason | null;
  readonly expiresAtMs: number;
}

/** Where an action ended and what stopped it first. */
export interface Verdict {
  readonly actionId: string;
  readonly stage: Stage;
  readonly code: ReasonCode;
  /** The condition that stopped it, where one did: the author's text and, per operand, the value found and the one required. */
  readonly condition: {
    readonly text: string;
    readonly file: string;
    readonly line: number;
    readonly operands: readonly {
      readonly label: string;
      readonly found: string | number | boolean | readonly string[] | null;
      readonly required: string;
    }[];
  } | null;
  /** Factors as they ranked it (1 where one is switched off), where it came as far as being scored. */
  readonly factors: {
    readonly propensity: number;
    readonly contextWeight: number;
    readonly value: number;
    readonly lever: number;
    readonly priority: number;
    readonly rank: number;
  } | null;
  /** Contact policy, care rule or purpose by name, where one stopped it. */
  readonly by: string | null;
}

/** One value that would have been otherwise. */
export interface Change {
  /** The field's; `said` where a phrase would have been heard earlier on the call. */
  readonly path: string;
  /** Times in milliseconds, null is unknown; with `said` null, and the phrase. */
  readonly from: string | number | boolean | readonly string[] | null;
  readonly to: string | number | boolean | readonly string[] | null;
  /** In whose hand it lies; with `said` who says it. */
  readonly by: 'customer' | 'agent';
}

/** The least that would have changed what became of an action: shown where it was not, not shown where it was. */
export interface WhatIf {
  /** At most three, the nearest first, all with as many changes; each was decided again and turned the decision. */
  readonly found: readonly { readonly changes: readonly Change[] }[];
  /** How often it was decided again. */
  readonly reruns: number;
  /** Every other change of as many values or fewer that could matter was tried, or is known not to help. */
  readonly isExhaustive: boolean;
  /** Another runtime's scores were kept as they were; an action it had not scored counts with its starting propensity. */
  readonly areScoresFixed: boolean;
}

export interface Decision {
  readonly result:
    | { readonly kind: 'show'; readonly prompts: readonly Prompt[] }
    | {
        readonly kind: 'refrain';
        readonly reason: RefrainReason;
        /** P × V of the best action held back, in the currency of value; 0 where there was none. */
        readonly value: number;
        readonly bestActionId: string | null;
      };
  readonly rung: Rung;
  /** Per action of the revision, index into REASONS of where it ended. Valid until the decider's next decision, as is what follows. */
  readonly codes: Uint8Array;
  /** RFC 8785 canonical JSON of the record in UTF-8: what is hashed, stored and synced. */
  readonly recordBytes: Uint8Array;
  /** SHA-256 of the record's bytes, 64 lower-case hexadecimal digits. */
  readonly hash: string;
  /** The record's bytes as text. */
  readonly recordJson: string;
  /** Fingerprint of what was decided (result and reason per action), to recognise a repeat of the call's last decision. */
  readonly fingerprint: string;
  /** The earliest moment at which time alone could change the decision (gap, hold, snooze, thresholds on time); null = never. */
  readonly recheckAtMs: number | null;
}
