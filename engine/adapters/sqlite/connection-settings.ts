/**
 * The settings durability and secrecy hang on. They are set and read back on every open, because SQLite forgets:
 * this build reports synchronous=FULL only on the connection that first switched to WAL, and NORMAL ever after.
 */
import type { Database } from 'better-sqlite3';
import { openVault } from './vault.ts';

/** Authenticates every page: a flipped bit or a swapped page is an error, not another value. */
export const CIPHER = 'chacha20';

const OLDEST_SQLITE = [3, 51, 3] as const;

const WANTED = {
  cipher: CIPHER,
  journal_mode: 'wal',
  synchronous: 2,
  foreign_keys: 1,
  trusted_schema: 0,
  secure_delete: 1,
  locking_mode: 'exclusive',
  temp_store: 2,
  journal_size_limit: 4_194_304,
} as const;

const read = (db: Database, name: string): unknown => db.pragma(name, { simple: true });

/** Hands over the key, of the pages and of what is sealed in them. Nothing may be read before. */
export function unlock(db: Database, keyHex: string): void {
  if (!/^[0-9a-f]{64}$/.test(keyHex)) throw new Error('a database key is 64 lower-case hexadecimal digits');
  db.pragma(`cipher='${CIPHER}'`);
  db.pragma(`key='raw:${keyHex}'`);
  openVault(db, keyHex);
}

/** Sets everything; the first write to the file happens here. */
export function applySettings(db: Database): void {
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('trusted_schema = OFF');
  db.pragma('secure_delete = ON');
  // Sorting and spilling never reach the disk unencrypted.
  db.pragma('temp_store = MEMORY');
  // A log that one large write made long does not stay long.
  db.pragma(`journal_size_limit = ${WANTED.journal_size_limit}`);
}

/** What is in force now, as SQLite says it. */
export function readSettings(db: Database): Readonly<Record<keyof typeof WANTED | 'sqlite', unknown>> {
  const names = Object.keys(WANTED) as (keyof typeof WANTED)[];
  const found = Object.fromEntries(names.map((name) => [name, read(db, name)])) as Record<keyof typeof WANTED, unknown>;
  return { ...found, sqlite: db.prepare('select sqlite_version()').pluck().get() };
}

/** In words, what is not as it must be; null when all is. */
export function wrongSettings(found: Readonly<Record<string, unknown>>): string | null {
  const wrong = Object.entries(WANTED)
    .filter(([name, value]) => found[name] !== value)
    .map(([name, value]) => `${name} is ${String(found[name])} instead of ${value}`);
  const version = String(found['sqlite']).split('.').map(Number);
  const older = OLDEST_SQLITE.findIndex((part, index) => (version[index] ?? 0) !== part);
  if (older >= 0 && (version[older] ?? 0) < (OLDEST_SQLITE[older] ?? 0)) {
    wrong.push(`SQLite is ${String(found['sqlite'])} instead of ${OLDEST_SQLITE.join('.')} or newer`);
  }
  return wrong.length === 0 ? null : wrong.join(', ');
}
