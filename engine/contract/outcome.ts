/** What became of a prompt. Undo is a second outcome (`retracted`), never a deletion. */
import { z } from 'zod';
import { RejectReason } from './policy.ts';
import { Channel, OutcomeKind } from './profile.ts';
import { AtMs, FreeText, Id, Slug } from './text.ts';

export const Outcome = z.strictObject({
  /** A UUID made on the device: the key everything downstream deduplicates by. */
  id: Id,
  kind: OutcomeKind,
  decisionId: Id,
  callId: Id,
  /** Null for an unknown caller. */
  customerId: Id.nullable(),
  agentId: Id,
  deviceId: Id,
  actionId: Slug,
  treatmentId: Slug,
  channel: Channel,
  /** The place it was shown in. */
  role: z.enum(['primary', 'chip', 'none']),
  atMs: AtMs,
  /** Logical clock of the device: orders its outcomes whatever the wall clock does. */
  clock: z.int().min(0),
  /** With `rejected` (optional) and `overridden`. */
  reason: RejectReason.optional(),
  /** With `overridden`: the action the agent took instead. */
  chosenActionId: Slug.optional(),
  /** The agent's own words, only in wrap-up. Redacted before it is stored. */
  note: FreeText.optional(),
  /** With `snoozed`: until when. */
  untilMs: AtMs.optional(),
  /** With `retracted`: the outcome taken back. */
  retracts: Id.optional(),
  /** With `expired`: whether it had been seen. */
  seen: z.boolean().optional(),
});
export type Outcome = z.infer<typeof Outcome>;
