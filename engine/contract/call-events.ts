/**
 * What can happen on a call: CloudEvents 1.0, `subject` is the call's id.
 *
 * Producers (telephony, speech, the CRM) number their own events per call with the CloudEvents
 * extension attribute `sequence`; central finds their gaps and gives each event the call's delivery
 * number (see live.ts). Unknown keys of an event are ignored and counted, never trusted.
 */
import { z } from 'zod';
import { Channel, Purpose, ProfileFields } from './profile.ts';
import { MAX_ID_LENGTH } from './limits.ts';
import { AtMs, FreeText, Id, LanguageTag } from './text.ts';

/** Largest event any boundary accepts, in bytes of JSON. */
export const MAX_EVENT_BYTES = 64 * 1024;

/** Furthest an event's time may lie ahead of the receiver's clock. */
export const MAX_EVENT_AHEAD_MS = 5 * 60_000;

export const Speaker = z.enum(['customer', 'agent']);
export type Speaker = z.infer<typeof Speaker>;

const utterance = {
  utteranceId: Id,
  speaker: Speaker,
  text: FreeText,
  /** Milliseconds since the call was connected. */
  startMs: z.int().min(0).max(86_400_000),
  endMs: z.int().min(0).max(86_400_000),
  language: LanguageTag.optional(),
};

/** The data of each event type. One row here is one type everywhere: intake, journal, reducer, counters, docs. */
export const CALL_EVENT_DATA = {
  'sotto.call.offered': z.object({
    agentId: Id,
    direction: z.enum(['inbound', 'outbound']),
    queue: z.string().max(64),
    /** Absent when the caller could not be matched to a customer. */
    customerId: Id.optional(),
    /** How sure the match is: `asserted` by a number or link, `verified` by a check. */
    identity: z.enum(['unknown', 'asserted', 'verified']),
    language: LanguageTag.optional(),
    /** What the customer chose or said before reaching an agent. */
    ivr: z.array(z.string().max(64)).max(16).optional(),
  }),
  'sotto.call.accepted': z.object({ agentId: Id }),
  'sotto.call.connected': z.object({ agentId: Id }),
  'sotto.call.held': z.object({ agentId: Id }),
  'sotto.call.resumed': z.object({ agentId: Id }),
  'sotto.call.identified': z.object({
    /** Absent: the customer was wrongly matched and is unknown again. */
    customerId: Id.optional(),
    identity: z.enum(['unknown', 'asserted', 'verified']),
  }),
  'sotto.call.transferred': z.object({ fromAgentId: Id, toAgentId: Id, queue: z.string().max(64).optional() }),
  'sotto.call.ended': z.object({ reason: z.enum(['customer-hung-up', 'agent-hung-up', 'transferred-out', 'dropped', 'abandoned']) }),
  'sotto.wrapup.started': z.object({ agentId: Id }),
  'sotto.wrapup.ended': z.object({ agentId: Id, disposition: z.string().max(64).optional() }),
  'sotto.utterance.partial': z.object(utterance),
  'sotto.utterance.final': z.object(utterance),
  'sotto.capture.paused': z.object({ reason: z.enum(['card-data', 'customer-request', 'other']) }),
  'sotto.capture.resumed': z.object({}),
  'sotto.consent.changed': z.object({ customerId: Id, purpose: Purpose, granted: z.boolean() }),
  'sotto.profile.updated': z.object({ customerId: Id, version: z.int().min(1), fields: ProfileFields }),
  'sotto.journey.changed': z.object({ customerId: Id, journey: z.string().max(64), step: z.string().max(64), entered: z.boolean() }),
  'sotto.contact.made': z.object({ customerId: Id, channel: Channel, actionId: Id.optional() }),
  'sotto.queue.updated': z.object({
    queue: z.string().max(64),
    waiting: z.int().min(0).max(100_000),
    longestWaitS: z.int().min(0).max(86_400),
  }),
} as const;

export type CallEventType = keyof typeof CALL_EVENT_DATA;
export const CALL_EVENT_TYPES = Object.keys(CALL_EVENT_DATA) as readonly CallEventType[];

/** Partial utterances are shown, never decided on and never stored. */
export const PARTIAL: CallEventType = 'sotto.utterance.partial';

const Attributes = z.object({
  specversion: z.literal('1.0'),
  id: Id,
  source: z.string().min(1).max(MAX_ID_LENGTH),
  /** The call's id. */
  subject: Id,
  /** RFC 3339. */
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.string().max(64).optional(),
  /** The producer's own number of this event on this call: decimal digits, growing by one from 1. Absent: gaps cannot be seen. */
  sequence: z
    .union([
      z.int().min(1),
      z
        .string()
        .regex(/^[1-9][0-9]{0,14}$/)
        .transform(Number),
    ])
    .optional(),
});

const variants = CALL_EVENT_TYPES.map((type) => Attributes.extend({ type: z.literal(type), data: CALL_EVENT_DATA[type] }));

export type CallEventOf<T extends CallEventType> = {
  readonly [K in T]: Readonly<z.infer<typeof Attributes>> & {
    readonly type: K;
    readonly data: Readonly<z.infer<(typeof CALL_EVENT_DATA)[K]>>;
  };
}[T];
export type CallEvent = CallEventOf<CallEventType>;

/** A call event as a producer sends it. */
export const CallEvent = z.discriminatedUnion('type', variants as never) as unknown as z.ZodType<CallEvent>;

/** Why an event was not taken. Closed: each has a counter, and the producer is told. */
export const REFUSALS = [
  'not-json',
  'too-large',
  'not-a-cloud-event',
  'unknown-type',
  'bad-data',
  'bad-time',
  'unknown-call',
  'call-ended',
  'foreign-call',
  'sequence-reused',
  'sequence-too-far',
  'capture-paused',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Furthest a producer's number may jump ahead before the event is refused instead of waited for. */
export const MAX_SEQUENCE_JUMP = 10_000;

/** What became of one event. `reason` comes with `refused`; `detail` says what to mend, without personal data. */
export const EventReceipt = z.object({
  id: z.string(),
  result: z.enum(['accepted', 'duplicate', 'refused']),
  reason: z.enum(REFUSALS).optional(),
  detail: z.string().optional(),
});
export type EventReceipt = z.infer<typeof EventReceipt>;

/** The milliseconds of an event's own time. */
export const eventAtMs = (event: { readonly time: string }): number => AtMs.parse(Date.parse(event.time));
