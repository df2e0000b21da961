/**
 * What a file of decision cases may say. Readable by whoever owns a policy: names and values are those of the policy files,
 * moments are counted from the moment of the case, and what is not said is as `shared/defaults.json` has it.
 */
import { z } from 'zod';
import { CALL_EVENT_TYPES } from '#contract/call-events.ts';
import { EXPERIENCE_LEVELS } from '#contract/policy.ts';
import { Channel, FieldValue, OutcomeKind } from '#contract/profile.ts';
import { REASONS, REFRAIN_REASONS, RUNGS, STAGES } from '#contract/reason-codes.ts';
import { moment, Span } from './span.ts';

const Moment = z.strictObject(moment);

/** Files of a revision without their ending, each as the JSON of what its YAML would hold. */
const PolicyParts = z.record(z.string(), z.unknown());
export type PolicyParts = z.infer<typeof PolicyParts>;

/** By name after `profile.`; null is unknown. */
const Customer = z.record(z.string(), z.union([FieldValue, Moment, z.null()]));

/** What happened on the call, oldest first. */
const Happening = z.union([
  z.strictObject({ customer: z.string(), ...moment }),
  z.strictObject({ agent: z.string(), ...moment }),
  z.strictObject({
    event: z.enum(CALL_EVENT_TYPES.map((type) => type.slice('sotto.'.length)) as [string, ...string[]]),
    data: z.record(z.string(), z.unknown()),
    ...moment,
  }),
  /** So many deliveries that have not arrived. */
  z.strictObject({ missing: z.int().min(1) }),
]);

/** What became of a prompt of this call. `shown` = offered, delivered and seen at once. */
const PromptStep = z.strictObject({
  what: z.union([z.literal('shown'), OutcomeKind]),
  action: z.string(),
  ...moment,
  role: z.enum(['primary', 'chip']).default('primary'),
  /** Which showing of the action it was; steps of one showing name the same. */
  prompt: z.string().optional(),
  id: z.string().optional(),
  desk: z.string().default('this-desk'),
  call: z.string().default('call-1'),
  /** Who was on the line then; absent = who is on it now. */
  customer: z.string().nullable().optional(),
  until: Moment.optional(),
  chosen: z.string().optional(),
  seen: z.boolean().optional(),
  takesBack: z.string().optional(),
});

const Given = z
  .strictObject({
    customer: z.union([Customer, z.literal('not cached')]),
    /** Whose slice is on the desk, and how old it is. */
    profile: z.strictObject({ of: z.string(), version: z.int(), asOf: Moment }).partial(),
    consents: z.array(z.strictObject({ purpose: z.string(), granted: z.boolean(), ...moment })),
    history: z.array(z.strictObject({ what: OutcomeKind, action: z.string().optional(), channel: Channel, ...moment })),
    call: z
      .strictObject({
        customer: z.string().nullable(),
        identity: z.enum(['unknown', 'asserted', 'verified']),
        direction: z.enum(['inbound', 'outbound']),
        queue: z.string(),
        language: z.string(),
        ivr: z.array(z.string()),
        connected: Moment,
        id: z.string(),
      })
      .partial(),
    happened: z.array(Happening),
    prompts: z.array(PromptStep),
    desk: z
      .strictObject({
        level: z.enum(EXPERIENCE_LEVELS),
        channel: Channel,
        language: z.string(),
        quiet: z.boolean(),
        speaking: z.enum(['customer', 'agent', 'nobody']),
        /** Nobody has spoken for this long. */
        silentFor: Span,
        /** A prompt has been held back for a pause for this long. */
        heldFor: Span,
        centralHeard: Moment,
        excluded: z.array(z.string()),
      })
      .partial(),
    usage: z.array(z.strictObject({ constraint: z.string(), used: z.number(), ...moment })),
    /** What a model says of each action it knows; absent = no model. */
    model: z.strictObject({
      rung: z.enum(RUNGS).default('model'),
      actions: z.record(
        z.string(),
        z.strictObject({ propensity: z.number(), evidence: z.number().default(0), positives: z.number().default(0) }),
      ),
    }),
  })
  .partial();
export type Given = z.infer<typeof Given>;

const When = z
  .strictObject({
    at: z.iso.datetime(),
    trigger: z.union([
      z.enum(['timer', 'request', 'resumed']),
      z.strictObject({ answer: z.string() }),
      z.strictObject({ event: z.string() }),
    ]),
  })
  .partial();
export const FullWhen = When.required();
export type FullWhen = z.infer<typeof FullWhen>;

const ENDS = REASONS.map(({ stage, code }) => `${stage}/${code}`) as [string, ...string[]];

const Because = z.strictObject({ reason: z.int().min(0), places: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) });

const Expected = z.strictObject({
  /** The card, then its chips. */
  shown: z.array(z.string()).min(1).optional(),
  refrain: z.enum(REFRAIN_REASONS).optional(),
  /** With a refrain: the best that was held back, and P × V of it. */
  best: z.string().nullable().optional(),
  worth: z.number().optional(),
  /** Where actions ended: stage and reason. */
  ended: z.record(z.string(), z.enum(ENDS)).default({}),
  priority: z.record(z.string(), z.number()).default({}),
  contextWeight: z.record(z.string(), z.number()).default({}),
  propensity: z.record(z.string(), z.number()).default({}),
  /** Among what came as far as being scored, the best being 1. */
  rank: z.record(z.string(), z.int()).default({}),
  rung: z.enum(RUNGS).optional(),
  treatment: z.record(z.string(), z.string()).default({}),
  /** In how long time alone may change the decision; null = never. */
  lookAgainIn: Span.nullable().optional(),
  leavesIn: z.record(z.string(), Span).default({}),
  /** The reasons on the card and the one that may be spoken, by number of the action's reasons. */
  because: z.record(z.string(), z.array(Because)).default({}),
  speak: z.record(z.string(), Because.nullable()).default({}),
  /** Why not: the policy's name for what stopped it, or its condition with what was found. */
  whyNot: z
    .record(
      z.string(),
      z
        .strictObject({
          by: z.string().nullable(),
          condition: z.string().nullable(),
          found: z.record(z.string(), z.unknown()),
          required: z.record(z.string(), z.string()),
        })
        .partial(),
    )
    .default({}),
});
export type Expected = z.infer<typeof Expected>;

const Case = z.strictObject({
  name: z.string().min(10),
  /** Decided under the demonstration's policy, for its customer whom `given.profile.of` names, instead of the file's. */
  organisation: z.literal('demonstration').optional(),
  /** What differs from that policy. */
  policy: PolicyParts.default({}),
  given: Given.default({}),
  when: When.default({}),
  expected: Expected,
});
export type Case = z.infer<typeof Case>;

export const CaseFile = z.strictObject({
  about: z.string(),
  stage: z.union([z.enum(STAGES), z.literal('refrain')]),
  /** What differs from the policy of the defaults; goes for every case that is not about the demonstration. */
  policy: PolicyParts.default({}),
  given: Given.default({}),
  when: When.default({}),
  cases: z.array(Case).min(3),
});
export type CaseFile = z.infer<typeof CaseFile>;

export const Defaults = z.strictObject({
  policy: PolicyParts,
  /** What an action says where a case leaves it out. */
  action: z.record(z.string(), z.unknown()),
  given: Given,
  when: FullWhen,
});
export type Defaults = z.infer<typeof Defaults>;
