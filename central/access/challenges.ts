/** Numbers used once: what a device signs to prove that it asks now. */
import { randomBytes } from 'node:crypto';

const GOOD_FOR_MS = 60_000;
/** Whoever asks for more at once pushes the oldest out. */
const MOST = 10_000;

/** Kept in memory: they belong to the development issuer, which runs in one process. */
export class Challenges {
  readonly #nowMs: () => number;
  readonly #untilMs = new Map<string, number>();

  /** `nowMs`: any clock that only goes forwards. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  issue(): string {
    const challenge = randomBytes(24).toString('base64url');
    this.#untilMs.set(challenge, this.#nowMs() + GOOD_FOR_MS);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > MOST && oldest !== undefined) this.#untilMs.delete(oldest);
    return challenge;
  }

  /** True the first time, while it is good. */
  take(challenge: string): boolean {
    const untilMs = this.#untilMs.get(challenge);
    this.#untilMs.delete(challenge);
    return untilMs !== undefined && this.#nowMs() <= untilMs;
  }
}
