/** What was refused for good, on record here as on the device. */
import type { Tx } from '../store/open-store.ts';

export interface Burial {
  readonly deviceId: string;
  readonly epoch: string;
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly hash: string;
  readonly reason: string;
  readonly detail: string;
  /** Of a conflict: what stays. */
  readonly firstHash: string | null;
  readonly atMs: number;
}

/** Their content stays on the device alone: here it was never fit to be stored. */
export async function bury(tx: Tx, burials: readonly Burial[]): Promise<void> {
  if (burials.length === 0) return;
  await tx
    .insertInto('dead_letters')
    .values(
      burials.map(({ deviceId, epoch, id, seq, kind, hash, reason, detail, firstHash, atMs }) => ({
        device_id: deviceId,
        epoch,
        seq,
        item_id: id,
        kind,
        hash,
        reason,
        detail,
        first_hash: firstHash,
        at_ms: atMs,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
