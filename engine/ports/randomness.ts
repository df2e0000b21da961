/** Where ids, seeds and hashes come from. */
export interface Randomness {
  /** 32 bits, unguessable. */
  seed(): number;
  /** 0 inclusive to 1 exclusive; for jitter. */
  unit(): number;
  uuid(): string;
}

/** SHA-256 as 64 lower-case hexadecimal digits. */
export type Sha256 = (bytes: Uint8Array) => string;

/** Whether an ed25519 signature (base64) of these bytes was made with the private half of a public key (32 bytes, base64). */
export type VerifySignature = (publicKey: string, bytes: Uint8Array, signature: string) => boolean;
