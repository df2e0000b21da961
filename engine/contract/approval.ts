/**
 * Significant actions on their way: proposed by an agent, decided by another person, done once. Over HTTP for whoever decides, over
 * their live lane, and told to the agent's desk.
 *
 *   requested ─► assigned ─► approved ─► executed
 *       │  └──► escalated ──┘   └─► requested again, where who approved it may not any more
 *       └─► declined │ changed (a new request) │ expired │ withdrawn
 *
 * Nothing that ran out was ever approved.
 */
import { z } from 'zod';
import { STAGES } from './reason-codes.ts';
import { Estimate } from './estimate.ts';
import { RaisedAlert } from './supervision.ts';
import { AtMs, FreeText, Id, LEAST_REASON, LEAST_SENTENCE, Sha256, Slug } from './text.ts';

/** GET ApprovalQueue; GET `/:approvalId` ApprovalView; POST `/:approvalId/<word>` the schemas below, answered with an ApprovalView. */
export const APPROVALS_PATH = '/api/approvals';
/** POST a SeededCase. */
export const SEEDED_PATH = '/api/approvals/seeded';
/** GET BrokenGlasses. */
export const BREAKS_PATH = '/api/approvals/breaks';
/** GET ApprovalMeter. */
export const METER_PATH = '/api/approvals/meter';
/** The socket.io namespace of whoever decides; the handshake's `auth` is ApproverHandshake. */
export const APPROVER_NAMESPACE = '/approvers';

export const OPEN_STATES = ['requested', 'assigned', 'escalated', 'approved'] as const;
export const APPROVAL_STATES = [...OPEN_STATES, 'declined', 'changed', 'expired', 'withdrawn', 'executed'] as const;
export const ApprovalState = z.enum(APPROVAL_STATES);
export type ApprovalState = z.infer<typeof ApprovalState>;

/** Why it ended. */
export const APPROVAL_ENDS = [
  'declined',
  'changed',
  'time',
  'agent',
  'call-ended',
  'consent-withdrawn',
  'erased',
  'known-wrong',
  'executed',
] as const;
export type ApprovalEnd = (typeof APPROVAL_ENDS)[number];

/** Why something was not done. */
export const APPROVAL_REFUSALS = [
  'not-found',
  'over',
  'expired',
  'own-request',
  'not-your-request',
  'not-your-role',
  'not-judged-yet',
  'judged-already',
  'given-already',
  'asked-changed',
  'not-approved',
  'approver-may-not-any-more',
  'consent-withdrawn',
  'known-wrong',
  'nothing-changes',
  'above-the-offer',
  'nobody-to-assign',
  'nothing-to-review',
  'own-break',
] as const;
export type ApprovalRefusal = (typeof APPROVAL_REFUSALS)[number];

/** Exactly what somebody says yes to. Its hash is the SHA-256 of its canonical JSON (RFC 8785). */
export const Asked = z.strictObject({
  outcomeId: Id,
  decisionId: Id,
  /** Of the decision's record as central has it; null: it never came. */
  recordHash: Sha256.nullable(),
  callId: Id,
  customerId: Id.nullable(),
  actionId: Slug,
  treatmentId: Slug,
  /** What the system of record is asked to do. */
  kind: Slug,
  amount: z.number().min(0).nullable(),
});
export type Asked = z.infer<typeof Asked>;

/** What an approver can open and is shown; what they opened is kept. */
export const EVIDENCE = ['facts', 'call', 'history', 'policy'] as const;
export const Evidence = z.enum(EVIDENCE);
export type Evidence = z.infer<typeof Evidence>;

const Reason = FreeText.min(LEAST_REASON).max(500);
const Words = FreeText.min(1).max(500);

/** What somebody thinks before they are told what the engine recommends. */
export const JUDGEMENTS = ['for', 'against', 'unsure'] as const;
export const Judgement = z.strictObject({ judgement: z.enum(JUDGEMENTS) });
/** Something of the evidence was opened. */
export const Opened = z.strictObject({ evidence: Evidence });
/** `askedHash`: of what was on the screen. */
export const Verdict = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('approved'), askedHash: Sha256 }),
  z.strictObject({ verdict: z.literal('declined'), askedHash: Sha256, reason: Reason }),
]);
export type Verdict = z.infer<typeof Verdict>;
export const Assignment = z.strictObject({
  /** Without: whoever asks takes it. */
  personId: Id.optional(),
});
/** A question to the agent, or the agent's answer. */
export const ApprovalMessage = z.strictObject({ text: Words });
/** Of words that need no more than who says them. */
export const Nothing = z.strictObject({});
/** By the agent. What was said of the former is void. */
export const ApprovalChange = z.strictObject({ amount: z.number().positive() });
export const BreakGlass = z.strictObject({ askedHash: Sha256, reason: FreeText.min(LEAST_SENTENCE).max(500) });
/** Whether it was right to break it. */
export const BREAK_VERDICTS = ['right', 'wrong', 'unclear'] as const;
export const BreakReview = z.strictObject({ verdict: z.enum(BREAK_VERDICTS), reason: Reason });
export type BreakReview = z.infer<typeof BreakReview>;
/** A case that is known to be wrong, put among the others: made of a decision that was taken. It can never execute. */
export const SeededCase = z.strictObject({ outcomeId: Id, amount: z.number().min(0).optional(), actionId: Slug.optional() });

/** One row of a queue. */
export const ApprovalItem = z.object({
  approvalId: Id,
  state: ApprovalState,
  actionId: z.string(),
  actionName: z.string(),
  kind: z.string(),
  amount: z.number().nullable(),
  /** ISO 4217, of the published revision; null: a central that does not say it yet, or nothing is published. */
  currency: z.string().length(3).nullable().default(null),
  agentId: Id,
  agentName: z.string(),
  /** Who is to decide; null: anybody who may. */
  assigneeId: Id.nullable(),
  assigneeName: z.string().nullable(),
  level: z.int().min(0),
  requestedAtMs: AtMs,
  goalAtMs: AtMs,
  /** The next breach. Passed, it stays until `expiresAtMs`. */
  deadlineAtMs: AtMs,
  expiresAtMs: AtMs,
  endedAtMs: AtMs.nullable(),
});
export type ApprovalItem = z.infer<typeof ApprovalItem>;

/** Open ones within reach, the next breach first. */
export const ApprovalQueue = z.object({ nowMs: AtMs, items: z.array(ApprovalItem) });
export type ApprovalQueue = z.infer<typeof ApprovalQueue>;

const VerdictGiven = z.object({
  approver: Id,
  name: z.string(),
  verdict: z.enum(['approved', 'declined']),
  reason: z.string().nullable(),
  atMs: AtMs,
});

/** What whoever asks may do with it now. */
export const MAY_DO = ['decide', 'take', 'assign', 'break-glass'] as const;

export const ApprovalView = ApprovalItem.extend({
  askedHash: Sha256,
  asked: Asked.nullable(),
  needed: z.int().min(1),
  evidence: z.object({
    /** The customer as the record read them: field and value. */
    facts: z.array(z.object({ label: z.string(), value: z.string() })),
    /** Said and done on the call, the last first. */
    call: z.array(z.object({ atMs: AtMs, kind: z.string(), words: z.string().nullable() })),
    /** Of this customer, the last first. */
    history: z.array(z.object({ atMs: AtMs, kind: z.string(), actionName: z.string().nullable() })),
    policy: z.object({ revision: z.string(), action: z.string().nullable() }).nullable(),
  }),
  messages: z.array(z.object({ author: Id, name: z.string(), text: z.string().nullable(), atMs: AtMs })),
  /** Of whoever asks; null: not yet. */
  judgement: z.enum(JUDGEMENTS).nullable(),
  /** The engine's; null before the first judgement. */
  recommendation: z
    .object({
      recommends: z.boolean(),
      reasons: z.array(z.string()),
      /** Every other action, and where it ended. */
      whyNot: z.array(
        z.object({ actionId: z.string(), name: z.string(), stage: z.enum(STAGES), code: z.string(), rule: z.string().nullable() }),
      ),
    })
    .nullable(),
  /** What others said; empty before one's own verdict. */
  verdicts: z.array(VerdictGiven),
  breakGlass: z
    .object({ by: Id, reason: z.string(), atMs: AtMs, reviewDueMs: AtMs, reviewedBy: Id.nullable(), verdict: z.string().nullable() })
    .nullable(),
  endReason: z.enum(APPROVAL_ENDS).nullable(),
  replaces: Id.nullable(),
  /** A central that does not say it yet asks when it is done. */
  may: z.array(z.enum(MAY_DO)).default(['decide']),
  /** Who else it can be given to; empty where whoever asks may not give it. */
  candidates: z.array(z.object({ personId: Id, name: z.string() })).default([]),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/** A request that one person let through alone, which another looks at within a day. */
export const BrokenGlass = z.object({
  approvalId: Id,
  actionName: z.string(),
  amount: z.number().nullable(),
  currency: z.string().length(3).nullable(),
  agentName: z.string(),
  byName: z.string(),
  reason: z.string(),
  atMs: AtMs,
  reviewDueMs: AtMs,
  /** Whoever asks may look at it: they neither broke the glass nor asked. */
  isMine: z.boolean(),
  review: z.object({ byName: z.string(), verdict: z.enum(BREAK_VERDICTS), reason: z.string().nullable(), atMs: AtMs }).nullable(),
});
export type BrokenGlass = z.infer<typeof BrokenGlass>;
/** Those nobody looked at yet, the next due first; then the others, the last first. */
export const BrokenGlasses = z.object({ nowMs: AtMs, items: z.array(BrokenGlass) });
export type BrokenGlasses = z.infer<typeof BrokenGlasses>;

/** Central → desk: how the agent's own request stands, with each change and whenever the desk is back. */
export const ApprovalStanding = z.object({
  approvalId: Id,
  outcomeId: Id,
  decisionId: Id,
  callId: Id,
  actionId: Slug,
  state: ApprovalState,
  /** Who has it; null: nobody yet. */
  withName: z.string().max(200).nullable(),
  deadlineAtMs: AtMs,
  expiresAtMs: AtMs,
  /** What the approver wants to know, while nothing was answered. */
  question: z.string().max(500).nullable(),
  detail: z.string().max(200).nullable(),
  atMs: AtMs,
});
export type ApprovalStanding = z.infer<typeof ApprovalStanding>;

export const ApproverHandshake = z.strictObject({ token: z.string().min(1).max(4_096) });

/** Rooms of what is looked at afterwards: something of theirs is other than it was, and is to be asked for anew. */
export const REVIEW_ROOMS = ['overrides', 'contests', 'oversight'] as const;
export type ReviewRoom = (typeof REVIEW_ROOMS)[number];
export const ReviewsChanged = z.object({ rooms: z.array(z.enum(REVIEW_ROOMS)) });

/** Central → approver, by socket.io event name: everything on connect, then what changed. `breaks` are those that wait for their review; `alert` began or is over. */
export const TO_APPROVER = {
  queue: ApprovalQueue,
  item: ApprovalItem,
  reviews: ReviewsChanged,
  breaks: BrokenGlasses,
  alert: RaisedAlert,
} as const;

/** Whether somebody looks, or stamps. Per person, over the days asked for. */
export const MeterReading = z.object({
  personId: Id,
  name: z.string(),
  cases: z.int().min(0),
  /** Median seconds between opening a case and the verdict. */
  medianSeconds: Estimate,
  /** Share of the evidence that was opened. */
  evidenceOpened: Estimate,
  /** Share of verdicts as the engine recommended. */
  agreement: Estimate,
  /** Share of first judgements as the engine recommended. */
  firstAgreement: Estimate,
  /** Of the cases known to be wrong, those that were declined. */
  seededCaught: Estimate,
  /** 0 careful … 1 stamping; null: not enough data. */
  score: z.number().min(0).max(1).nullable(),
});
export type MeterReading = z.infer<typeof MeterReading>;
export const ApprovalMeter = z.object({ sinceMs: AtMs, readings: z.array(MeterReading) });
export type ApprovalMeter = z.infer<typeof ApprovalMeter>;
