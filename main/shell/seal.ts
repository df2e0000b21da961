/** What is kept on this computer for Sotto's own use is sealed: by the operating system's key store, or, in a demonstration without one, by a throw-away key. */
import { mkdir } from 'node:fs/promises';
import type { SafeStorage } from 'electron';
import { throwAwaySeal } from './throw-away-seal.ts';

type KeyStore = Pick<SafeStorage, 'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'>;

export interface Seal {
  seal(text: string): Promise<Buffer>;
  /** `renew`: the key store wants it sealed anew. Rejects when it cannot be read. */
  open(sealed: Buffer): Promise<{ readonly text: string; readonly renew: boolean }>;
}

export type OpenedSeal =
  | {
      readonly ok: true;
      readonly seal: Seal /** True when nothing but file permissions protects it (demonstration). */;
      readonly throwAway: boolean;
    }
  | { readonly ok: false; readonly words: string };

/**
 * Without a real key store (none, or Linux's `basic_text`, which keeps the wrapping password in the program)
 * personal data is not stored: the answer is words for the person at the machine. Only a demonstration, which holds
 * no real person's data, goes on with a throw-away key in a file in `folder` that only the user can read.
 */
export async function openSeal(
  safeStorage: KeyStore,
  folder: string,
  demonstration: boolean,
  platform: NodeJS.Platform,
): Promise<OpenedSeal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const isProtected =
    (await safeStorage.isAsyncEncryptionAvailable()) && (platform !== 'linux' || isReal(safeStorage.getSelectedStorageBackend()));
  if (isProtected) {
    const seal: Seal = {
      seal: (text) => safeStorage.encryptStringAsync(text),
      async open(sealed) {
        const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(sealed);
        return { text: result, renew: shouldReEncrypt };
      },
    };
    return { ok: true, seal, throwAway: false };
  }
  if (demonstration) return { ok: true, seal: throwAwaySeal(folder), throwAway: true };
  return {
    ok: false,
    words:
      'This computer has no unlocked key store, so customer data cannot be kept safe here. Unlock or install one (on Linux: GNOME Keyring or KWallet), then start Sotto again.',
  };
}

const isReal = (backend: string): boolean => backend !== 'basic_text' && backend !== 'unknown';
