/** Opens the store of a desk that is not running, for a command. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readMigrations } from '#adapters/sqlite/migrations.ts';
import { type Opened, openSqliteStore, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { demonstrationKey } from '#main/shell/demonstration-key.ts';

const MIGRATIONS = path.join(import.meta.dirname, '..', '..', '..', 'migrations', 'desktop');
/** What `sotto replay-calls --store` keeps its store with. */
const ZEROS = '0'.repeat(64);

/** The key of a store: the file given, the demonstration's own, else zeros. Throws where the file given cannot be read. */
export const storeKey = (folder: string, keyFile: string | undefined): string =>
  keyFile === undefined ? (demonstrationKey(folder) ?? ZEROS) : readFileSync(keyFile, 'utf8').trim();

export type OpenedStore = Opened | { readonly ok: false; readonly reason: 'no-store' | 'no-key'; readonly words: string };

export const openStore = (folder: string, keyFile: string | undefined, nowMs: number): OpenedStore => {
  // Opening would make one.
  if (!existsSync(path.join(folder, STORE_FILE))) {
    return { ok: false, reason: 'no-store', words: `${folder} holds no store (${STORE_FILE})` };
  }
  const keyHex = storeKey(folder, keyFile);
  if (!/^[0-9a-f]{64}$/.test(keyHex)) {
    return { ok: false, reason: 'no-key', words: `${keyFile} holds no key of 64 hexadecimal digits` };
  }
  return openSqliteStore({ folder, keyHex, migrations: readMigrations(MIGRATIONS), nowMs });
};
