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
