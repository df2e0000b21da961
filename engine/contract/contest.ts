/**
 * A decision that its customer contests (GDPR Art. 22(3)): their words, a person who neither decided nor approved, an answer in time, and a
 * letter with the reasons that applied.
 *
 *   received ─► assigned ─► answered
 *       └──► escalated ──┘
 *   from each of the open ones: expired (nobody answered: nothing was confirmed), withdrawn (by the customer, or erased)
 *
 * An answer changes nothing by itself: what is set aside has a remedy in words, for whom it is to carry it out.
 */
import { z } from 'zod';
import { DECIDING_ROLES } from './roles.ts';
import { AtMs, FreeText, Id, LEAST_SENTENCE, Sha256 } from './text.ts';

/** GET ContestQueue; POST a NewContest, answered with a ContestReceipt; `/:contestId` GET ContestView; POST `/:contestId/<word>` the schemas below. */
export const CONTESTS_PATH = '/api/contests';
/** GET ContestableDecisions about the customer of a ContestableQuery. */
export const CONTESTABLE_PATH = '/api/contests/decisions';

export const OPEN_CONTESTS = ['received', 'assigned', 'escalated'] as const;
export const ContestState = z.enum([...OPEN_CONTESTS, 'answered', 'expired', 'withdrawn']);
export type ContestState = z.infer<typeof ContestState>;

/** Why something was not done. */
export const CONTEST_REFUSALS = [
  'not-found',
  'no-such-decision',
  'contested-already',
  'over',
  'expired',
  'took-part',
  'not-your-role',
  'nobody-to-assign',
  'not-over-yet',
] as const;
export type ContestRefusal = (typeof CONTEST_REFUSALS)[number];

/** `words`: of the customer, as they said or wrote them. */
export const NewContest = z.strictObject({ decisionId: Id, words: FreeText.min(1).max(4_000) });
export type NewContest = z.infer<typeof NewContest>;

/** What the customer is told at once. */
export const ContestReceipt = z.object({
  contestId: Id,
  state: ContestState,
  /** By then a person has looked at it, or somebody above them has it. */
  deadlineAtMs: AtMs,
  expiresAtMs: AtMs,
  /** Until then nothing of this customer's data goes. */
  heldUntilMs: AtMs,
});
export type ContestReceipt = z.infer<typeof ContestReceipt>;

export const ContestAssignment = z.strictObject({
  /** Without: whoever asks takes it. */
  personId: Id.optional(),
});
export const ContestAnswer = z.discriminatedUnion('finding', [
  z.strictObject({ finding: z.literal('stands'), reasons: FreeText.min(LEAST_SENTENCE).max(4_000) }),
  z.strictObject({
    finding: z.literal('set-aside'),
    reasons: FreeText.min(LEAST_SENTENCE).max(4_000),
    /** What is done about it: nothing happens by itself. */
    remedy: FreeText.min(LEAST_SENTENCE).max(2_000),
  }),
]);
export type ContestAnswer = z.infer<typeof ContestAnswer>;

export const ContestItem = z.object({
  contestId: Id,
  decisionId: Id,
  state: ContestState,
  level: z.int().min(0),
  assigneeId: Id.nullable(),
  assigneeName: z.string().nullable(),
  receivedAtMs: AtMs,
  /** The next breach. */
  deadlineAtMs: AtMs,
  expiresAtMs: AtMs,
  endedAtMs: AtMs.nullable(),
  /** Whether whoever asks may look at it: they hold the role, and had no part in it. */
  isMine: z.boolean(),
});
export type ContestItem = z.infer<typeof ContestItem>;

/** Open ones, the next breach first, then those that are over, the last first. */
export const ContestQueue = z.object({ nowMs: AtMs, items: z.array(ContestItem) });
export type ContestQueue = z.infer<typeof ContestQueue>;

export const ContestView = ContestItem.extend({
  customerId: Id.nullable(),
  /** Null: erased. */
  words: z.string().nullable(),
  takenByName: z.string(),
  recordHash: Sha256,
  heldUntilMs: AtMs.nullable(),
  /** Told from the record as it was frozen; null: it is gone, or cannot be told any more. */
  decision: z
    .object({
      atMs: AtMs,
      revision: z.string(),
      reproduced: z.boolean(),
      shown: z.array(z.object({ name: z.string(), do: z.string(), because: z.array(z.string()) })),
      facts: z.array(z.object({ label: z.string(), value: z.string() })),
      notShown: z.array(z.object({ name: z.string(), ended: z.string() })),
    })
    .nullable(),
  /** What came of it: asked of a system of record, and by whom it was approved. */
  requests: z.array(z.object({ actionId: z.string(), state: z.string(), amount: z.number().nullable() })),
  /** Who had a part in it: none of them looks at it now. */
  tookPart: z.array(z.object({ name: z.string(), how: z.enum(['agent', 'asked', 'decided', 'broke-glass', 'answered-before']) })),
  answer: z
    .object({
      reviewerName: z.string(),
      finding: z.enum(['stands', 'set-aside']),
      reasons: z.string().nullable(),
      remedy: z.string().nullable(),
      atMs: AtMs,
    })
    .nullable(),
});
export type ContestView = z.infer<typeof ContestView>;

/** GET `/:contestId/letter`, once it is over: the reply to the customer as text. */
export const ContestLetter = z.object({ contestId: Id, text: z.string().max(200_000) });
export type ContestLetter = z.infer<typeof ContestLetter>;

/** A customer by their id, or whoever is on this call. */
export const ContestableQuery = z
  .strictObject({ customerId: Id.optional(), callId: Id.optional() })
  .refine(({ customerId, callId }) => (customerId === undefined) !== (callId === undefined), { message: 'a customer or a call' });
export type ContestableQuery = z.infer<typeof ContestableQuery>;

/** The last first. */
export const ContestableDecisions = z.object({
  decisions: z.array(
    z.object({
      decisionId: Id,
      callId: Id,
      atMs: AtMs,
      shown: z.array(z.string()),
      contestId: Id.nullable(),
      state: ContestState.nullable(),
    }),
  ),
});
export type ContestableDecisions = z.infer<typeof ContestableDecisions>;

/** Who looks at contests, how soon, and who after them. */
export const ContestLevels = z
  .array(z.strictObject({ role: z.enum(DECIDING_ROLES).exclude(['approver']), withinDays: z.number().positive().max(90) }))
  .min(1)
  .max(4);
