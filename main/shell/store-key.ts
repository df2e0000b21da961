/**
 * The key of one person's store: 256 random bits, wrapped by the secret that central gives that person at that device.
 * Whoever has the device's files and its key store, but not the secret, cannot open the store.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import { openBytes, sealBytes } from './sealed-bytes.ts';

/** 64 hexadecimal digits. */
export const newStoreKey = (): string => randomBytes(32).toString('hex');

/** `store` names whose it is: a key wrapped for one store does not open as another's. Base64. */
export function wrapStoreKey(keyHex: string, secretHex: string, store: string): string {
  const wrapping = wrappingKey(secretHex, store);
  const key = Buffer.from(keyHex, 'hex');
  try {
    return sealBytes(wrapping, key, store).toString('base64');
  } finally {
    wrapping.fill(0);
    key.fill(0);
  }
}

/** Null when the secret is another one, or the wrapped key was changed. */
export function unwrapStoreKey(wrapped: string, secretHex: string, store: string): string | null {
  const wrapping = wrappingKey(secretHex, store);
  try {
    const key = openBytes(wrapping, Buffer.from(wrapped, 'base64'), store);
    const hex = key.toString('hex');
    key.fill(0);
    return hex;
  } catch {
    return null;
  } finally {
    wrapping.fill(0);
  }
}

const wrappingKey = (secretHex: string, store: string): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(secretHex, 'hex'), store, 'sotto store key 1', 32));
