/** A desk's own store and central as places to look revisions, models and records up in. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CentralHttp } from '#adapters/socket/central-http.ts';
import { readMigrations } from '#adapters/sqlite/migrations.ts';
import { openSqliteStore, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { THROW_AWAY_KEY_FILE } from '#main/shell/database-key.ts';
import type { Sent } from '#ports/link.ts';
import type { Shelf } from './sources.ts';

const MIGRATIONS = path.join(import.meta.dirname, '..', '..', '..', 'migrations', 'desktop');
/** What `sotto replay-calls --store` keeps its store with. */
const ZEROS = '0'.repeat(64);

export interface StoreShelf extends Shelf {
  /** The record as it was written; null when it is not there. */
  record(id: string): string | null;
  close(): void;
}

/** The key of a store: the file given, the demonstration's beside or above it, else zeros. Throws where the file given cannot be read. */
const keyOf = (folder: string, keyFile: string | undefined): string => {
  if (keyFile !== undefined) return readFileSync(keyFile, 'utf8').trim();
  const near = [folder, path.join(folder, '..', '..')]
    .map((place) => path.join(place, THROW_AWAY_KEY_FILE))
    .find((file) => existsSync(file));
  return near === undefined ? ZEROS : readFileSync(near, 'utf8').trim();
};

/** In words why the store cannot be opened. */
export const storeShelf = (folder: string, keyFile: string | undefined, nowMs: number): StoreShelf | string => {
  // Opening would make one.
  if (!existsSync(path.join(folder, STORE_FILE))) return `${folder} holds no store (${STORE_FILE})`;
  const keyHex = keyOf(folder, keyFile);
  if (!/^[0-9a-f]{64}$/.test(keyHex)) return `${keyFile ?? THROW_AWAY_KEY_FILE} holds no key of 64 hexadecimal digits`;
  const opened = openSqliteStore({ folder, keyHex, migrations: readMigrations(MIGRATIONS), nowMs });
  if (!opened.ok) return opened.words;
  const { store } = opened;
  return {
    name: `the store in ${folder}`,
    revision: async (hash) => store.revision(hash),
    model: async (hash) => store.model(hash),
    record: (id) => store.decisionRecord(id),
    close: () => store.close(),
  };
};

/** What central cannot be asked for counts as not there; why it could not goes to `note`. */
export const centralShelf = (url: string, token: string, note: (words: string) => void): Shelf => {
  const http = new CentralHttp(
    url,
    () => token,
    () => note('central refused the token: get a new one'),
  );
  const body = <T>(sent: Sent<T>): T | null => {
    if (sent.ok) return sent.body;
    note(sent.words);
    return null;
  };
  return {
    name: `central at ${url}`,
    revision: async (hash) => body(await http.revision(hash)),
    model: async (hash) => body(await http.model(hash)),
  };
};
