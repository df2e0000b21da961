/** Enrolled devices: each has a key of its own, made on it and never sent. */
import { createHash, createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import type { Query, Store } from '../store/open-store.ts';

export type Enrolled = { readonly ok: true; readonly deviceId: string } | { readonly ok: false; readonly reason: 'revoked' };

/** An ed25519 key in DER (SPKI), base64. Null when it is anything else. */
export function publicKeyOf(base64: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

export const isSignedBy = (key: KeyObject, text: string, signature: string): boolean =>
  verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64'));

/** A key that was enrolled before keeps its name; one that was revoked is not taken again. `by`: the person who did it. */
export async function enrol(db: Query, key: KeyObject, by: string | null, nowMs: number): Promise<Enrolled> {
  const der = key.export({ format: 'der', type: 'spki' });
  const deviceId = `device-${createHash('sha256').update(der).digest('hex').slice(0, 32)}`;
  await db
    .insertInto('devices')
    .values({ device_id: deviceId, public_key: der.toString('base64'), enrolled_at_ms: nowMs, revoked_at_ms: null, enrolled_by: by })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await deviceKey(db, deviceId)) === null ? { ok: false, reason: 'revoked' } : { ok: true, deviceId };
}

/** Null when there is no such device, or it was revoked. */
export async function deviceKey(db: Query, deviceId: string): Promise<KeyObject | null> {
  const row = await activeDevices(db, [deviceId]).select('public_key').executeTakeFirst();
  return row === undefined ? null : publicKeyOf(row.public_key);
}

export const activeDevices = (db: Query, deviceIds: readonly string[]) =>
  db
    .selectFrom('devices')
    .where('device_id', 'in', [...deviceIds])
    .where('revoked_at_ms', 'is', null);

/** From now on it may not speak, and the stores on it cannot be opened again with central's help. False when it is not known. */
export async function revokeDevice(store: Store, deviceId: string, nowMs: number): Promise<boolean> {
  return await store.transaction(async (tx) => {
    const row = await tx
      .updateTable('devices')
      .set({ revoked_at_ms: nowMs })
      .where('device_id', '=', deviceId)
      .returning('device_id')
      .executeTakeFirst();
    await tx.deleteFrom('desk_secrets').where('device_id', '=', deviceId).execute();
    return row !== undefined;
  });
}

/** The secret of a person at a device, made when it is first asked for: 256 bits, hexadecimal. */
export async function deskSecret(db: Query, personId: string, deviceId: string, nowMs: number): Promise<string> {
  await db
    .insertInto('desk_secrets')
    .values({ person_id: personId, device_id: deviceId, secret: randomBytes(32).toString('hex'), made_at_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await db
    .selectFrom('desk_secrets')
    .select('secret')
    .where('person_id', '=', personId)
    .where('device_id', '=', deviceId)
    .executeTakeFirstOrThrow();
  return row.secret;
}
