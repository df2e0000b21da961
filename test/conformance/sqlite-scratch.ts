/** A real encrypted store in a folder of its own, removed afterwards. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database, { type Database as Connection } from 'better-sqlite3';
import { unlock } from '#adapters/sqlite/connection-settings.ts';
import { readMigrations } from '#adapters/sqlite/migrations.ts';
import { type Opened, openSqliteStore, type OpenOptions, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';

export const MIGRATIONS = readMigrations(fileURLToPath(new URL('../../migrations/desktop', import.meta.url)));
export const KEY = '0123456789abcdef'.repeat(4);
export const NOW_MS = Date.UTC(2025, 5, 2, 9);

/** Nothing here has to survive a power cut, and a test does not wait for a disk that others are using. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export class Scratch implements Disposable {
  protected readonly home = mkdtempSync(join(PLACE, 'sotto-store-'));
  /** The anchor and what is set aside lie beside it. */
  readonly folder = join(this.home, 'store');
  /** What a reader was told of damage. */
  readonly told: string[] = [];
  protected readonly stores: SqliteStore[] = [];

  readonly #more: Pick<OpenOptions, 'after'>;

  /** With `after` the store empties its log in time, as at a desk. */
  constructor(more: Pick<OpenOptions, 'after'> = {}) {
    this.#more = more;
    mkdirSync(this.folder);
  }

  tryOpen(keyHex = KEY, migrations = MIGRATIONS): Opened {
    const onCorrupt = (words: string): void => void this.told.push(words);
    const opened = openSqliteStore({ folder: this.folder, keyHex, migrations, nowMs: NOW_MS, onCorrupt, ...this.#more });
    if (opened.ok) this.stores.push(opened.store);
    return opened;
  }

  open(): SqliteStore {
    const opened = this.tryOpen();
    if (!opened.ok) throw new Error(opened.words);
    return opened.store;
  }

  /** Opens the closed store from outside. */
  inside<T>(work: (db: Connection) => T): T {
    const db = new Database(join(this.folder, STORE_FILE));
    try {
      unlock(db, KEY);
      return work(db);
    } finally {
      db.close();
    }
  }

  close(): void {
    for (const store of this.stores.splice(0)) store.close();
  }

  [Symbol.dispose](): void {
    this.close();
    rmSync(this.home, { recursive: true });
  }
}
