/** Runs what belongs to one key one after the other, in the order it was given; different keys side by side. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#tails.set(key, mine);
    const tidy = () => {
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
    };
    mine.then(tidy, tidy);
    return mine;
  }

  /** Fulfilled when everything given so far is done, however it ended. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#tails.values());
  }
}
