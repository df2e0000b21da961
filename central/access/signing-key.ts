/** Central's ed25519 key under the name that desks know it by. Each kind of text it signs begins otherwise, so that none can be mistaken for another. */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';

/** The 32 bytes of an ed25519 key are the last of its SPKI. */
const RAW_BYTES = 32;

export class SigningKey {
  /** The first 16 hexadecimal digits of the SHA-256 of the public key. */
  readonly id: string;
  /** 32 bytes, base64. */
  readonly publicKey: string;
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES);
    this.#key = key;
    this.publicKey = raw.toString('base64');
    this.id = createHash('sha256').update(raw).digest('hex').slice(0, 16);
  }

  /** Base64. */
  sign(bytes: Uint8Array): string {
    return sign(null, bytes, this.#key).toString('base64');
  }
}
