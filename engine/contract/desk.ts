/** What the agent's window shows. The engine keeps it, main passes it on, the renderer draws it; nothing else is kept in the renderer but what is open or focused. */
import { z } from 'zod';
import { ApprovalState } from './approval.ts';
import { NotTold } from './contribution.ts';
import { ExperienceLevel, RejectReason } from './policy.ts';
import { REFRAIN_REASONS, RUNGS, STAGES } from './reason-codes.ts';
import { Speaker } from './call-events.ts';
import { CallReader, CoachingNote } from './supervision.ts';
import { AtMs, Id, LanguageTag, Slug } from './text.ts';

/** A sentence with places and how to format each value. The renderer formats it in the agent's language. */
export const SentenceView = z.strictObject({
  template: z.string(),
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Per place: how to write it. `ago` is a moment drawn as the time since then, `time` a moment drawn as date and time. */
  formats: z.record(
    z.string(),
    z.strictObject({ as: z.enum(['text', 'number', 'money', 'time', 'ago', 'boolean']), unit: z.string().optional() }),
  ),
});
export type SentenceView = z.infer<typeof SentenceView>;

export const CardView = z.strictObject({
  decisionId: Id,
  actionId: Slug,
  treatmentId: Slug,
  role: z.enum(['primary', 'chip']),
  urgency: z.enum(['must', 'should', 'could']),
  /** What the action is called in the catalogue. */
  name: z.string(),
  do: z.string(),
  say: SentenceView.nullable(),
  /** At most three, by weight; the first is the because-line. */
  reasons: z.array(SentenceView).max(3),
  /** What may be said to the customer when they ask why. */
  speakable: SentenceView.nullable(),
  shownAtMs: AtMs,
  /** Seconds into the call. */
  callTimeS: z.number(),
  expiresAtMs: AtMs,
  policy: z.string(),
  rung: z.enum(RUNGS),
  significant: z.boolean(),
  rejectReasons: z.array(RejectReason).max(5),
  /** Until the agent answers: open. After: what was durably saved, and what came of it. */
  state: z.enum(['open', 'accepted', 'rejected', 'snoozed', 'overridden', 'expired', 'withdrawn']),
  /** The saved answer, while it can be taken back. */
  outcomeId: Id.nullable(),
  undoUntilMs: AtMs.nullable(),
  /** What the system of record did with an accepted action; null = nothing was asked of it. */
  request: z.enum(['waiting', 'requested', 'acted', 'failed', 'expired']).nullable(),
  requestDetail: z.string().nullable(),
  /** Who has to decide it and until when, once central has said so; while `request` is `waiting`. */
  approval: z
    .strictObject({
      approvalId: Id,
      state: ApprovalState,
      withName: z.string().nullable(),
      deadlineAtMs: AtMs,
      question: z.string().nullable(),
      atMs: AtMs,
    })
    .optional(),
});
export type CardView = z.infer<typeof CardView>;

export const TranscriptLine = z.strictObject({
  utteranceId: Id,
  speaker: Speaker,
  text: z.string(),
  /** Milliseconds since the call was connected. */
  startMs: z.number(),
  final: z.boolean(),
});
export type TranscriptLine = z.infer<typeof TranscriptLine>;

/** Something that happened on the call besides speech, or a prompt and its answer. */
export const TimelineEntry = z.strictObject({
  id: z.string(),
  atMs: AtMs,
  callTimeS: z.number(),
  /** A call event's type without its prefix (`call.held`), or `prompt.<outcome kind>`, `request.<answer of the system of record>`, `gap.found`, `gap.closed`. */
  kind: z.string(),
  detail: z.string().nullable(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const CallView = z.strictObject({
  callId: Id,
  phase: z.enum(['offered', 'ringing', 'active', 'held', 'wrap-up', 'ended']),
  direction: z.enum(['inbound', 'outbound']),
  customerName: z.string().nullable(),
  identity: z.enum(['unknown', 'asserted', 'verified']),
  queue: z.string().nullable(),
  offeredAtMs: AtMs.nullable(),
  connectedAtMs: AtMs.nullable(),
  endedAtMs: AtMs.nullable(),
  capturePaused: z.boolean(),
  quiet: z.boolean(),
  /** What the customer was last understood to be about, by the sentence that says so; null = nothing, or there is no model that tells. */
  topic: z.strictObject({ intent: z.string(), utteranceId: Id, text: z.string() }).nullable(),
  /** Events known to be missing. */
  missing: z.int(),
  /** When the customer's profile was read at central; null = none. */
  profileAsOfMs: AtMs.nullable(),
  prompts: z.strictObject({ used: z.int(), cap: z.int() }),
  transcript: z.array(TranscriptLine),
  timeline: z.array(TimelineEntry),
  /** What supervisors say on the call, the last first, and who reads along now; left out where nobody does either. */
  supervision: z.strictObject({ notes: z.array(CoachingNote), readers: z.array(CallReader) }).optional(),
});
export type CallView = z.infer<typeof CallView>;

/**
 * Why nothing is saved (`disk-full` … `closed`), what became of a store that was damaged, older than known, or whose ledger is not
 * the one central countersigned, and what is missing.
 */
export const ENGINE_TROUBLES = [
  'disk-full',
  'io',
  'corrupt',
  'closed',
  'store-salvaged',
  'store-older',
  'ledger-foreign',
  'no-policy',
] as const;
export type EngineTrouble = (typeof ENGINE_TROUBLES)[number];

export const DeskView = z.strictObject({
  session: z.strictObject({
    agentId: Id,
    agentName: z.string(),
    level: ExperienceLevel,
    language: LanguageTag,
    demonstration: z.boolean(),
    /** Signed in without central: when it was last heard of this person. Null otherwise. */
    offlineSinceMs: AtMs.nullable(),
    policy: z.string().nullable(),
  }),
  link: z.strictObject({
    state: z.enum(['live', 'delayed', 'offline']),
    /** With `delayed`: how far behind. */
    delayS: z.number(),
    lastHeardAtMs: AtMs.nullable(),
  }),
  engine: z.strictObject({
    state: z.enum(['starting', 'ready', 'restarting', 'stopped']),
    /** In words, what is wrong and what to do; null when nothing is. */
    trouble: z.string().nullable(),
    /** What kind of trouble it is; left out where there is none, or the engine is away. */
    reason: z.enum(ENGINE_TROUBLES).optional(),
    rung: z.enum(RUNGS),
  }),
  outbox: z.strictObject({ unsent: z.int(), refused: z.int() }),
  /** Events refused or ignored at the desk since the start, by reason: visible in the details of the link state. */
  refused: z.record(z.string(), z.int()),
  /** The call in front, and the agent's other calls. */
  call: CallView.nullable(),
  otherCalls: z.array(z.strictObject({ callId: Id, phase: z.string(), customerName: z.string().nullable() })),
  cards: z.array(CardView).max(3),
  /** Why the card place is empty. */
  refrain: z.strictObject({ reason: z.enum(REFRAIN_REASONS), atMs: AtMs }).nullable(),
  /** Time by the engine's clock when the view was made; the renderer's clocks run from here. */
  nowMs: AtMs,
  /** True when that clock is the demonstration's virtual one. */
  virtualClock: z.boolean(),
});
export type DeskView = z.infer<typeof DeskView>;

/** A change of the view: any of its parts whole, and for the running call's transcript only the lines that are new or changed (by utteranceId). */
export const DeskChange = DeskView.partial().extend({
  lines: z.strictObject({ callId: Id, lines: z.array(TranscriptLine) }).optional(),
});
export type DeskChange = z.infer<typeof DeskChange>;

/** A value of the catalogue as people see it: moments in milliseconds since 1970, null = unknown. */
const ShownValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).nullable();

/** How the window writes a value: as the catalogue's types. */
const ShownType = z.enum(['boolean', 'number', 'enum', 'text', 'time', 'set']);

/** What the model made of each field for one scored action: exact, or why it cannot be told. */
export const ContributionsView = z.discriminatedUnion('exact', [
  z.strictObject({
    exact: z.literal(true),
    /** Largest first. */
    parts: z.array(
      z.strictObject({
        label: z.string(),
        type: ShownType,
        unit: z.string().optional(),
        value: ShownValue,
        /** Above 0 it spoke for the action, below against it; how far in log-odds. For words, not to be shown as a number. */
        logOdds: z.number(),
      }),
    ),
  }),
  z.strictObject({ exact: z.literal(false), reason: NotTold, why: z.string() }),
]);
export type ContributionsView = z.infer<typeof ContributionsView>;

/** Where an action of the catalogue ended: a row of the list of all. */
export const ActionView = z.strictObject({
  actionId: Slug,
  name: z.string(),
  issue: z.string(),
  group: z.string(),
  stage: z.enum(STAGES),
  code: z.string(),
});
export type ActionView = z.infer<typeof ActionView>;

/** Why, or why not, one action: for the explanation panes. */
export const VerdictView = z.strictObject({
  ...ActionView.shape,
  /** Contact policy, care rule or purpose by name. */
  by: z.string().nullable(),
  condition: z
    .strictObject({
      text: z.string(),
      operands: z.array(
        z.strictObject({
          label: z.string(),
          found: ShownValue,
          required: z.string(),
        }),
      ),
    })
    .nullable(),
  /** Strength in words, never a probability. */
  strength: z.enum(['strong', 'some', 'weak']).nullable(),
  /** Of a scored action; null otherwise. */
  contributions: ContributionsView.nullable(),
});
export type VerdictView = z.infer<typeof VerdictView>;

/** The least that would have changed what became of an action: shown where it was not, not shown where it was. */
export const WhatIfView = z.strictObject({
  actionId: Slug,
  /** Whether it was shown: then it is told what would have taken it away. */
  isShown: z.boolean(),
  /** Alternatives, the smallest first; each was tried and turned the decision. All changes of one are needed together. */
  found: z
    .array(
      z.strictObject({
        changes: z
          .array(
            z.strictObject({
              /** The field's; with `said` the topic, or the phrase where it is of no topic. */
              label: z.string(),
              /** `said`: had somebody said the phrase in `to`; `from` is null. */
              type: z.enum([...ShownType.options, 'said']),
              from: ShownValue,
              to: ShownValue,
              unit: z.string().optional(),
              /** In whose hand it lies; with `said`, who says it. */
              changeableBy: z.enum(['customer', 'agent']),
            }),
          )
          .min(1)
          .max(2),
      }),
    )
    .max(3),
  /** Nothing was found: `isExhaustive` says whether there is nothing, or the search was cut short. */
  none: z.boolean(),
  isExhaustive: z.boolean(),
  /** The model's answers are not Sotto's own to compute: they were kept as they were. */
  areScoresFixed: z.boolean(),
});
export type WhatIfView = z.infer<typeof WhatIfView>;

/** The steps of a decision on this desk, in order: the facts read and every stage up to scoring, the model, arbitration with the record's bytes, one transaction, the card on the screen. */
export const DECISION_STEPS = ['filter', 'score', 'arbitrate', 'save', 'paint'] as const;
export type DecisionStep = (typeof DECISION_STEPS)[number];

const Milliseconds = z.number().min(0);

/** How long this desk's decisions took since its engine started. Measured beside decisions and never part of their records, which must replay byte for byte. */
export const TimingView = z.strictObject({
  /** Recorded, as a whole or as a repeat. */
  decisions: z.int(),
  /** How many of them stood on which rung; a rung that none stood on is left out. */
  rungs: z.partialRecord(z.enum(RUNGS), z.int()),
  last: z.strictObject({ atMs: AtMs, rung: z.enum(RUNGS) }).nullable(),
  /** In their order. */
  steps: z.array(
    z.strictObject({
      step: z.enum(DECISION_STEPS),
      /** Of the last decision; null for a card that is not painted (yet). */
      lastMs: Milliseconds.nullable(),
      /** Over all decisions, to 5 %; null before the first. */
      p50Ms: Milliseconds.nullable(),
      p99Ms: Milliseconds.nullable(),
    }),
  ),
});
export type TimingView = z.infer<typeof TimingView>;
