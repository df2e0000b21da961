/** Every core that ever decided, for records to be decided again with the one they name. */
import { createHash } from 'node:crypto';
import type { Query } from '../store/open-store.ts';

/** Keeps a bundled core; one that is there stays. Returns its hash, as records name it. */
export async function keepCore(db: Query, source: Uint8Array, nowMs: number): Promise<string> {
  const hash = createHash('sha256').update(source).digest('hex');
  await db
    .insertInto('cores')
    .values({ hash, source, kept_at_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return hash;
}

export async function readCore(db: Query, hash: string): Promise<Uint8Array | null> {
  const row = await db.selectFrom('cores').select('source').where('hash', '=', hash).executeTakeFirst();
  return row?.source ?? null;
}
