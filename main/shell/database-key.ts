/** The store's 256-bit key: made once, kept wrapped by the operating system's key store. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { SafeStorage } from 'electron';

type KeyStore = Pick<SafeStorage, 'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'>;

/** Where a demonstration keeps its unprotected key. */
export const THROW_AWAY_KEY_FILE = 'throw-away.key';
/** Where the key is kept as the key store wrapped it. */
export const KEY_FILE = 'database.key';

export type DatabaseKey =
  | {
      readonly ok: true;
      readonly key: string /** True when nothing but file permissions protects it (demonstration). */;
      readonly throwAway: boolean;
    }
  | { readonly ok: false; readonly words: string };

/**
 * The key as 64 hexadecimal digits, from `folder`, made there the first time.
 *
 * Without a real key store (none, or Linux's `basic_text`, which keeps the wrapping password in the program)
 * personal data is not stored: the answer is words for the person at the machine. Only a demonstration, which holds
 * no real person's data, goes on with a throw-away key in a file that only the user can read.
 */
export async function databaseKey(
  safeStorage: KeyStore,
  folder: string,
  demonstration: boolean,
  platform: NodeJS.Platform,
): Promise<DatabaseKey> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const protectedStore =
    (await safeStorage.isAsyncEncryptionAvailable()) && (platform !== 'linux' || isProtected(safeStorage.getSelectedStorageBackend()));
  if (!protectedStore) {
    if (!demonstration) {
      return {
        ok: false,
        words:
          'This computer has no unlocked key store, so customer data cannot be kept safe here. Unlock or install one (on Linux: GNOME Keyring or KWallet), then start Sotto again.',
      };
    }
    const file = path.join(folder, THROW_AWAY_KEY_FILE);
    const kept = (await readIfThere(file))?.toString('utf8');
    const key = kept ?? newKey();
    if (kept === undefined) await writeWhole(file, Buffer.from(key, 'utf8'));
    return { ok: true, key, throwAway: true };
  }
  const file = path.join(folder, KEY_FILE);
  const wrapped = await readIfThere(file);
  if (wrapped === undefined) {
    const key = newKey();
    await writeWhole(file, await safeStorage.encryptStringAsync(key));
    return { ok: true, key, throwAway: false };
  }
  try {
    const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(wrapped);
    if (shouldReEncrypt) await writeWhole(file, await safeStorage.encryptStringAsync(result));
    return { ok: true, key: result, throwAway: false };
  } catch (cause) {
    return {
      ok: false,
      words: `The key of this computer's data can no longer be read (${cause instanceof Error ? cause.name : 'unknown'}). The data was not touched. Ask support to restore the key store, or to enrol this computer again.`,
    };
  }
}

const isProtected = (backend: string): boolean => backend !== 'basic_text' && backend !== 'unknown';
const newKey = (): string => randomBytes(32).toString('hex');

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Written beside, forced to disk and renamed: after a crash there is the old key or the new one, never half of one. */
async function writeWhole(file: string, bytes: Buffer): Promise<void> {
  const beside = `${file}.new`;
  const handle = await open(beside, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}
