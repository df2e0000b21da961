/**
 * A policy revision as its author writes it: a folder of YAML or JSON files, one action a file. Each file below may end in
 * `.json` instead of `.yaml`.
 *
 *   revision.yaml                      Revision
 *   fields.yaml                        list of FieldDefinition
 *   purposes.yaml                      list of PurposeDefinition
 *   phrases.yaml                       map of topic → PhraseList; a topic said by the customer is in `call.topics`
 *   care.yaml                          list of CareRule
 *   contact.yaml                       list of ContactPolicy
 *   attention.yaml                     Attention
 *   constraints.yaml                   list of ConstraintDefinition (may be left out)
 *   exclusions.yaml                    list of ExclusionDefinition (may be left out)
 *   significance.yaml                  list of SignificanceRule (may be left out)
 *   actions/<issue>/issue.yaml         IssuePolicy, inherited by its groups
 *   actions/<issue>/<group>/group.yaml LevelPolicy, inherited by its actions
 *   actions/<issue>/<group>/<id>.yaml  ActionDefinition
 *
 * Conditions are CEL text (see docs/POLICY.md for the subset); all schemas are strict, because a
 * misspelt key in a policy must be refused, never ignored.
 */
import { z } from 'zod';
import { ChallengerRule, ControlRule, ExperimentRule, HoldoutDefinition } from './assignment-rules.ts';
import { AdaptiveRules } from './learning.ts';
import { Transparency } from './model.ts';
import { ModelCardLimits } from './model-card.ts';
import { Channel, OutcomeKind } from './profile.ts';
import { DECIDING_ROLES } from './roles.ts';
import { Signed } from './signature.ts';
import { AtMs, LanguageTag, Sha256, Slug } from './text.ts';

/** CEL text of a boolean expression. */
export const CelText = z.string().min(1).max(2_000);

/** A length of time: a whole number and a unit, `90s`, `15m`, `24h`, `7d`. */
export const DurationText = z.string().regex(/^[1-9][0-9]{0,5}(s|m|h|d)$/, 'must be a whole number and a unit: 90s, 15m, 24h or 7d');

export const FieldDefinition = z.strictObject({
  /** `profile.x`, `journey.x` or `model.x`; the fields of `call.` and `history.` are built in (built-in-fields.ts). */
  path: z.string().regex(/^(profile|journey|model)\.[a-z][A-Za-z0-9]{0,63}$/),
  type: z.enum(['boolean', 'number', 'enum', 'text', 'time', 'set']),
  /** For `enum` and `set`: every value there can be. */
  values: z.array(z.string().min(1).max(64)).min(1).max(256).optional(),
  /** What people call it, in the agent's language. */
  label: z.string().min(1).max(60),
  unit: z.string().max(16).optional(),
  /** Whom it describes. A field about the agent's state of mind is refused whatever its name. */
  subject: z.enum(['customer', 'household', 'account', 'call', 'agent']),
  kind: z.enum(['fact', 'behaviour', 'preference', 'protected', 'affect']),
  /** Who could change it during the call; counterfactuals move only these. */
  changeableBy: z.enum(['customer', 'agent', 'nobody']).default('nobody'),
  /** Older than this, counted from the slice's `asOfMs`, it is unknown. */
  maxAgeHours: z
    .number()
    .positive()
    .max(24 * 400)
    .optional(),
  /** What it may be used for, where that needs a basis: without one it is unknown, to conditions, sentences and models alike. */
  purpose: Slug.optional(),
});
export type FieldDefinition = z.infer<typeof FieldDefinition>;

export const PurposeDefinition = z.strictObject({
  id: Slug,
  name: z.string().min(1).max(60),
  /** consent: a grant must be known and fresh. contract: the caller must be a known customer. legal-obligation: always. legitimate-interest: known and not objected. */
  basis: z.enum(['consent', 'contract', 'legal-obligation', 'legitimate-interest']),
  /** A consent older than this without a word from central is unknown. */
  maxAgeHours: z
    .number()
    .positive()
    .max(24 * 400)
    .default(24),
});
export type PurposeDefinition = z.infer<typeof PurposeDefinition>;

export const PhraseList = z.strictObject({
  by: z.enum(['customer', 'agent', 'anyone']).default('customer'),
  phrases: z.array(z.string().min(2).max(80)).min(1).max(100),
});

/** While the condition is true or unknown, actions of `sales` kind are withheld. */
export const CareRule = z.strictObject({ id: Slug, name: z.string().min(1).max(80), when: CelText });

/** `limit` interactions of `counts` in `window` suppress what `per` names for `suppressFor`, from the last one counted. */
export const ContactPolicy = z.strictObject({
  id: Slug,
  name: z.string().min(1).max(80),
  /** What is counted together and suppressed together. */
  per: z.enum(['action', 'group', 'issue', 'all']),
  /** Only these issues; absent = all. */
  issues: z.array(Slug).min(1).optional(),
  counts: OutcomeKind,
  /** Through this channel only; absent = all channels. */
  channel: Channel.optional(),
  limit: z.int().min(1).max(1_000),
  window: DurationText,
  suppressFor: DurationText,
});
export type ContactPolicy = z.infer<typeof ContactPolicy>;

/** Something scarce: how often, or for how much money, actions may be accepted in a period over all agents together. */
export const ConstraintDefinition = z
  .strictObject({
    id: Slug,
    name: z.string().min(1).max(80),
    /** volume: acceptances are counted. budget: the amounts of their requests are added up. */
    kind: z.enum(['volume', 'budget']),
    /** What it covers: at least one of the three. */
    actions: z.array(Slug).min(1).optional(),
    groups: z.array(Slug).min(1).optional(),
    issues: z.array(Slug).min(1).optional(),
    /** Reached when this many, or this much in the revision's currency, is used. */
    limit: z.number().positive(),
    /** Days, weeks from Monday and months in UTC. */
    period: z.enum(['day', 'week', 'month', 'total']),
    /** What central said last is believed this long; afterwards the use is unknown, and unknown forbids. */
    maxAgeMinutes: z.number().positive().max(10_080).default(60),
  })
  .refine(({ actions, groups, issues }) => actions !== undefined || groups !== undefined || issues !== undefined, {
    message: 'a constraint covers nothing: name actions, groups or issues',
  });
export type ConstraintDefinition = z.infer<typeof ConstraintDefinition>;

/** Takes an action out for a while. Without an end it would be forgotten, so there is no way to write one. */
export const ExclusionDefinition = z.strictObject({
  action: Slug,
  /** In this channel only; absent = everywhere. */
  channel: Channel.optional(),
  reason: z.string().min(1).max(120),
  /** Exclusive. */
  until: z.iso.datetime({ offset: true }),
});
export type ExclusionDefinition = z.infer<typeof ExclusionDefinition>;

const attentionLevel = z.strictObject({
  /** Discretionary prompts a call. Must-say lines are exempt but counted. */
  capPerCall: z.int().min(0).max(20),
  /** Least time between two prompts. */
  gapS: z.number().min(0).max(600),
  /** Cost of one interruption, in the currency of value: P × V must exceed it. */
  interruptionCost: z.number().min(0),
});

export const Attention = z.strictObject({
  /** Quiet for this long counts as a pause in speech. */
  pauseMs: z.int().min(0).max(5_000),
  /** A prompt is held for a pause at most this long. */
  holdAtMostMs: z.int().min(0).max(30_000),
  levels: z.strictObject({ guided: attentionLevel, standard: attentionLevel, minimal: attentionLevel }),
});
export type Attention = z.infer<typeof Attention>;
export const EXPERIENCE_LEVELS = ['guided', 'standard', 'minimal'] as const;
export const ExperienceLevel = z.enum(EXPERIENCE_LEVELS);
export type ExperienceLevel = z.infer<typeof ExperienceLevel>;

const conditions = {
  /** May we? */
  eligibility: z.array(CelText).max(10).default([]),
  /** Is it relevant now? */
  applicability: z.array(CelText).max(10).default([]),
  /** Is it in the customer's interest? */
  suitability: z.array(CelText).max(10).default([]),
};

export const LevelPolicy = z.strictObject({
  name: z.string().min(1).max(60),
  /** Lever weight in percent points: L = 1 + (issue + group + action) / 100. */
  weight: z.number().min(-100).max(1_000).default(0),
  ...conditions,
});
export type LevelPolicy = z.infer<typeof LevelPolicy>;

export const IssuePolicy = LevelPolicy.extend({
  /** A model under this is not used for actions of the issue: they go by their starting propensity. */
  minTransparency: Transparency.default(1),
});
export type IssuePolicy = z.infer<typeof IssuePolicy>;

/**
 * A sentence with places: `{profile.billIncrease}`, `{said}` (the matched words), `{ago}` (since then).
 * A template whose value is unknown is not used.
 */
export const Template = z.string().min(1).max(200);

export const ReasonTemplate = z.strictObject({
  when: CelText,
  /** What the agent reads. */
  text: Template.max(80),
  /** What may be read out to the customer; absent = never spoken. */
  speak: Template.optional(),
});

export const Treatment = z.strictObject({
  id: Slug,
  channel: Channel,
  language: LanguageTag,
  /** Only where this is true; the first of its channel and language that fits is used. */
  when: CelText.optional(),
  /** Verb first, at most 8 words. */
  do: z.string().min(1).max(60),
  /** A line the agent can read aloud. */
  say: Template.max(120).optional(),
});

export const REJECT_REASONS = ['already-done', 'not-relevant', 'customer-said-no', 'wrong-facts', 'know-better'] as const;
export const RejectReason = z.enum(REJECT_REASONS);
export type RejectReason = z.infer<typeof RejectReason>;

const deciding = {
  /** Who decides. */
  role: z.enum(DECIDING_ROLES),
  /** How soon: the deadline. Passed, it goes up to the next level, or is overdue. */
  within: DurationText,
  /** By when it should be decided; absent = half of the time. */
  goal: DurationText.optional(),
};

/** Who decides a significant action, how soon, and who after them. */
export const ApprovalRoute = z.strictObject({
  ...deciding,
  /** Where nobody decided in time: up the chain, each with a time of its own. */
  escalate: z.array(z.strictObject(deciding)).min(1).max(5).optional(),
  /** From this amount on so many different people must agree; otherwise one. */
  quorum: z
    .array(z.strictObject({ from: z.number().min(0), people: z.int().min(2).max(5) }))
    .min(1)
    .max(4)
    .optional(),
  /** After this long nothing was approved, for good; absent = twice the time of all levels together. */
  expiresAfter: DurationText.optional(),
  /** The call's end withdraws it, or it is decided afterwards. */
  afterCall: z.enum(['withdraw', 'keep']).default('withdraw'),
});
export type ApprovalRoute = z.infer<typeof ApprovalRoute>;

/** Makes actions significant that the catalogue does not flag: all that is said of one must hold. What asks for nothing never is. */
export const SignificanceRule = z
  .strictObject({
    id: Slug,
    name: z.string().min(1).max(80),
    /** The request's amount is at least this. */
    amountFrom: z.number().positive().optional(),
    /** The request is of one of these kinds. */
    kinds: z.array(Slug).min(1).max(50).optional(),
    /** One of these fields of the customer (true or false each) is true, or not known. */
    anyOf: z
      .array(z.string().regex(/^profile\.[a-z][A-Za-z0-9]{0,63}$/))
      .min(1)
      .max(20)
      .optional(),
    route: ApprovalRoute,
  })
  .refine(({ amountFrom, kinds, anyOf }) => amountFrom !== undefined || kinds !== undefined || anyOf !== undefined, {
    message: 'a rule says when: amountFrom, kinds or anyOf',
  });
export type SignificanceRule = z.infer<typeof SignificanceRule>;

export const ActionDefinition = z.strictObject({
  id: Slug,
  name: z.string().min(1).max(60),
  /** Shown whatever its priority (constraints and exclusions apart). */
  mandatory: z.boolean().default(false),
  /** Does not count to contact limits. */
  transactional: z.boolean().default(false),
  /** Only where nothing else is left. */
  fallback: z.boolean().default(false),
  /** Something is sold: care before sale applies. */
  sales: z.boolean().default(false),
  /** Needs a second person. */
  significant: z.boolean().default(false),
  urgency: z.enum(['must', 'should', 'could']),
  purpose: Slug,
  /** Value V in the revision's currency. */
  value: z.number().min(0).max(1_000_000),
  /** Action part of the lever, in percent points. */
  weight: z.number().min(-100).max(1_000).default(0),
  /** Context weight in percent points where the condition is true: C = max(0, 1 + Σ / 100). */
  context: z
    .array(z.strictObject({ when: CelText, weight: z.number().min(-500).max(1_000) }))
    .max(10)
    .default([]),
  /** "Maybe later": since the last outcome of a kind the weight is added to C and fades evenly to nothing over the time given. */
  influence: z
    .array(z.strictObject({ after: OutcomeKind, weight: z.number().min(-500).max(1_000), over: DurationText }))
    .max(5)
    .default([]),
  startingPropensity: z.number().min(0).max(1),
  /** Weight of the starting propensity, in responses. */
  startingEvidence: z.number().min(0).max(100_000).default(50),
  /** Below these the action is not shown. */
  minPropensity: z.number().min(0).max(1).default(0),
  minPriority: z.number().min(0).default(0),
  validFrom: z.iso.date().optional(),
  validTo: z.iso.date().optional(),
  ...conditions,
  reasons: z.array(ReasonTemplate).min(1).max(8),
  treatments: z.array(Treatment).min(1).max(10),
  rejectReasons: z
    .array(RejectReason)
    .min(1)
    .max(5)
    .default([...REJECT_REASONS]),
  /** A prompt nobody answered disappears after this long. */
  expiresAfterS: z.int().min(5).max(3_600).default(60),
  /** Who decides a significant action and how soon: required for one, refused otherwise. */
  route: ApprovalRoute.optional(),
  /** What accepting asks the system of record to do; absent = nothing but the record. */
  request: z.strictObject({ kind: Slug, amount: z.number().min(0).optional() }).optional(),
});
export type ActionDefinition = z.infer<typeof ActionDefinition>;

export const Revision = z.strictObject({
  name: z.string().min(1).max(80),
  version: z.int().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
  language: LanguageTag,
  /** Cut off from central for longer than this, only must-say lines are shown. */
  usableOfflineHours: z
    .number()
    .positive()
    .max(24 * 30),
  /** Smoothing, chips and so on are the same for all actions. */
  maxChips: z.int().min(0).max(2).default(2),
  useModel: z.boolean().default(true),
  /** Absent = nothing is asked of a card. */
  modelCard: ModelCardLimits.optional(),
  /** Factors of the priority P × C × V × L that are switched off count as 1. Whether a prompt is worth its interruption still asks P × V. */
  factors: z
    .strictObject({
      propensity: z.boolean().default(true),
      context: z.boolean().default(true),
      value: z.boolean().default(true),
      lever: z.boolean().default(true),
    })
    .optional(),
  /**
   * Actions with few positive answers are tried on a share of calls only, growing evenly from `startShare` to all of them at
   * `fullAtPositives`. Sales actions alone are throttled. Absent = no throttle.
   */
  maturityThrottle: z
    .strictObject({ startShare: z.number().min(0).max(1).default(0.02), fullAtPositives: z.int().min(1).default(200) })
    .optional(),
  /** A sticky share of customers (or of callers nobody knows, by call) who get no prompt but must-say lines. Absent = none. */
  control: ControlRule.optional(),
  /**
   * Shares of customers, agents or sites decided for otherwise, to measure against: everybody else gets the policy. Sticky: the
   * same unit stays in its arm as long as the salt and the shares before its own stay.
   */
  experiment: ExperimentRule.optional(),
  /**
   * Another model, published under its own id, that scores every decision beside the one in use, and decides for this share of
   * customers, agents or sites; with 0 for none. Sticky by the salt. Absent = none.
   */
  challenger: ChallengerRule.optional(),
  /** Absent = none. */
  holdouts: z.array(HoldoutDefinition).min(1).max(20).optional(),
  /**
   * The card is drawn among the best `candidates` now and then, the less the further one is behind (inverse gap weighting:
   * 1 / (candidates + gamma · gap), the best the rest), and every record holds the probability of what came of it. With 1
   * candidate nothing is tried and the probability is recorded all the same. Absent = neither.
   */
  exploration: z
    .strictObject({ candidates: z.int().min(1).max(8).default(4), gamma: z.number().min(0).max(100_000).default(40) })
    .optional(),
  /** Propensities follow what is answered. Absent = nothing is learnt. */
  adaptive: AdaptiveRules.optional(),
});
export type Revision = z.infer<typeof Revision>;

/** One file of a revision as text; paths use `/` and are relative to the revision's folder. */
export const PolicyFile = z.strictObject({ path: z.string().min(1).max(200), text: z.string().max(256 * 1024) });
export type PolicyFile = z.infer<typeof PolicyFile>;

/** A revision on the wire. `hash` is the SHA-256 of the canonical JSON of the files sorted by path. */
export const RevisionBundle = z.strictObject({
  hash: Sha256,
  version: z.int().min(1),
  publishedAtMs: AtMs,
  files: z.array(PolicyFile).max(5_000),
  /** A desk takes none without; left out of what is not on its way to one. */
  signed: Signed.optional(),
});
export type RevisionBundle = z.infer<typeof RevisionBundle>;

/** What is wrong with a revision, where. All faults are reported, not only the first. */
export interface PolicyFault {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}
