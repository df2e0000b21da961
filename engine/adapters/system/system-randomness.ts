import { hash, randomBytes, randomUUID } from 'node:crypto';
import type { Randomness, Sha256 } from '#ports/randomness.ts';

export const systemRandomness: Randomness = {
  seed: () => randomBytes(4).readUInt32LE(),
  unit: () => randomBytes(6).readUIntLE(0, 6) / 2 ** 48,
  uuid: () => randomUUID(),
};

export const sha256: Sha256 = (bytes) => hash('sha256', bytes);
