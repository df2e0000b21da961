/** Opens the encrypted store of one signed-in person, or says in words why it cannot be opened. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { applySettings, readSettings, unlock, wrongSettings } from './connection-settings.ts';
import { type Migration, migrate } from './migrations.ts';
import { readSentMark, writeSentMark } from './sent-mark.ts';
import { SqliteStore } from './sqlite-store.ts';

export interface OpenOptions {
  /** Must exist. The database, its log and the sent mark live in it. */
  readonly folder: string;
  /** 256 bits, hexadecimal. */
  readonly keyHex: string;
  readonly migrations: readonly Migration[];
  readonly nowMs: number;
}

export const OPEN_FAILURES = ['unreadable', 'locked', 'unreachable', 'unsafe-settings', 'newer-schema', 'changed-migration'] as const;

export type Opened =
  | { readonly ok: true; readonly store: SqliteStore }
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

export function openSqliteStore(options: OpenOptions): Opened {
  let db: Database | undefined;
  try {
    // No waiting for a lock: whoever has it keeps it as long as it lives.
    db = new Database(join(options.folder, STORE_FILE), { timeout: 0 });
    unlock(db, options.keyHex);
    applySettings(db);
    const wrong = wrongSettings(readSettings(db));
    if (wrong !== null) {
      db.close();
      return { ok: false, reason: 'unsafe-settings', words: `The store would not be safe: ${wrong}. Install Sotto again.` };
    }
    const migrated = migrate(db, options.migrations, options.nowMs);
    if (!migrated.ok) {
      db.close();
      return migrated;
    }
    const markFile = join(options.folder, 'sent-mark');
    settleEpoch(db, markFile);
    return { ok: true, store: new SqliteStore(db, markFile) };
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError) {
      const reason = PREFIXES.find(([prefix]) => error.code.startsWith(prefix))?.[1];
      if (reason) return { ok: false, reason, words: WORDS[reason] };
    }
    if (error instanceof TypeError && error.message.includes('directory does not exist')) {
      return { ok: false, reason: 'unreachable', words: WORDS.unreachable };
    }
    throw new Error('opening the store failed', { cause: error });
  }
}

/** A new store begins an epoch; one that is behind what was sent begins another, and what it has unsent is numbered anew. */
function settleEpoch(db: Database, markFile: string): void {
  const device = db.prepare<[], { epoch: string; last_seq: number }>('select epoch, last_seq from device').get();
  if (!device) {
    const epoch = randomUUID();
    db.prepare('insert into device (id, epoch, last_seq, clock, head) values (1, ?, 0, 0, ?)').run(epoch, '0'.repeat(64));
    writeSentMark(markFile, { epoch, seq: 0 });
    return;
  }
  const mark = readSentMark(markFile);
  if (mark !== null && mark.epoch === device.epoch && mark.seq <= device.last_seq) return;
  const epoch = randomUUID();
  db.transaction(() => {
    const unsent = db.prepare<[], { pos: number }>('select pos from outbox order by seq').all();
    db.prepare('delete from outbox').run();
    const insert = db.prepare('insert into outbox (seq, pos) values (?, ?)');
    unsent.forEach(({ pos }, index) => insert.run(index + 1, pos));
    db.prepare('update device set epoch = ?, last_seq = ?').run(epoch, unsent.length);
  }).immediate();
  writeSentMark(markFile, { epoch, seq: 0 });
}
