/** What is known about a customer on the device: a slice of fields, consents and what was done before. */
import { z } from 'zod';
import { AtMs, Id, LanguageTag, Slug } from './text.ts';

/** The closed list of what can become of a prompt, in the field's own words. Contact limits count `seen`. */
export const OUTCOME_KINDS = [
  'offered',
  'delivered',
  'seen',
  'accepted',
  'rejected',
  'snoozed',
  'overridden',
  'expired',
  'superseded',
  'withdrawn',
  'retracted',
  'acted',
  'not-acted',
  'customer-accepted',
  'customer-declined',
  'complaint',
  'opt-out',
  'resolved',
  'churned',
] as const;
export const OutcomeKind = z.enum(OUTCOME_KINDS);
export type OutcomeKind = z.infer<typeof OutcomeKind>;

export const CHANNELS = ['voice', 'email', 'sms', 'letter', 'app', 'web', 'chat', 'visit'] as const;
export const Channel = z.enum(CHANNELS);
export type Channel = z.infer<typeof Channel>;

/** A purpose's name; which purposes there are, and their lawful basis, is policy. */
export const Purpose = Slug;

/** A field's value. Absent = unknown. Times are ISO 8601 strings in profiles and milliseconds inside the core. */
export const FieldValue = z.union([z.boolean(), z.number(), z.string().max(256), z.array(z.string().max(64)).max(64)]);
export type FieldValue = z.infer<typeof FieldValue>;

/** Field values by the name after `profile.`; a field whose value does not fit its declared type counts as unknown. */
export const ProfileFields = z.record(z.string().max(64), FieldValue.nullable());
export type ProfileFields = z.infer<typeof ProfileFields>;

export const Consent = z.object({
  purpose: Purpose,
  granted: z.boolean(),
  /** When the customer said so. */
  atMs: AtMs,
});
export type Consent = z.infer<typeof Consent>;

/** One thing that was done with or to the customer: an outcome of an action, or a contact without one. */
export const Interaction = z.object({
  kind: OutcomeKind,
  channel: Channel,
  atMs: AtMs,
  actionId: Slug.optional(),
});
export type Interaction = z.infer<typeof Interaction>;

export const MAX_CONSENTS = 64;
export const MAX_HISTORY = 500;

export const ProfileSlice = z.object({
  customerId: Id,
  /** Grows with each change; an older one never replaces a newer one. */
  version: z.int().min(1),
  /** When central read it. The device's copy is fresh until the field's own `maxAgeHours`. */
  asOfMs: AtMs,
  /** What the agent calls the customer. Personal; never in a record, a log or a metric. */
  displayName: z.string().max(80),
  language: LanguageTag,
  fields: ProfileFields,
  consents: z.array(Consent).max(MAX_CONSENTS),
  /** Newest last, at most the last 400 days. */
  history: z.array(Interaction).max(MAX_HISTORY),
});
export type ProfileSlice = z.infer<typeof ProfileSlice>;
