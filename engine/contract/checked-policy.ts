/** A revision after every check: what the policy layer hands to the core. Nothing in it can be wrong any more. */
import type { AssignedAnew, ExperimentArm, ExperimentUnit } from './experiments.ts';
import type { Condition, StatedCondition } from './condition.ts';
import type { RewardKind } from './learning.ts';
import type { ModelCardLimits } from './model-card.ts';
import type { Attention, ExperienceLevel, FieldDefinition, PurposeDefinition, RejectReason } from './policy.ts';
import type { Channel, OutcomeKind } from './profile.ts';
import type { Speaker } from './call-events.ts';
import type { DecidingRole } from './roles.ts';

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

export interface CheckedRoute {
  /** At least one: who decides first, and who after them. */
  readonly levels: readonly { readonly role: DecidingRole; readonly goalMs: number; readonly withinMs: number }[];
  /** Sorted by `from`. */
  readonly quorum: readonly { readonly from: number; readonly people: number }[];
  readonly expiresAfterMs: number;
  readonly endsWithCall: boolean;
}

/** A rule that depends on the customer; those that do not are in the actions already. */
export interface CheckedSignificance {
  readonly id: string;
  readonly name: string;
  /** Paths of fields: one of them is true or not known. */
  readonly anyOf: readonly string[];
  readonly route: CheckedRoute;
  /** Indices into the revision's actions, ascending. */
  readonly covers: readonly number[];
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
  readonly route?: CheckedRoute;
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

/** Actions kept from a share of customers for a time, so that their worth can be measured. */
export interface CheckedHoldout {
  readonly id: string;
  readonly name: string;
  /** Ids, in the revision's order; none is mandatory. */
  readonly actions: readonly string[];
  readonly share: number;
  readonly salt: string;
  readonly anew?: AssignedAnew | undefined;
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
}

/** How propensities follow what is answered. */
export interface CheckedAdaptive {
  readonly reward: RewardKind;
  readonly windowMs: number;
  /** So many answers to an action count as much as the trained model. */
  readonly equalAt: number;
  /** Paths in the catalogue. */
  readonly features: readonly string[];
  readonly significant: boolean;
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
  /** What the card of a model must show; absent = nothing is asked. */
  readonly modelCard?: ModelCardLimits;
  /** Factors of the priority that are switched on; absent = all. */
  readonly factors?: { readonly propensity: boolean; readonly context: boolean; readonly value: boolean; readonly lever: boolean };
  readonly maturityThrottle?: { readonly startShare: number; readonly fullAtPositives: number };
  readonly control?: { readonly share: number; readonly salt: string; readonly anew?: AssignedAnew | undefined };
  readonly experiment?: {
    readonly salt: string;
    readonly unit: ExperimentUnit;
    readonly anew?: AssignedAnew | undefined;
    readonly arms: readonly { readonly arm: ExperimentArm; readonly share: number }[];
  };
  readonly challenger?: {
    /** The id it is published under. */
    readonly model: string;
    readonly share: number;
    readonly salt: string;
    readonly unit: ExperimentUnit;
    readonly anew?: AssignedAnew | undefined;
  };
  /** Absent = none. */
  readonly holdouts?: readonly CheckedHoldout[];
  readonly exploration?: { readonly candidates: number; readonly gamma: number };
  readonly adaptive?: CheckedAdaptive;
  /** Sorted by path; built-in fields included. */
  readonly fields: readonly CheckedField[];
  readonly purposes: readonly PurposeDefinition[];
  readonly topics: readonly { readonly topic: string; readonly by: Speaker | 'anyone'; readonly phrases: readonly string[] }[];
  readonly care: readonly (StatedCondition & { readonly id: string; readonly name: string })[];
  readonly contact: readonly CheckedContactPolicy[];
  readonly constraints: readonly CheckedConstraint[];
  readonly exclusions: readonly CheckedExclusion[];
  /** Absent = none. */
  readonly significance?: readonly CheckedSignificance[];
  readonly attention: Readonly<Pick<Attention, 'pauseMs' | 'holdAtMostMs'>> & {
    readonly levels: Readonly<Record<ExperienceLevel, Readonly<Attention['levels']['guided']>>>;
  };
  /** Sorted by issue, group, id: the index is the action's number everywhere and the last tie-break. */
  readonly actions: readonly CheckedAction[];
}
