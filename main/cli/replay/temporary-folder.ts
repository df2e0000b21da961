/** A folder that is thrown away: in memory where there is room, because a replay commits every event durably and a disk makes it wait each time. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';

const IN_MEMORY = '/dev/shm';
/** Measured: the store takes about 5 KB an event, a line about 450 bytes, gzip a tenth of that. */
const STORE_PER_BYTE = 12;
const STORE_PER_GZIPPED_BYTE = 120;
const LEAST_BYTES = 64 * 1024 * 1024;

const hasRoom = (bytes: number): boolean => {
  if (!existsSync(IN_MEMORY)) return false;
  try {
    accessSync(IN_MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return Math.min(bavail * bsize, freemem()) > 2 * bytes;
  } catch {
    // Not writable, or no such thing on this system: the disk does as well, only slower.
    return false;
  }
};

/** A new empty folder for the store of a replay of this file; the caller deletes it. */
export const temporaryFolder = (file: string): Promise<string> => {
  const bytes = statSync(file).size * (file.endsWith('.gz') ? STORE_PER_GZIPPED_BYTE : STORE_PER_BYTE) + LEAST_BYTES;
  return mkdtemp(path.join(hasRoom(bytes) ? IN_MEMORY : tmpdir(), 'sotto-replay-'));
};
