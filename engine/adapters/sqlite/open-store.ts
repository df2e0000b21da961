/** Opens the encrypted store of one signed-in person, or says in words why it cannot be opened. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InWords } from '#contract/fault.ts';
import Database from 'better-sqlite3';
import { applySettings, readSettings, unlock, wrongSettings } from './connection-settings.ts';
import { type Migration, migrate } from './migrations.ts';
import { Anchor } from './anchor.ts';
import { AnchoredConnection } from './anchored-connection.ts';
import { assertWhole, beginEpoch, Damaged, lastSalvage, type Salvaged } from './begin-epoch.ts';
import type { After } from './checkpoint-timer.ts';
import { DiskReserve } from './disk-reserve.ts';
import { asidePath, setAside } from './set-aside.ts';
import { faultOf, isDamage } from './sqlite-fault.ts';
import { SqliteStore } from './sqlite-store.ts';

export interface OpenOptions {
  /** Must exist. The database and its log live in it; the anchor and what was set aside lie beside it. */
  readonly folder: string;
  /** 256 bits, hexadecimal. */
  readonly keyHex: string;
  readonly migrations: readonly Migration[];
  readonly nowMs: number;
  /** Told once, in words, when a read or a write meets damage or the disk fails: the store has to be closed and opened again. */
  readonly onCorrupt?: (words: string) => void;
  /** With it, what was committed leaves the log for the database in time; without, SQLite does so as it sees fit. */
  readonly after?: After;
  /** Customers that were erased: of those this database still knows, all goes before anything is read of it. */
  readonly erased?: readonly string[];
  /** Room kept on the disk so that sending and erasing go on when it is full; none by default. */
  readonly reserveBytes?: number;
}

export const OPEN_FAILURES = ['unreadable', 'locked', 'unreachable', 'unsafe-settings', 'newer-schema', 'changed-migration'] as const;

export type Opened =
  /** `salvaged`: what became of a damaged or older database within the last day; null when nothing was wrong. */
  | { readonly ok: true; readonly store: SqliteStore; readonly salvaged: Salvaged | null }
  | { readonly ok: false; readonly reason: (typeof OPEN_FAILURES)[number]; readonly words: string };

const WORDS = {
  unreadable: 'The store cannot be read: it is damaged or was made with another key. It was left as it is; ask support before removing it.',
  locked: 'The store is in use by another Sotto on this computer. Close that one first.',
  unreachable: 'The store cannot be opened. Check that its folder exists and may be written to, and that the disk is not full.',
} as const;

const PREFIXES: readonly (readonly [string, keyof typeof WORDS])[] = [
  ['SQLITE_NOTADB', 'unreadable'],
  ['SQLITE_CORRUPT', 'unreadable'],
  ['SQLITE_BUSY', 'locked'],
  ['SQLITE_LOCKED', 'locked'],
  ['SQLITE_CANTOPEN', 'unreachable'],
  ['SQLITE_READONLY', 'unreachable'],
  ['SQLITE_IOERR', 'unreachable'],
  ['SQLITE_PERM', 'unreachable'],
  ['SQLITE_FULL', 'unreachable'],
];

/** File name of the database inside its folder. */
export const STORE_FILE = 'sotto.db';

const NEVER: After = () => () => undefined;

const TOLD_FOR_MS = 24 * 60 * 60 * 1_000;

/** Beside the store's folder, so that whoever puts an older folder back leaves it as it is. */
export const anchorFile = (folder: string): string => `${folder}.anchor`;

/** A database that is damaged is set aside, and what only it had is saved into a new one. With another key it is left as it is. */
export function openSqliteStore(options: OpenOptions): Opened {
  const first = open(options);
  return first.ok !== 'damaged' ? first : afterSettingAside(options);
}

function afterSettingAside(options: OpenOptions): Opened {
  const anchor = new Anchor(anchorFile(options.folder), options.keyHex);
  try {
    setAside(options.folder, anchor, options.nowMs);
  } finally {
    anchor.close();
  }
  const second = open(options);
  return second.ok !== 'damaged' ? second : { ok: false, reason: 'unreadable', words: WORDS.unreadable };
}

function open(options: OpenOptions): Opened | { readonly ok: 'damaged' } {
  const { folder, keyHex, nowMs, migrations } = options;
  let db: Database | undefined;
  let anchor: Anchor | undefined;
  const close = (): void => {
    db?.close();
    anchor?.close();
  };
  try {
    // No waiting for a lock: whoever has it keeps it as long as it lives.
    db = new Database(join(folder, STORE_FILE), { timeout: 0 });
    unlock(db, keyHex);
    applySettings(db);
    const wrong = wrongSettings(readSettings(db));
    if (wrong !== null) {
      close();
      return { ok: false, reason: 'unsafe-settings', words: `The store would not be safe: ${wrong}. Install Sotto again.` };
    }
    // Not before the lock is ours: another process may still have been writing it.
    anchor = new Anchor(anchorFile(folder), keyHex);
    lookAtSuspect(db, anchor, folder);
    const migrated = migrate(db, migrations, nowMs);
    if (!migrated.ok) {
      close();
      return migrated;
    }
    // What a migration put in another form does not stay in the log in the old one.
    if (migrated.applied > 0) db.pragma('wal_checkpoint(TRUNCATE)');
    const gates = beginEpoch(db, anchor, { folder, storeFile: STORE_FILE, keyHex, nowMs });
    const salvaged = lastSalvage(db, nowMs - TOLD_FOR_MS);
    const connection = new AnchoredConnection({
      db,
      anchor,
      gates,
      reserve: new DiskReserve(join(folder, 'reserve'), options.reserveBytes ?? 0),
      after: options.after ?? NEVER,
      onFault: options.onCorrupt ?? (() => undefined),
    });
    const store = new SqliteStore(connection);
    const { erased = [] } = options;
    if (erased.some((customerId) => !store.isErased({ customerId }))) {
      const written = store.erase(erased, nowMs);
      if (!written.ok) {
        store.close();
        return { ok: false, reason: 'unreachable', words: written.words };
      }
      connection.checkpoint();
    }
    return { ok: true, store, salvaged };
  } catch (error) {
    db?.close();
    try {
      if (isOurs(error, (anchor ??= new Anchor(anchorFile(folder), keyHex)))) return { ok: 'damaged' };
    } catch (ofAnchor) {
      return notOpened(ofAnchor);
    } finally {
      anchor?.close();
    }
    return notOpened(error);
  }
}

/** Throws Damaged where an earlier open or a reader met a fault that is still there, or setting aside was interrupted. */
function lookAtSuspect(db: Database, anchor: Anchor, folder: string): void {
  const { state } = anchor;
  if (state === null) return;
  if (state.setAside !== null && !existsSync(asidePath(folder, state.setAside))) throw new Damaged('setting it aside was interrupted');
  if (!state.isSuspect || state.setAside !== null) return;
  assertWhole(db);
  anchor.write({ ...state, isSuspect: false }, 'synced');
}

/** Whether this is damage to a store of this key, which only the anchor can tell. A disk that fails is given a second chance. */
function isOurs(error: unknown, anchor: Anchor): boolean {
  const { state } = anchor;
  if (state === null || !(error instanceof Damaged || isDamage(error))) return false;
  const isDisk = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_IOERR');
  if (!isDisk || state.isSuspect) return true;
  anchor.write({ ...state, isSuspect: true }, 'synced');
  return false;
}

function notOpened(error: unknown): Opened {
  if (error instanceof Database.SqliteError) {
    const reason = PREFIXES.find(([prefix]) => error.code.startsWith(prefix))?.[1];
    if (reason) return { ok: false, reason, words: WORDS[reason] };
  }
  const isAnchorOrReserve = faultOf(error) !== null;
  if (isAnchorOrReserve || (error instanceof TypeError && error.message.includes('directory does not exist'))) {
    return { ok: false, reason: 'unreachable', words: WORDS.unreachable };
  }
  throw new InWords('opening the store failed', { cause: error });
}
