/** Waits between attempts: any length up to a limit that doubles, so that two thousand desks do not come back at one moment. */
export class FullJitter {
  readonly #random: () => number;
  #attempt = 0;

  /** `random` gives 0 inclusive to 1 exclusive. */
  constructor(random: () => number) {
    this.#random = random;
  }

  nextMs(): number {
    const limitMs = Math.min(3_000, 200 * 2 ** this.#attempt);
    this.#attempt += 1;
    return this.#random() * limitMs;
  }

  reset(): void {
    this.#attempt = 0;
  }
}
