/** What accepting an action asks of the system of record, and its answer. CloudEvents 1.0 both ways; the request is signed. */
import { z } from 'zod';
import { AtMs, Id, Sha256, Slug } from './text.ts';

export const ACTION_REQUESTED = 'sotto.action.requested';
export const ACTION_ACTED = 'sotto.action.acted';
export const ACTION_FAILED = 'sotto.action.failed';

/** Header that carries the signature: `ed25519=<base64>` over the body's bytes. */
export const SIGNATURE_HEADER = 'sotto-signature';

export const ActionRequest = z.strictObject({
  /** The outcome's id: the idempotency key, also sent as the `idempotency-key` header and as the event's id. */
  outcomeId: Id,
  decisionId: Id,
  callId: Id,
  customerId: Id.nullable(),
  actionId: Slug,
  request: z.strictObject({ kind: Slug, amount: z.number().optional() }),
  significant: z.boolean(),
  /** Without it a significant request is refused. */
  approvalId: Id.optional(),
  /** What was approved, and by whom: people, in the order in which they said so. With `approvalId`. */
  approval: z
    .strictObject({
      /** SHA-256 of the canonical JSON of what was asked (contract/approval.ts, Asked). */
      askedHash: Sha256,
      treatmentId: Slug,
      recordHash: Sha256.nullable(),
      approvedBy: z.array(Id).max(20),
      /** Who let it through alone; null: nobody had to. */
      brokenBy: Id.nullable(),
      atMs: AtMs,
    })
    .optional(),
  expiresAtMs: AtMs,
});
export type ActionRequest = z.infer<typeof ActionRequest>;

export const ActionAnswer = z.strictObject({ outcomeId: Id, detail: z.string().max(200).optional() });
export type ActionAnswer = z.infer<typeof ActionAnswer>;
