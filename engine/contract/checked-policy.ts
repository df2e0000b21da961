/** A revision after every check: what the policy layer hands to the core. Nothing in it can be wrong any more. */
import type { ExperimentArm, ExperimentUnit } from './experiments.ts';
import type { Condition, StatedCondition } from './condition.ts';
import type { Attention, ExperienceLevel, FieldDefinition, PurposeDefinition, RejectReason } from './policy.ts';
import type { Channel, OutcomeKind } from './profile.ts';
import type { Speaker } from './call-events.ts';

/** A field with its full path, declared or built in. */
export type CheckedField = Omit<FieldDefinition, 'path'> & { readonly path: string };

export interface CheckedReason {
  readonly when: Condition;
  readonly text: string;
  readonly speak?: string;
}

export interface CheckedTreatment {
  readonly id: string;
  readonly channel: Channel;
  readonly language: string;
  /** Only where it is true; absent = always. */
  readonly when?: Condition;
  readonly do: string;
  readonly say?: string;
}

/** Conditions are the action's own after those of its group after those of its issue, split into conjuncts. */
export interface CheckedAction {
  readonly id: string;
  readonly name: string;
  readonly issue: string;
  readonly group: string;
  readonly mandatory: boolean;
  readonly transactional: boolean;
  readonly fallback: boolean;
  readonly sales: boolean;
  readonly significant: boolean;
  readonly urgency: 'must' | 'should' | 'could';
  /** Index into `purposes`. */
  readonly purpose: number;
  readonly value: number;
  /** L, already summed over issue, group and action: max(0, 1 + Σ / 100). */
  readonly lever: number;
  readonly context: readonly { readonly when: Condition; readonly weight: number }[];
  readonly influence: readonly { readonly after: OutcomeKind; readonly weight: number; readonly overMs: number }[];
  readonly startingPropensity: number;
  readonly startingEvidence: number;
  readonly minPropensity: number;
  readonly minPriority: number;
  /** The least transparency of a model that may be used, from the action's issue; absent = any. */
  readonly minTransparency?: number;
  readonly validFromMs?: number;
  /** Exclusive. */
  readonly validToMs?: number;
  readonly eligibility: readonly StatedCondition[];
  readonly applicability: readonly StatedCondition[];
  readonly suitability: readonly StatedCondition[];
  readonly reasons: readonly CheckedReason[];
  readonly treatments: readonly CheckedTreatment[];
  readonly rejectReasons: readonly RejectReason[];
  readonly expiresAfterMs: number;
  readonly route?: { readonly role: string; readonly withinMs: number };
  readonly request?: { readonly kind: string; readonly amount?: number };
  readonly file: string;
}

export interface CheckedContactPolicy {
  readonly id: string;
  readonly name: string;
  readonly per: 'action' | 'group' | 'issue' | 'all';
  readonly issues?: readonly string[];
  readonly counts: OutcomeKind;
  readonly channel?: Channel;
  readonly limit: number;
  readonly windowMs: number;
  readonly suppressForMs: number;
}

export interface CheckedConstraint {
  readonly id: string;
  readonly name: string;
  readonly kind: 'volume' | 'budget';
  readonly limit: number;
  readonly period: 'day' | 'week' | 'month' | 'total';
  readonly maxAgeMs: number;
  /** Indices into the revision's actions, ascending. */
  readonly covers: readonly number[];
}

export interface CheckedExclusion {
  /** Index into the revision's actions. */
  readonly action: number;
  readonly channel?: Channel;
  readonly reason: string;
  /** Exclusive. */
  readonly untilMs: number;
}

export interface CheckedRevision {
  readonly hash: string;
  readonly name: string;
  readonly version: number;
  readonly currency: string;
  readonly language: string;
  readonly usableOfflineMs: number;
  readonly maxChips: number;
  readonly useModel: boolean;
  /** Factors of the priority that are switched on; absent = all. */
  readonly factors?: { readonly propensity: boolean; readonly context: boolean; readonly value: boolean; readonly lever: boolean };
  readonly maturityThrottle?: { readonly startShare: number; readonly fullAtPositives: number };
  readonly control?: { readonly share: number; readonly salt: string };
  readonly experiment?: {
    readonly salt: string;
    readonly unit: ExperimentUnit;
    readonly arms: readonly { readonly arm: ExperimentArm; readonly share: number }[];
  };
  readonly exploration?: { readonly candidates: number; readonly gamma: number };
  /** Sorted by path; built-in fields included. */
  readonly fields: readonly CheckedField[];
  readonly purposes: readonly PurposeDefinition[];
  readonly topics: readonly { readonly topic: string; readonly by: Speaker | 'anyone'; readonly phrases: readonly string[] }[];
  readonly care: readonly (StatedCondition & { readonly id: string; readonly name: string })[];
  readonly contact: readonly CheckedContactPolicy[];
  readonly constraints: readonly CheckedConstraint[];
  readonly exclusions: readonly CheckedExclusion[];
  readonly attention: Readonly<Pick<Attention, 'pauseMs' | 'holdAtMostMs'>> & {
    readonly levels: Readonly<Record<ExperienceLevel, Readonly<Attention['levels']['guided']>>>;
  };
  /** Sorted by issue, group, id: the index is the action's number everywhere and the last tie-break. */
  readonly actions: readonly CheckedAction[];
}
