/** Refresh tokens of those who are signed in at this desk, each in a file sealed by the system's key store; in main and nowhere else. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { storeName } from '../../engine-process/store-folder.ts';
import type { Seal } from '../seal.ts';
import { readSealed, writeSealed } from '../sealed-file.ts';

const Kept = z.strictObject({ v: z.literal(1), issuer: z.string(), token: z.string(), signedInAtMs: z.int() });
export type KeptRefresh = z.infer<typeof Kept>;

export class RefreshTokens {
  readonly #seal: Seal;
  readonly #userData: string;

  /** People's folder is there. */
  constructor(seal: Seal, userData: string) {
    this.#seal = seal;
    this.#userData = userData;
  }

  /** Null: there is none, or nothing opens it any more. */
  async find(personId: string): Promise<KeptRefresh | null> {
    return (await readSealed(this.#seal, this.#file(personId), Kept).catch(() => undefined)) ?? null;
  }

  /** On disk before it resolves: the one before it is worth nothing already. */
  keep(personId: string, issuer: string, token: string, signedInAtMs: number): Promise<void> {
    return writeSealed(this.#seal, this.#file(personId), { v: 1, issuer, token, signedInAtMs } satisfies KeptRefresh);
  }

  forget(personId: string): Promise<void> {
    return rm(this.#file(personId), { force: true });
  }

  #file(personId: string): string {
    return path.join(this.#userData, 'people', `${storeName(personId)}.refresh`);
  }
}
