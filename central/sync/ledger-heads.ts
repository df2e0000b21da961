/**
 * Countersigns where a desk's ledger stands. Central does not have the salts, so it cannot compute the chain; it holds the desk to what
 * it said. A new head is signed only for a desk that has the last one, which it checks against its own chain: so a store that was put
 * back is told what it no longer holds before anything of it is signed, and a lost receipt costs one batch more.
 */
import { type CountersignedHead, headText } from '#contract/ledger.ts';
import type { StandingHead } from '#contract/sync.ts';
import type { SigningKey } from '../access/signing-key.ts';
import type { Query, Tx } from '../store/open-store.ts';
import type { Tables } from '../store/tables.ts';

/** Of which device and epoch a head is, and when it came. */
interface Whose {
  readonly deviceId: string;
  readonly epoch: string;
  readonly atMs: number;
}

export interface HeadNoted {
  /** The last countersigned of this device and epoch, the new one if it was; null = none was, and this one does not begin it. */
  readonly last: CountersignedHead | null;
  /** The hash that was countersigned at the same entry, where it is another. */
  readonly contradicted: string | null;
}

/** To be called while the device's row is locked: one batch of a device at a time. */
export async function noteHead(tx: Tx, key: SigningKey, { after, ...head }: StandingHead, whose: Whose): Promise<HeadNoted> {
  const { deviceId, epoch, atMs } = whose;
  const ofThis = tx.selectFrom('ledger_heads').selectAll().where('device_id', '=', deviceId).where('epoch', '=', epoch);
  const row = await ofThis.orderBy('entries', 'desc').limit(1).executeTakeFirst();
  const last = row === undefined ? null : headOf(row);
  // A head of a former key proves nothing to a desk that trusts it no longer.
  const isBehind = after !== (last?.entries ?? 0) && (last === null || last.keyId === key.id);
  if (isBehind || head.entries <= (last?.entries ?? 0)) {
    const known = await ofThis.where('entries', '=', head.entries).executeTakeFirst();
    return { last, contradicted: known === undefined || known.hash === head.hash ? null : known.hash };
  }
  const text = { deviceId, epoch, ...head, atMs };
  const signed = { ...text, keyId: key.id, ed25519: key.sign(Buffer.from(headText(text), 'utf8')) };
  await tx
    .insertInto('ledger_heads')
    .values({ device_id: deviceId, epoch, ...head, at_ms: atMs, key_id: signed.keyId, signature: signed.ed25519 })
    .execute();
  return { last: signed, contradicted: null };
}

/** Every head of a device, oldest epoch's first as far as times tell. A ledger must pass through all of its epoch. */
export async function readHeads(db: Query, deviceId: string): Promise<readonly CountersignedHead[]> {
  const rows = await db
    .selectFrom('ledger_heads')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('at_ms')
    .orderBy('entries')
    .execute();
  return rows.map(headOf);
}

const headOf = (row: Tables['ledger_heads']): CountersignedHead => ({
  deviceId: row.device_id,
  epoch: row.epoch,
  entries: row.entries,
  hash: row.hash,
  atMs: row.at_ms,
  keyId: row.key_id,
  ed25519: row.signature,
});
