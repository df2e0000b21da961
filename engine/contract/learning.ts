/** What central has learnt from answers, signed and on its way to desks, and what a desk added to it. */
import { z } from 'zod';
import { AdaptiveState } from './model.ts';
import { Signed } from './signature.ts';
import { AtMs, Id, Sha256, Slug } from './text.ts';

/** The agent's answer to a prompt, or what the customer did about it. */
export const REWARD_KINDS = ['agent', 'customer'] as const;
export const RewardKind = z.enum(REWARD_KINDS);
export type RewardKind = z.infer<typeof RewardKind>;

/**
 * What a policy says of it: central learns from all desks' outcomes, each desk from its own since. `equalAt`: so many answers to an action count as
 * much as the trained model does.
 */
export const AdaptiveRules = z.strictObject({
  reward: RewardKind.default('agent'),
  /** How long after the agent took an action up what the customer does counts for it. */
  windowHours: z
    .number()
    .positive()
    .max(24 * 90)
    .default(72),
  equalAt: z.number().positive().max(1_000_000).default(50),
  /** Fields of type enum or boolean that may say more than the action alone; they count as far as they foretold better. */
  features: z.array(z.string()).max(8).default([]),
  /** Whether significant actions follow answers too. Mandatory ones never do. */
  significant: z.boolean().default(false),
});
export type AdaptiveRules = z.infer<typeof AdaptiveRules>;

/** Columns that name what was put to somebody, broadest first. */
export const LEARNT_ACTION = ['channel', 'group', 'action'] as const;

/** A base: what was learnt of one kind of reward, up to which outcomes. Its state holds no id and no value that points to one person. */
export const LearntManifest = z.strictObject({
  id: Slug,
  kind: z.literal('adaptive'),
  /** One more with every base of this kind of reward. */
  version: z.int().min(1),
  reward: RewardKind,
  /** SHA-256 of the state's canonical JSON. */
  state: Sha256,
  /** All outcomes up to this place of central's log, and what time alone settled until then. */
  covers: z.strictObject({
    tx: z.string().regex(/^\d{1,20}$/),
    pos: z.int().min(0),
    asOfMs: AtMs,
  }),
  /** Catalogue fields that are looked at besides the action. */
  features: z.array(z.string()).max(8),
  /** What is known of each action: responses and the positive ones among them, for smoothing and throttle. */
  actions: z.array(z.strictObject({ id: Slug, evidence: z.int().min(1), positives: z.int().min(0) })),
});
export type LearntManifest = z.infer<typeof LearntManifest>;

/** A base on the wire. `hash` is the SHA-256 of the manifest's canonical JSON, and the manifest names the state's own. */
export const LearntBundle = z.strictObject({
  hash: Sha256,
  manifest: LearntManifest,
  /** Null where only the manifest is still there: enough to decide a record again, not to score. */
  state: AdaptiveState.nullable(),
  signed: Signed.optional(),
});
export type LearntBundle = z.infer<typeof LearntBundle>;

/** Central → desk: which base is the last one, and the last answer of this agent at this desk that it covers, as are all before it; null = none. */
export const LearntReport = z.object({ base: Sha256, countedTo: Id.nullable() });
export type LearntReport = z.infer<typeof LearntReport>;

/**
 * What a desk's own answers added to the base, as a record holds it: an address over base and answers, and per action (its number in
 * the revision) how many answers and how many positive ones.
 */
export const OwnLearning = z.strictObject({
  address: Sha256,
  own: z.array(z.tuple([z.int().min(0), z.int().min(1), z.int().min(0)])),
});
export type OwnLearning = z.infer<typeof OwnLearning>;

/** The socket.io event that carries a LearntReport; a desk from before it leaves it unread. */
export const LEARNT_EVENT = 'learnt';

/** HTTP GET at central, `<path>/<hash>`: a LearntBundle. Without a hash: what is learnt now, as a LearntOverview. */
export const LEARNT_PATH = '/api/learnt';

/** For people: the last base of each kind of reward. */
export const LearntOverview = z.strictObject({
  bases: z.array(
    z.strictObject({
      hash: Sha256,
      reward: RewardKind,
      version: z.int(),
      atMs: AtMs,
      responses: z.int(),
      positives: z.int(),
      covers: LearntManifest.shape.covers,
      /** Highest evidence first. */
      actions: z.array(z.strictObject({ id: Slug, evidence: z.int(), positives: z.int(), propensity: z.number() })),
    }),
  ),
});
export type LearntOverview = z.infer<typeof LearntOverview>;
