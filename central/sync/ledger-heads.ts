/**
 * Countersigns where a desk's ledger stands. Central does not have the salts, so it cannot compute the chain; it holds the desk to what
 * it said. A new head is signed only for a desk that has the last one, which it checks against its own chain: so a store that was put
 * back is told what it no longer holds before anything of it is signed, and a lost receipt costs one batch more.
 */
import { sql } from 'kysely';
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

export interface Said extends Whose {
  readonly head: StandingHead;
}

/** To be called while the devices' rows are locked: one batch of a device at a time, in the order they came. One answer for each. */
export async function noteHeads(tx: Tx, key: SigningKey, said: readonly Said[]): Promise<readonly HeadNoted[]> {
  const lasts = await lastHeads(tx, said);
  const added: CountersignedHead[] = [];
  const noted: HeadNoted[] = [];
  for (const {
    deviceId,
    epoch,
    atMs,
    head: { after, ...head },
  } of said) {
    const last = lasts.get(storeKey(deviceId, epoch)) ?? null;
    // A head of a former key proves nothing to a desk that trusts it no longer.
    const isBehind = after !== (last?.entries ?? 0) && (last === null || last.keyId === key.id);
    if (isBehind || head.entries <= (last?.entries ?? 0)) {
      const known = await hashAt(tx, deviceId, epoch, head.entries, added);
      noted.push({ last, contradicted: known === null || known === head.hash ? null : known });
      continue;
    }
    const text = { deviceId, epoch, ...head, atMs };
    const signed = { ...text, keyId: key.id, ed25519: key.sign(Buffer.from(headText(text), 'utf8')) };
    added.push(signed);
    lasts.set(storeKey(deviceId, epoch), signed);
    noted.push({ last: signed, contradicted: null });
  }
  if (added.length > 0)
    await tx
      .insertInto('ledger_heads')
      .values(
        added.map(({ deviceId, epoch, entries, hash, atMs, keyId, ed25519 }) => ({
          device_id: deviceId,
          epoch,
          entries,
          hash,
          at_ms: atMs,
          key_id: keyId,
          signature: ed25519,
        })),
      )
      .execute();
  return noted;
}

const storeKey = (deviceId: string, epoch: string): string => JSON.stringify([deviceId, epoch]);

async function lastHeads(tx: Tx, said: readonly Whose[]): Promise<Map<string, CountersignedHead>> {
  const { rows } = await sql<Tables['ledger_heads']>`
    select last.* from (
      select distinct device_id, epoch from unnest(${said.map(({ deviceId }) => deviceId)}::text[], ${said.map(({ epoch }) => epoch)}::text[])
        as asked (device_id, epoch)
    ) as asked
    cross join lateral (
      select * from ledger_heads where ledger_heads.device_id = asked.device_id and ledger_heads.epoch = asked.epoch
      order by entries desc limit 1
    ) as last`.execute(tx);
  return new Map(rows.map((row) => [storeKey(row.device_id, row.epoch), headOf(row)]));
}

async function hashAt(
  tx: Tx,
  deviceId: string,
  epoch: string,
  entries: number,
  added: readonly CountersignedHead[],
): Promise<string | null> {
  const own = added.find((head) => head.deviceId === deviceId && head.epoch === epoch && head.entries === entries);
  if (own !== undefined) return own.hash;
  const row = await tx
    .selectFrom('ledger_heads')
    .select('hash')
    .where('device_id', '=', deviceId)
    .where('epoch', '=', epoch)
    .where('entries', '=', entries)
    .executeTakeFirst();
  return row?.hash ?? null;
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
