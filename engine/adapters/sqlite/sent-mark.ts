/**
 * How far the outbox was ever sent, kept beside the database: when an older copy of the database is put back, its
 * numbers are behind this mark, and a new epoch must begin before one of them is used for something else.
 * Written before a batch leaves, so that central can never know a number this file does not.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface SentMark {
  readonly epoch: string;
  readonly seq: number;
}

/** Null when there is none or it cannot be read: the store then counts as rolled back. */
export function readSentMark(file: string): SentMark | null {
  try {
    const [epoch, seq] = readFileSync(file, 'utf8').trim().split(' ');
    const number = Number(seq);
    return epoch && Number.isSafeInteger(number) ? { epoch, seq: number } : null;
  } catch {
    // Missing or unreadable mean the same to the caller.
    return null;
  }
}

export function writeSentMark(file: string, mark: SentMark): void {
  writeFileSync(`${file}.new`, `${mark.epoch} ${mark.seq}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
