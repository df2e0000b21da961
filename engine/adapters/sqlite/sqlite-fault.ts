/** From SQLite's result codes to the closed reasons of the Store port. */
import type { NOT_WRITTEN, Written } from '#ports/store.ts';
import Database from 'better-sqlite3';

type Reason = (typeof NOT_WRITTEN)[number];

const WORDS: Readonly<Record<Reason, string>> = {
  'disk-full': 'The disk is full: nothing can be saved. Free some space; saving goes on by itself.',
  io: 'The disk reported an error while saving. Sotto has to open its store again.',
  corrupt: 'The store is damaged. Sotto has to open it again; ask support if this is shown twice.',
  closed: 'The store is closed.',
};

function reasonOf(code: string): Reason | null {
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

export function notWritten(error: unknown): Exclude<Written, { ok: true }> {
  const reason = error instanceof Database.SqliteError ? reasonOf(error.code) : null;
  if (reason === null) throw error;
  return { ok: false, reason, words: WORDS[reason] };
}
