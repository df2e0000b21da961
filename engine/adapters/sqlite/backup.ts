/**
 * A copy of a store under the same key, and putting one back. A copy that is put back is older than what the anchor
 * beside the store knows: the next open numbers it anew and closes its gates, so nothing of it is used twice.
 */
import { closeSync, copyFileSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database, { type Database as Connection } from 'better-sqlite3';
import { assertWhole, Damaged } from './begin-epoch.ts';
import { unlock } from './connection-settings.ts';
import { STORE_FILE } from './open-store.ts';
import { faultOf } from './sqlite-fault.ts';
import { asideName, asidePath } from './set-aside.ts';
import type { SqliteStore } from './sqlite-store.ts';
import { syncFolder } from './sync-folder.ts';

export type BackedUp = { readonly ok: true } | { readonly ok: false; readonly words: string };

/** `aside`: where the store that was there is now; null when there was none. */
export type Restored = { readonly ok: true; readonly aside: string | null } | { readonly ok: false; readonly words: string };

const NOT_WHOLE = 'The backup is damaged, or was made with another key. Take another one; nothing was changed.';

/** Writes a copy to a new file; it is under that name only when it is whole and on the disk. */
export function takeBackup(store: SqliteStore, file: string, keyHex: string): BackedUp {
  // Never as it was typed: SQLite would take `file:` for an address, and what stands in one could end in a file name.
  const target = resolve(file);
  if (existsSync(target)) return { ok: false, words: `${target} is there already. Name another file; a backup is never overwritten.` };
  if (!statSync(dirname(target), { throwIfNoEntry: false })?.isDirectory()) {
    return { ok: false, words: `${dirname(target)} is no folder. Name a file in one that is there.` };
  }
  const part = `${target}.part`;
  rmSync(part, { force: true });
  try {
    const copied = store.copyTo(part);
    if (!copied.ok) return copied;
    if (!isWhole(part, keyHex))
      return { ok: false, words: 'The copy could not be read back, so there is no backup. Try again on another disk.' };
    syncFile(part);
    renameSync(part, target);
    syncFolder(dirname(target));
    return { ok: true };
  } catch (error) {
    if (faultOf(error) === null) throw error;
    return {
      ok: false,
      words: `The backup could not be written to ${dirname(target)}. Check that the disk has room and may be written to.`,
    };
  } finally {
    rmSync(part, { force: true });
  }
}

/** Puts a backup in the place of a store that is not open. What was there is renamed, never deleted. */
export function restoreBackup(file: string, folder: string, keyHex: string, nowMs: number): Restored {
  if (!existsSync(file)) return { ok: false, words: `${file} is not there.` };
  if (!isWhole(file, keyHex)) return { ok: false, words: NOT_WHOLE };
  const fresh = `${folder}.restoring`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  copyFileSync(file, join(fresh, STORE_FILE));
  syncFile(join(fresh, STORE_FILE));
  syncFolder(fresh);
  const aside = existsSync(folder) ? asideName(folder, 'before-restore', nowMs) : null;
  if (aside !== null) renameSync(folder, asidePath(folder, aside));
  renameSync(fresh, folder);
  syncFolder(dirname(folder));
  return { ok: true, aside };
}

function isWhole(file: string, keyHex: string): boolean {
  let db: Connection | undefined;
  try {
    db = new Database(file, { readonly: true });
    unlock(db, keyHex);
    if (db.prepare("select 1 from sqlite_schema where name = 'ledger'").get() === undefined) return false;
    assertWhole(db);
    return true;
  } catch (error) {
    if (error instanceof Damaged || error instanceof Database.SqliteError) return false;
    throw error;
  } finally {
    db?.close();
  }
}

function syncFile(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
