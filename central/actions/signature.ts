/** Signs what leaves for the system of record, and checks such a signature. */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

const PREFIX = 'ed25519=';

/** The value of SIGNATURE_HEADER for a body. */
export const signBody = (body: string, key: KeyObject): string => PREFIX + sign(null, Buffer.from(body), key).toString('base64');

/** For receivers: whether the header was made over exactly this body by the holder of the key. */
export function verifyBody(body: string | Uint8Array, header: string, publicKeyPem: string): boolean {
  if (!header.startsWith(PREFIX)) return false;
  return verify(null, Buffer.from(body), createPublicKey(publicKeyPem), Buffer.from(header.slice(PREFIX.length), 'base64'));
}

export const publicPem = (key: KeyObject): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
