/** Keys of central's own that need no file: from its signing key, which all nodes have, one for each purpose. */
import { createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto';

/** 256 bits. */
export function derivedKey(signingKey: KeyObject, purpose: string): Buffer {
  const secret = signingKey.export({ format: 'der', type: 'pkcs8' });
  return Buffer.from(hkdfSync('sha256', secret, '', `sotto-central-1 ${purpose}`, 32));
}

/** What an ed25519 private key's PKCS 8 begins with, before its 32 bytes (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An ed25519 private key. */
export const derivedSigningKey = (signingKey: KeyObject, purpose: string): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, derivedKey(signingKey, purpose)]), format: 'der', type: 'pkcs8' });
