/** Looks into a closed store from outside, changing nothing: for checks that must not take the engine's word. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { unlock } from './connection-settings.ts';
import { STORE_FILE } from './open-store.ts';

/** Ids of all ledger entries of a kind, oldest first. Throws when the store is not there or cannot be read with this key. */
export function ledgerIds(folder: string, keyHex: string, kind: 'decision' | 'repeat' | 'outcome'): readonly string[] {
  const db = new Database(join(folder, STORE_FILE), { readonly: true });
  try {
    unlock(db, keyHex);
    return db
      .prepare<[string], { id: string }>('select id from ledger where kind = ? order by pos')
      .all(kind)
      .map(({ id }) => id);
  } finally {
    db.close();
  }
}
