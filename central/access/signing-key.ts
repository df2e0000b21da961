/** Ed25519 keys under the names that desks know them by. Each kind of text that is signed begins otherwise, so that none can be mistaken for another. */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** The 32 bytes of an ed25519 key are the last of its SPKI. */
const RAW_BYTES = 32;

export class PublicKey {
  /** The first 16 hexadecimal digits of the SHA-256 of the 32 bytes. */
  readonly id: string;
  /** 32 bytes, base64. */
  readonly publicKey: string;
  readonly #key: KeyObject;

  /** A private key gives its public half. */
  constructor(key: KeyObject) {
    this.#key = key.type === 'public' ? key : createPublicKey(key);
    const raw = this.#key.export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES);
    this.publicKey = raw.toString('base64');
    this.id = createHash('sha256').update(raw).digest('hex').slice(0, 16);
  }

  /** Whether the signature (base64) of these bytes was made with the private half. */
  verifies(bytes: Uint8Array, signature: string): boolean {
    return verify(null, bytes, this.#key, Buffer.from(signature, 'base64'));
  }
}

export class SigningKey extends PublicKey {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    super(key);
    this.#key = key;
  }

  /** Base64. */
  sign(bytes: Uint8Array): string {
    return sign(null, bytes, this.#key).toString('base64');
  }
}
