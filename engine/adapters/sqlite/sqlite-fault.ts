/** From SQLite's result codes to the closed reasons of the Store port. */
import type { NOT_WRITTEN, Written } from '#ports/store.ts';
import Database from 'better-sqlite3';

type Reason = (typeof NOT_WRITTEN)[number];
type Refused = Exclude<Written, { ok: true }>;

const WORDS: Readonly<Record<Reason, string>> = {
  'disk-full': 'The disk is full: nothing can be saved. Free some space; saving goes on by itself.',
  io: 'The disk reported an error while saving. Sotto has to open its store again.',
  corrupt: 'The store is damaged. Sotto has to open it again; ask support if this is shown twice.',
  closed: 'The store is closed.',
};

/** Of SQLite and of the anchor's file. */
function reasonOf(code: string): Reason | null {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'disk-full';
  if (code === 'EIO' || code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return 'io';
  if (code.startsWith('SQLITE_FULL')) return 'disk-full';
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY')) return 'io';
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) return 'corrupt';
  return null;
}

/** Runs a write. What the disk can do to it becomes a value; anything else is our own mistake and is thrown on. */
export function attempt(write: () => void): Written {
  try {
    write();
    return { ok: true };
  } catch (error) {
    return notWritten(error);
  }
}

function notWritten(error: unknown): Refused {
  const reason = faultOf(error);
  if (reason === null) throw error;
  return refused(reason);
}

export const refused = (reason: Reason): Refused => ({ ok: false, reason, words: WORDS[reason] });

/** Null: not the disk's doing but a mistake of ours. */
export function faultOf(error: unknown): Reason | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? reasonOf(code) : null;
}

/** The file cannot be read, or what is read is not what was written. */
export function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(error.code);
}
