/**
 * Overrides and rejected prompts at review: what the agent saw at that second, whether they were right, what many of one kind are made of,
 * and the figures that come of it. Nobody's name is in it but in coaching, and every look of that kind is written down.
 */
import { z } from 'zod';
import { Estimate } from './estimate.ts';
import { RejectReason } from './policy.ts';
import { AtMs, FreeText, Id, LEAST_REASON, LEAST_SENTENCE } from './text.ts';

/** GET OverrideQueue. */
export const OVERRIDES_PATH = '/api/overrides';
/** GET OverrideSample; `/:outcomeId` GET OverrideCase; `/:outcomeId/verdict` POST an OverrideVerdict, answered with the OverrideCase. */
export const OVERRIDE_CASES_PATH = '/api/overrides/cases';
/** GET OverrideItems; `/:itemId` POST an ItemChange, answered with the OverrideItem. */
export const OVERRIDE_ITEMS_PATH = '/api/overrides/items';
/** GET OverrideFigures. */
export const FIGURES_PATH = '/api/overrides/figures';
/** POST CoachingLook, answered with OverrideFigures of one agent; GET CoachingLooks: who looked, and why. */
export const COACHING_PATH = '/api/overrides/coaching';
/** GET OverrideNotices of whoever asks; `/:itemId/seen` POST {}. */
export const NOTICES_PATH = '/api/overrides/notices';

export const OverrideKind = z.enum(['overridden', 'rejected']);
export type OverrideKind = z.infer<typeof OverrideKind>;

/** What a reviewer finds. */
export const OVERRIDE_VERDICTS = ['agent-right', 'system-right', 'unclear'] as const;
export type OverrideFinding = (typeof OVERRIDE_VERDICTS)[number];
export const OverrideVerdict = z.strictObject({ verdict: z.enum(OVERRIDE_VERDICTS), note: FreeText.min(1).max(500).optional() });
export type OverrideVerdict = z.infer<typeof OverrideVerdict>;

/** Where the fault lies that so many stumbled over. */
export const FAULTS = ['policy', 'data', 'training'] as const;
export const ITEM_STATES = ['open', 'working', 'changed', 'left'] as const;

/** Why something was not done. */
export const OVERRIDE_REFUSALS = [
  'not-found',
  'own-case',
  'not-your-role',
  'judged-already',
  'two-judged-it',
  'over',
  'cannot-own',
  'no-owner',
] as const;
export type OverrideRefusal = (typeof OVERRIDE_REFUSALS)[number];

/** What is asked of the queue, the figures and the sample: the last so many days. */
export const OverrideWindow = z.strictObject({ days: z.coerce.number().int().min(1).max(400).default(30) });

/** Cases of one action, kind and reason. */
export const OverrideGroup = z.object({
  actionId: z.string(),
  actionName: z.string(),
  kind: OverrideKind,
  reason: RejectReason.nullable(),
  cases: z.int().min(1),
  /** Cases that somebody judged. */
  judged: z.int().min(0),
  /** Of those that whoever asks has judged, or two others have: who was right; `unclear` where the two differ. */
  agentRight: z.int().min(0),
  systemRight: z.int().min(0),
  unclear: z.int().min(0),
  itemId: Id.nullable(),
});

/** How far two who judged the same case agree. */
export const Agreement = z.object({
  /** Cases that two have judged. */
  cases: z.int().min(0),
  /** Share of them of which both say the same. */
  agreement: Estimate,
  /** Krippendorff's alpha: 1 = always, 0 = as chance would. */
  alpha: Estimate,
});
export type Agreement = z.infer<typeof Agreement>;

/** The largest first. */
export const OverrideQueue = z.object({ nowMs: AtMs, sinceMs: AtMs, groups: z.array(OverrideGroup), agreement: Agreement });
export type OverrideQueue = z.infer<typeof OverrideQueue>;

const Text = z.string().max(200);
/**
 * Which cases: all of one group, or a sample over all of them, in which every action, kind and reason has its part. The same seed and the
 * same cases give the same sample.
 */
export const CasesQuery = OverrideWindow.extend({
  actionId: Text.optional(),
  kind: OverrideKind.optional(),
  reason: RejectReason.optional(),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).default(1),
  size: z.coerce.number().int().min(1).max(500).default(40),
  /** Without those that whoever asks has judged, or two others have. */
  todo: z.enum(['true', 'false']).default('false'),
});

export const CaseItem = z.object({
  outcomeId: Id,
  atMs: AtMs,
  actionId: z.string(),
  actionName: z.string(),
  kind: OverrideKind,
  reason: RejectReason.nullable(),
  /** How many cases this one stands for. */
  weight: z.number().min(1),
  verdicts: z.int().min(0).max(2),
  /** Of whoever asks. */
  mine: z.enum(OVERRIDE_VERDICTS).nullable(),
});
export const OverrideSample = z.object({ nowMs: AtMs, seed: z.int(), of: z.int().min(0), cases: z.array(CaseItem) });
export type OverrideSample = z.infer<typeof OverrideSample>;

const Prompt = z.object({
  actionId: z.string(),
  name: z.string(),
  do: z.string(),
  say: z.string().nullable(),
  because: z.array(z.string()),
});

export const OverrideCase = CaseItem.omit({ weight: true, verdicts: true }).extend({
  urgency: z.enum(['must', 'should', 'could']).nullable(),
  chosenActionId: z.string().nullable(),
  chosenActionName: z.string().nullable(),
  note: z.string().nullable(),
  seenAtMs: AtMs.nullable(),
  /** SHA-256 of the record the picture is told from; null: central does not have it. */
  recordHash: z.string().nullable(),
  /** Null: the record is gone, or cannot be told any more. */
  picture: z
    .object({
      decidedAtMs: AtMs,
      revision: z.string(),
      /** Decided again, the record came out the same to the last byte. */
      reproduced: z.boolean(),
      /** What was on the screen, the large one first. */
      shown: z.array(Prompt),
      facts: z.array(z.object({ label: z.string(), value: z.string() })),
      /** Where the action that was chosen instead had ended. */
      chosenEnded: z.string().nullable(),
    })
    .nullable(),
  /** Empty before one's own. */
  verdicts: z.array(z.object({ verdict: z.enum(OVERRIDE_VERDICTS), note: z.string().nullable(), atMs: AtMs, isMine: z.boolean() })),
  itemId: Id.nullable(),
});
export type OverrideCase = z.infer<typeof OverrideCase>;

export const OverrideItem = z.object({
  itemId: Id,
  actionId: z.string(),
  actionName: z.string(),
  kind: OverrideKind,
  reason: RejectReason.nullable(),
  fault: z.enum(FAULTS),
  state: z.enum(ITEM_STATES),
  ownerId: Id.nullable(),
  ownerName: z.string().nullable(),
  cases: z.int().min(0),
  agents: z.int().min(0),
  words: z.string().nullable(),
  openedAtMs: AtMs,
  endedAtMs: AtMs.nullable(),
});
export type OverrideItem = z.infer<typeof OverrideItem>;
/** Those that are open first. */
export const OverrideItems = z.object({
  items: z.array(OverrideItem),
  /** Who may own one. */
  owners: z.array(z.object({ personId: Id, name: z.string() })).default([]),
});
export type OverrideItems = z.infer<typeof OverrideItems>;

/** `changed`: something was; `left`: it is right as it is. Both end it, and say why to whoever raised it. */
export const ItemChange = z
  .strictObject({
    ownerId: Id.optional(),
    fault: z.enum(FAULTS).optional(),
    state: z.enum(['working', 'changed', 'left']).optional(),
    words: FreeText.min(LEAST_SENTENCE).max(1_000).optional(),
  })
  .refine(({ state, words }) => (state === 'changed' || state === 'left') === (words !== undefined), {
    message: 'words go with changed and left: they are what the agents are told',
  });
export type ItemChange = z.infer<typeof ItemChange>;

export const FIGURES_BY = ['action', 'issue', 'team'] as const;
export const FiguresQuery = OverrideWindow.extend({ by: z.enum(FIGURES_BY).default('action') });

export const OverrideFigure = z.object({
  key: z.string(),
  name: z.string(),
  /** Prompts that were seen. */
  seen: z.int().min(0),
  acceptance: Estimate,
  override: Estimate,
  rejection: Estimate,
  /** Of the cases that were judged and are clear: the agent was right. */
  appropriate: Estimate,
  /** Accepted, and the system of record said that it was not done. */
  notActed: Estimate,
  /** Median seconds. */
  seenToAcceptS: Estimate,
});
export type OverrideFigure = z.infer<typeof OverrideFigure>;
export const OverrideFigures = z.object({ sinceMs: AtMs, by: z.enum([...FIGURES_BY, 'agent']), rows: z.array(OverrideFigure) });
export type OverrideFigures = z.infer<typeof OverrideFigures>;

export const CoachingLook = z.strictObject({
  agentId: Id,
  reason: FreeText.min(LEAST_REASON).max(500),
  days: z.int().min(1).max(400).default(30),
});
export const CoachingLooks = z.object({
  looks: z.array(z.object({ by: z.string(), agentId: Id, reason: z.string(), sinceMs: AtMs, atMs: AtMs })),
  /** At whose figures whoever asks may look. */
  agents: z.array(z.object({ agentId: Id, name: z.string() })).default([]),
});
export type CoachingLooks = z.infer<typeof CoachingLooks>;

export const OverrideNotices = z.object({
  notices: z.array(
    z.object({
      itemId: Id,
      actionName: z.string(),
      reason: RejectReason.nullable(),
      state: z.enum(['changed', 'left']),
      words: z.string(),
      /** How often whoever asks had raised it. */
      raised: z.int().min(0),
      atMs: AtMs,
      seenAtMs: AtMs.nullable(),
    }),
  ),
});
export type OverrideNotices = z.infer<typeof OverrideNotices>;
