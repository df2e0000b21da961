/**
 * One situation to decide about, outside a live call: what `sotto decide` reads, one JSON object a line.
 *
 * Everything may be left out. Defaults are the plainest call there is: one that is active since `atMs`, of a verified
 * customer where a profile is given and of an unknown caller where none is, with nothing said, shown or answered. Nothing
 * defaults to the wall clock or to chance, so that a request always gives the same decision.
 */
import { z } from 'zod';
import { Speaker } from './call-events.ts';
import { Outcome } from './outcome.ts';
import { ExperienceLevel } from './policy.ts';
import { Channel, FieldValue, Interaction, ProfileFields, Purpose } from './profile.ts';
import { AtMs, FreeText, Id, LanguageTag, Sha256, Slug } from './text.ts';

/** When a request that names no moment is decided: 2026-01-01T00:00:00Z. */
export const DEFAULT_AT_MS = 1_767_225_600_000;

const RequestConsent = z.strictObject({
  purpose: Purpose,
  granted: z.boolean(),
  /** When the customer said so; the profile's `asOfMs`, or on the call `atMs`. */
  atMs: AtMs.optional(),
});

const RequestProfile = z.strictObject({
  /** `customer` where it is left out. */
  customerId: Id.optional(),
  version: z.int().min(1).optional(),
  /** When central read it; the request's `atMs`. */
  asOfMs: AtMs.optional(),
  displayName: z.string().max(80).optional(),
  language: LanguageTag.optional(),
  /** Values by the name after `profile.`; times are ISO 8601 text. Absent or null = unknown. */
  fields: ProfileFields.optional(),
  consents: z.array(RequestConsent).max(64).optional(),
  /** What was done with the customer before, on whatever channel. */
  history: z.array(z.strictObject(Interaction.shape)).max(500).optional(),
});

const RequestUtterance = z.strictObject({
  speaker: Speaker,
  text: FreeText,
  /** When it ended; the request's `atMs`. */
  atMs: AtMs.optional(),
  utteranceId: Id.optional(),
  /** Milliseconds since the call was connected. */
  startMs: z.int().min(0).max(86_400_000).optional(),
  endMs: z.int().min(0).max(86_400_000).optional(),
  /** What a model of text takes the customer to be about here, and how sure it is (1); null where it refuses, left out where none read it. */
  intent: z.string().min(1).max(64).nullable().optional(),
  confidence: z.number().min(0).max(1).optional(),
});

const RequestCall = z.strictObject({
  /** `call-` and the request's id. */
  callId: Id.optional(),
  phase: z.enum(['offered', 'ringing', 'active', 'held', 'wrap-up', 'ended']).optional(),
  /** The profile's customer; null for a caller nobody knows. */
  customerId: Id.nullable().optional(),
  /** `verified` where there is a customer, else `unknown`. */
  identity: z.enum(['unknown', 'asserted', 'verified']).optional(),
  direction: z.enum(['inbound', 'outbound']).optional(),
  queue: z.string().max(64).nullable().optional(),
  queueWaiting: z.int().min(0).max(100_000).nullable().optional(),
  /** What the call is held in; the request's `language` decides wordings. */
  language: LanguageTag.nullable().optional(),
  /** What the customer chose before reaching an agent. */
  ivr: z.array(z.string().max(64)).max(16).optional(),
  offeredAtMs: AtMs.nullable().optional(),
  /** The request's `atMs`; null before an agent took the call. */
  connectedAtMs: AtMs.nullable().optional(),
  endedAtMs: AtMs.nullable().optional(),
  endReason: z.string().max(64).nullable().optional(),
  holds: z.int().min(0).max(10_000).optional(),
  transfers: z.int().min(0).max(10_000).optional(),
  capturePaused: z.boolean().optional(),
  /** Final utterances in their order. */
  utterances: z.array(RequestUtterance).max(5_000).optional(),
  /** The model that told the utterances' intents, by hash; sixty-four zeros. */
  understoodBy: Sha256.optional(),
  /** Consents given or withdrawn on this call; they outrank the profile's. */
  consents: z.array(RequestConsent).max(64).optional(),
  /** Profile fields changed on this call, and the version of that change. */
  fields: z.record(z.string().max(64), FieldValue.nullable()).optional(),
  profileVersion: z.int().min(1).nullable().optional(),
  /** The current step per journey. */
  journeys: z.record(z.string().max(64), z.string().max(64)).optional(),
  /** Contacts made through other channels while the call ran. */
  contacts: z.array(z.strictObject(Interaction.shape)).max(500).optional(),
  /** Events of the call are missing: what was not heard may have been said. */
  eventsMissing: z.boolean().optional(),
});

/** What became of a prompt earlier; what is left out follows from the request. One prompt an action unless `decisionId` says otherwise. */
const RequestOutcome = Outcome.partial().required({ kind: true, actionId: true });

export const DecisionRequest = z.strictObject({
  /** The decision's id; `request-` and the number of the line. */
  id: Id.optional(),
  /** The moment of the decision; DEFAULT_AT_MS. */
  atMs: AtMs.optional(),
  /** 32 bits: what chance is drawn from. 0. */
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  /** The device's logical clock. 1. */
  clock: z.int().min(0).optional(),
  channel: Channel.optional(),
  /** What wordings are wanted in; the policy's own. */
  language: LanguageTag.optional(),
  agentId: Id.optional(),
  /** Where the agent works: what experiments by site assign by. Unknown where it is left out. */
  siteId: Id.optional(),
  deviceId: Id.optional(),
  /** The agent's experience: `standard`. */
  level: ExperienceLevel.optional(),
  trigger: z
    .union([
      z.strictObject({ kind: z.literal('event'), seq: z.int().min(1), type: z.string().max(64) }),
      z.strictObject({ kind: z.literal('answer'), outcomeId: Id }),
      z.strictObject({ kind: z.enum(['timer', 'resumed', 'request']) }),
    ])
    .optional(),
  /** Null: nothing is known of the customer. */
  profile: RequestProfile.nullable().optional(),
  call: RequestCall.optional(),
  /** What became of the prompts of this call so far, in their order. */
  outcomes: z.array(RequestOutcome).max(500).optional(),
  /** When central was last heard; the request's `atMs`. */
  centralHeardAtMs: AtMs.optional(),
  /** Actions that are excluded in an emergency. */
  excluded: z.array(Slug).max(500).optional(),
  /** How much of each scarce thing was used up, as central said last. */
  usage: z
    .array(z.strictObject({ constraintId: Slug, used: z.number().min(0), asOfMs: AtMs.optional() }))
    .max(500)
    .optional(),
  /** The agent asked for quiet on this call. */
  quiet: z.boolean().optional(),
  /** Who is speaking right now. */
  speaking: z.strictObject({ by: Speaker, sinceMs: AtMs.optional() }).nullable().optional(),
  /** When anybody last stopped speaking; null = nobody has spoken. */
  silentSinceMs: AtMs.nullable().optional(),
  /** A prompt has been held back for a pause in speech since then. */
  heldSinceMs: AtMs.nullable().optional(),
  /**
   * Propensities by action that a model outside the core gave, instead of running it: its manifest still says how much
   * evidence they rest on. An action that is not named is not known to it.
   */
  propensities: z.record(Slug, z.number().min(0).max(1)).optional(),
});
export type DecisionRequest = z.infer<typeof DecisionRequest>;
