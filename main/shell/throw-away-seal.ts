/** The demonstration's seal where there is no key store: AES-256-GCM with a key in a file that only the user can read. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InWords } from '#contract/fault.ts';
import type { Seal } from './seal.ts';
import { openBytes, sealBytes } from './sealed-bytes.ts';

/** Where a demonstration keeps its unprotected key: 256 bits, hexadecimal. */
export const THROW_AWAY_KEY_FILE = 'throw-away.key';

/** The key is made the first time. */
export function throwAwaySeal(folder: string): Seal {
  const file = path.join(folder, THROW_AWAY_KEY_FILE);
  try {
    writeFileSync(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new InWords(`${THROW_AWAY_KEY_FILE} in this app's folder cannot be written`, { cause });
  }
  const key = throwAwayKey(folder);
  return {
    seal: async (text) => sealBytes(key, Buffer.from(text, 'utf8')),
    open: async (sealed) => ({ text: openBytes(key, sealed).toString('utf8'), renew: false }),
  };
}

export const throwAwayKey = (folder: string): Buffer => Buffer.from(readFileSync(path.join(folder, THROW_AWAY_KEY_FILE), 'utf8'), 'hex');
