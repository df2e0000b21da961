/** A real encrypted store in a folder of its own, removed afterwards. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMigrations } from '#adapters/sqlite/migrations.ts';
import { type Opened, openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';

export const MIGRATIONS = readMigrations(fileURLToPath(new URL('../../migrations/desktop', import.meta.url)));
export const KEY = '0123456789abcdef'.repeat(4);
export const NOW_MS = Date.UTC(2025, 5, 2, 9);

export class Scratch implements Disposable {
  readonly #home = mkdtempSync(join(tmpdir(), 'sotto-store-'));
  /** The anchor and what is set aside lie beside it. */
  readonly folder = join(this.#home, 'store');
  readonly #open: SqliteStore[] = [];

  constructor() {
    mkdirSync(this.folder);
  }

  tryOpen(keyHex = KEY, migrations = MIGRATIONS): Opened {
    const opened = openSqliteStore({ folder: this.folder, keyHex, migrations, nowMs: NOW_MS });
    if (opened.ok) this.#open.push(opened.store);
    return opened;
  }

  open(): SqliteStore {
    const opened = this.tryOpen();
    if (!opened.ok) throw new Error(opened.words);
    return opened.store;
  }

  [Symbol.dispose](): void {
    for (const store of this.#open) store.close();
    rmSync(this.#home, { recursive: true });
  }
}
