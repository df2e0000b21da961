/**
 * What somebody who asks for the data held about them is given: what is known of them, and every decision about them with its reasons.
 * As JSON from central, and as text that can be read without us.
 */
import type { ContestState } from './contest.ts';
import type { Verdict } from './decision.ts';
import type { DecisionRecord } from './decision-record.ts';
import type { Outcome } from './outcome.ts';
import type { ProfileFields } from './profile.ts';
import type { Rung } from './reason-codes.ts';

/** Null is unknown. */
export type ToldValue = string | number | boolean | readonly string[] | null;

/** One action that was considered, and where it ended. */
export interface ToldAction {
  readonly actionId: string;
  readonly name: string;
  readonly issue: string;
  readonly group: string;
  readonly stage: Verdict['stage'];
  readonly code: Verdict['code'];
  /** The rule, purpose or contact policy that stopped it; null where none did or it cannot be told any more. */
  readonly rule: string | null;
  /** What that rule asked for, and what was found. */
  readonly values: NonNullable<Verdict['condition']>['operands'];
  /** How it was ranked, where it came that far: probability of acceptance, context weight, value, lever, and their product. */
  readonly ranked: Verdict['factors'];
}

export interface ToldDecision {
  readonly id: string;
  readonly atMs: number;
  readonly callId: string;
  readonly agentId: string;
  readonly rung: Rung;
  readonly policy: { readonly hash: string; readonly name: string; readonly version: number } | null;
  readonly models: readonly string[];
  /** Taken again from its record, it came out the same to the last byte: then what is told here is what was decided. */
  readonly reproduced: boolean;
  readonly shown: readonly {
    readonly actionId: string;
    readonly name: string;
    readonly role: 'primary' | 'chip';
    readonly words: { readonly do: string; readonly say: string | null };
    readonly because: readonly string[];
  }[];
  /** Why nothing was shown; null where something was. */
  readonly refrained: Extract<DecisionRecord['result'], { kind: 'refrain' }>['reason'] | null;
  /** What was known of the customer and the call, as the rules read it. */
  readonly used: readonly { readonly label: string; readonly value: ToldValue }[];
  readonly considered: readonly ToldAction[];
  /** What became of it, in the agent's and the customer's hands. */
  readonly outcomes: readonly Pick<Outcome, 'id' | 'kind' | 'actionId' | 'atMs' | 'reason' | 'note' | 'chosenActionId'>[];
  /** How often the same was decided again on this call. */
  readonly repeated: number;
}

/** A decision that they contested: the three things the law gives them, and what came of each. */
export interface ToldContest {
  readonly contestId: string;
  readonly decisionId: string;
  /** That a person looked at it: who, when, and that they had no part in the decision. Null: nobody has. */
  readonly humanIntervention: { readonly by: string; readonly atMs: number; readonly tookPart: false } | null;
  readonly pointOfView: { readonly words: string | null; readonly atMs: number };
  readonly contest: {
    readonly state: ContestState;
    readonly finding: 'stands' | 'set-aside' | null;
    readonly reasons: string | null;
    readonly remedy: string | null;
    readonly deadlineAtMs: number;
    readonly expiresAtMs: number;
    readonly endedAtMs: number | null;
  };
}

export interface SubjectAccess {
  readonly v: 1;
  readonly customerId: string;
  readonly madeAtMs: number;
  readonly profile: { readonly displayName: string; readonly language: string; readonly fields: ProfileFields } | null;
  readonly consents: readonly { readonly purpose: string; readonly granted: boolean; readonly atMs: number }[];
  readonly contacts: readonly {
    readonly kind: string;
    readonly channel: string;
    readonly atMs: number;
    readonly actionId: string | null;
  }[];
  readonly calls: readonly {
    readonly callId: string;
    readonly agentId: string;
    readonly offeredAtMs: number;
    readonly endedAtMs: number | null;
    readonly said: readonly { readonly by: string; readonly text: string; readonly atMs: number }[];
    /** What a supervisor wrote to the agent meanwhile. */
    readonly coached: readonly { readonly by: string; readonly text: string; readonly atMs: number }[];
  }[];
  readonly requests: readonly {
    readonly actionId: string;
    readonly state: string;
    readonly amount: number | null;
    readonly detail: string | null;
  }[];
  readonly holds: readonly { readonly untilMs: number; readonly atMs: number }[];
  readonly decisions: readonly ToldDecision[];
  readonly contests: readonly ToldContest[];
}
