/** The outbox, device → central: batches whose items are acknowledged one by one, each exactly once at central. */
import { z } from 'zod';
import { CentralHead } from './central-head.ts';
import { CountersignedHead, LedgerHead } from './ledger.ts';
import { Id, Sha256 } from './text.ts';

export const MAX_BATCH_ITEMS = 50;
/** A batch ends before it grows past this, in bytes of JSON; a larger item goes alone by HTTP. */
export const MAX_BATCH_BYTES = 128 * 1024;

export const OutboxItem = z.strictObject({
  /** Position on this device in this epoch, from 1 without holes. */
  seq: z.int().min(1),
  kind: z.enum(['decision', 'repeat', 'outcome']),
  /** Id of the decision, repeat or outcome: central deduplicates by it. */
  id: Id,
  /** SHA-256 of `body`. The same id with another hash is a conflict: the first stays. */
  hash: Sha256,
  /** Canonical JSON of the thing itself. */
  body: z.string().min(2).max(1_000_000),
});
export type OutboxItem = z.infer<typeof OutboxItem>;

/** A head, and at which entry the last one was that central has countersigned as far as this desk knows; 0 = none of this epoch. */
export const StandingHead = z.strictObject({ ...LedgerHead.shape, after: z.int().min(0) });
export type StandingHead = z.infer<typeof StandingHead>;

export const OutboxBatch = z.strictObject({
  protocol: z.literal(1),
  deviceId: Id,
  /** Changes when the device's store was lost or rolled back. */
  epoch: z.string().min(1).max(64),
  items: z.array(OutboxItem).min(1).max(MAX_BATCH_ITEMS),
  /** Where the ledger stands that the items are from, for central to countersign; absent where it does not follow from what central signed. */
  head: StandingHead.optional(),
});
export type OutboxBatch = z.infer<typeof OutboxBatch>;

export const OUTBOX_REFUSALS = ['bad-item', 'hash-mismatch', 'conflict', 'foreign-device', 'too-large'] as const;

export const OutboxReceipt = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      result: z.enum(['stored', 'duplicate', 'refused']),
      /** With `refused`: the item is a dead letter on both sides and is not sent again. */
      reason: z.enum(OUTBOX_REFUSALS).optional(),
    }),
  ),
  /** The last head of this device and epoch that central has countersigned: a new one for a desk that has the one before, else that one. */
  head: CountersignedHead.optional(),
  /** The last head over all desks' ledgers that central has signed. */
  central: CentralHead.optional(),
  /** Nothing of the batch was looked at, because too much came at once: it is to come again after this long. `items` is empty then. */
  retryAfterMs: z.int().min(1).max(60_000).optional(),
  /** Others are in line: when the next batch of this desk has its turn. One that comes earlier may be told to come again. */
  nextAfterMs: z.int().min(1).max(60_000).optional(),
});
export type OutboxReceipt = z.infer<typeof OutboxReceipt>;

/** A repeat: a decision equal to the call's last one, kept in at most 400 bytes. */
export const DecisionRepeat = z.strictObject({
  v: z.literal(1),
  id: Id,
  of: Id,
  callId: Id,
  clock: z.int(),
  atMs: z.int(),
  trigger: z.string().max(64),
});
export type DecisionRepeat = z.infer<typeof DecisionRepeat>;

/** The socket.io event on DESK_NAMESPACE that carries an OutboxBatch and is acknowledged with an OutboxReceipt after the commit. */
export const OUTBOX_EVENT = 'outbox';
/** The same by HTTP POST, for items over the batch limit and for drains without a socket. */
export const OUTBOX_PATH = '/api/outbox';
