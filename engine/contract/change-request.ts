/** Changes of policy and models on their way to the desks: proposed, reviewed and published by three different people, over HTTP. */
import { z } from 'zod';
import { DecisionRequest } from './decision-request.ts';
import { ServedBundle } from './served-bundle.ts';
import { PolicyFile } from './policy.ts';
import { AtMs, FreeText, Id, Sha256, Slug } from './text.ts';

/** POST a Proposal; GET all of them; GET `/:requestId` one, with its effect. */
export const CHANGES_PATH = '/api/changes';
export const ROLLBACK_PATH = '/api/changes/rollback';
/** GET ChangeStatus. */
export const STATUS_PATH = '/api/changes/status';
/** POST an Exclusion; POST `/:exclusionId/lift` and `/:exclusionId/review`. */
export const EXCLUSIONS_PATH = '/api/exclusions';

const Words = FreeText.min(3).max(2_000);

/** A situation with what is wanted of it: tried with the proposed revision before anybody reviews it. */
export const Persona = z.strictObject({
  name: z.string().min(1).max(120),
  request: DecisionRequest,
  expect: z
    .strictObject({
      /** Each of these is shown, as card or chip. */
      shows: z.array(Slug).max(10).optional(),
      /** None of these is. */
      hides: z.array(Slug).max(200).optional(),
      /** Nothing is shown. */
      refrains: z.literal(true).optional(),
    })
    .refine(({ shows, hides, refrains }) => shows !== undefined || hides !== undefined || refrains !== undefined, {
      message: 'a persona wants something: shows, hides or refrains',
    }),
});
export type Persona = z.infer<typeof Persona>;

export const PersonaResult = z.object({ name: z.string(), ok: z.boolean(), shown: z.array(Slug), wrong: z.array(z.string()) });
export type PersonaResult = z.infer<typeof PersonaResult>;

export const Proposal = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('revision'),
    files: z.array(PolicyFile).min(1).max(6_000),
    title: FreeText.min(3).max(120),
    reason: Words,
    personas: z.array(Persona).max(200).default([]),
  }),
  /** With the signatures of those who approve models. */
  z.strictObject({ kind: z.literal('model'), bundle: ServedBundle, title: FreeText.min(3).max(120), reason: Words }),
]);
export type Proposal = z.input<typeof Proposal>;

export const Review = z.strictObject({ verdict: z.enum(['approved', 'declined']), reason: Words });
/** To the one before the current where no hash is given. */
export const Rollback = z.strictObject({ to: Sha256.optional(), reason: Words });
export const Exclusion = z.strictObject({ actionId: Slug, reason: Words, untilMs: AtMs });
export const ExclusionReview = z.strictObject({ verdict: z.enum(['right', 'wrong', 'unclear']), reason: Words });

/** Who may review and publish it: the council owns policy, the huddle tactics. */
export const TIERS = ['council', 'huddle'] as const;
export type Tier = (typeof TIERS)[number];

export const ChangeState = z.enum(['proposed', 'approved', 'declined', 'published']);

export const ChangeView = z.object({
  requestId: Id,
  kind: z.enum(['revision', 'model']),
  name: z.string(),
  hash: Sha256,
  version: z.int(),
  baseHash: Sha256.nullable(),
  tier: z.enum(TIERS),
  title: z.string(),
  reason: z.string(),
  state: ChangeState,
  author: Id,
  proposedAtMs: AtMs,
  reviews: z.array(z.object({ reviewer: Id, verdict: z.enum(['approved', 'declined']), reason: z.string(), atMs: AtMs })),
  publisher: Id.nullable(),
  personas: z.array(PersonaResult),
  /** In a line each, for people: what it would have done to decisions that were taken. */
  effect: z.array(z.string()),
});
export type ChangeView = z.infer<typeof ChangeView>;

export const ExclusionView = z.object({
  exclusionId: Id,
  actionId: z.string(),
  reason: z.string(),
  excludedBy: Id,
  fromMs: AtMs,
  untilMs: AtMs,
  isInForce: z.boolean(),
  reviewDueMs: AtMs,
  reviewedBy: Id.nullable(),
  verdict: z.enum(['right', 'wrong', 'unclear']).nullable(),
});
export type ExclusionView = z.infer<typeof ExclusionView>;

export const ChangeStatus = z.object({
  current: z.object({ hash: Sha256, version: z.int(), name: z.string(), usableOfflineHours: z.number() }).nullable(),
  models: z.array(z.object({ hash: Sha256, id: z.string(), version: z.int(), signatures: z.int() })),
  published: z.array(
    z.object({
      hash: Sha256,
      version: z.int(),
      atMs: AtMs,
      origin: z.enum(['loaded', 'reviewed', 'rollback']),
      publisher: Id.nullable(),
    }),
  ),
  /** Not yet published nor declined. */
  open: z.array(ChangeView),
  exclusions: z.array(ExclusionView),
});
export type ChangeStatus = z.infer<typeof ChangeStatus>;
