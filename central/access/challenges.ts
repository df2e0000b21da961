/** Numbers used once: what a device signs to prove that it asks now. Any node takes what another issued, and only one of them. */
import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Query } from '../store/open-store.ts';
import { derivedKey } from './derived-key.ts';

const GOOD_FOR_MS = 60_000;
const RANDOM_BYTES = 16;
const TIME_BYTES = 6;
const MAC_BYTES = 16;

export class Challenges {
  readonly #key: Buffer;
  readonly #db: Query;
  readonly #nowMs: () => number;

  /** `signingKey`: the one that all nodes have. `nowMs`: this computer's clock. */
  constructor(signingKey: KeyObject, db: Query, nowMs: () => number) {
    this.#key = derivedKey(signingKey, 'challenges');
    this.#db = db;
    this.#nowMs = nowMs;
  }

  issue(): string {
    const body = Buffer.alloc(RANDOM_BYTES + TIME_BYTES);
    randomBytes(RANDOM_BYTES).copy(body);
    body.writeUIntBE(this.#nowMs() + GOOD_FOR_MS, RANDOM_BYTES, TIME_BYTES);
    return Buffer.concat([body, this.#mac(body)]).toString('base64url');
  }

  /** True the first time, while it is good. */
  async take(challenge: string): Promise<boolean> {
    const bytes = Buffer.from(challenge, 'base64url');
    if (bytes.length !== RANDOM_BYTES + TIME_BYTES + MAC_BYTES || bytes.toString('base64url') !== challenge) return false;
    const body = bytes.subarray(0, RANDOM_BYTES + TIME_BYTES);
    if (!timingSafeEqual(this.#mac(body), bytes.subarray(body.length))) return false;
    const untilMs = body.readUIntBE(RANDOM_BYTES, TIME_BYTES);
    const nowMs = this.#nowMs();
    if (nowMs > untilMs) return false;
    await this.#db
      .deleteFrom('spent_challenges')
      .where('until_ms', '<', nowMs - GOOD_FOR_MS)
      .execute();
    const spent = await this.#db
      .insertInto('spent_challenges')
      .values({ challenge, until_ms: untilMs })
      .onConflict((conflict) => conflict.doNothing())
      .returning('challenge')
      .executeTakeFirst();
    return spent !== undefined;
  }

  #mac(body: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(body).digest().subarray(0, MAC_BYTES);
  }
}
