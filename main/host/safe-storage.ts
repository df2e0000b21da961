/**
 * `safeStorage`, the asynchronous API, over a key file in the app's data folder. A file beside the data protects
 * nothing, so the backend is `basic_text`, which Sotto refuses. Tests choose another one to see what an app does with it.
 */
import type { SafeStorage } from 'electron';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type StorageBackend = ReturnType<SafeStorage['getSelectedStorageBackend']>;

/** `none`: no store at all, so that encryption is not available. */
export type ChosenBackend = Exclude<StorageBackend, 'unknown'> | 'none';

const version = Buffer.from('v10');
const [ivBytes, tagBytes, keyBytes] = [12, 16, 32];
const backends: readonly ChosenBackend[] = ['basic_text', 'gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6', 'none'];

function isBackend(name: string): name is ChosenBackend {
  return (backends as readonly string[]).includes(name);
}

export function createSafeStorage(isReady: () => boolean, dataFolder: () => string, initial: string | undefined) {
  if (initial !== undefined && !isBackend(initial))
    throw new Error(`electron stand-in: ${initial} is no storage backend; use one of ${backends.join(', ')}`);
  let backend: ChosenBackend = initial ?? 'basic_text';

  const key = (): Buffer => {
    const file = join(dataFolder(), 'stand-in-storage-key');
    try {
      return readFileSync(file);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      const made = randomBytes(keyBytes);
      mkdirSync(dataFolder(), { recursive: true });
      writeFileSync(file, made, { mode: 0o600, flag: 'wx' });
      return made;
    }
  };
  const requireAvailable = (operation: string): void => {
    if (!isReady()) throw new Error(`safeStorage.${operation} can be called only after app is ready`);
    if (backend === 'none') throw new Error(`Error while calling safeStorage.${operation}. Encryption is not available.`);
  };

  const safeStorage = {
    getSelectedStorageBackend: () => (isReady() && backend !== 'none' ? backend : 'unknown'),
    isAsyncEncryptionAvailable: async () => isReady() && backend !== 'none',
    encryptStringAsync: async (plainText) => {
      requireAvailable('encryptStringAsync');
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key(), iv);
      const text = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final()]);
      return Buffer.concat([version, iv, cipher.getAuthTag(), text]);
    },
    decryptStringAsync: async (encrypted) => {
      requireAvailable('decryptStringAsync');
      const iv = encrypted.subarray(version.length, version.length + ivBytes);
      const tag = encrypted.subarray(version.length + ivBytes, version.length + ivBytes + tagBytes);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key(), iv, { authTagLength: tagBytes });
        decipher.setAuthTag(tag);
        const text = Buffer.concat([decipher.update(encrypted.subarray(version.length + ivBytes + tagBytes)), decipher.final()]);
        return { result: text.toString('utf8'), shouldReEncrypt: false };
      } catch (cause) {
        throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync.', { cause });
      }
    },
  } satisfies Pick<SafeStorage, 'getSelectedStorageBackend' | 'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync'>;

  return {
    safeStorage,
    /** A lever of tests. */
    choose: (chosen: ChosenBackend) => {
      backend = chosen;
    },
  };
}
