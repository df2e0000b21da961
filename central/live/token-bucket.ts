/** So many a second, over bursts of twice as many. Time is given, in milliseconds of any steady clock. */
export class TokenBucket {
  readonly #perS: number;
  #tokens: number;
  #atMs: number;

  constructor(perS: number, nowMs: number) {
    this.#perS = perS;
    this.#tokens = perS * 2;
    this.#atMs = nowMs;
  }

  /** False when there were too many. */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.#perS * 2, this.#tokens + ((nowMs - this.#atMs) / 1_000) * this.#perS);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
