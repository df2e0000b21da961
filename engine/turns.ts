/**
 * One thing after another: every event, answer, timer and message is a turn that runs to its end before the next begins.
 * Nothing can come between a check and what is done because of it, though scoring takes its time.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` after all turns taken before it. Rejects as `work` does; later turns run all the same. */
  take<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn;
    return turn;
  }

  /** Resolves when no turn is left, those taken meanwhile included. */
  async idle(): Promise<void> {
    for (let last: Promise<unknown> | null = null; last !== this.#last; ) {
      last = this.#last;
      // Whoever took the turn hears of its failure; here it only counts that it is over.
      await last.catch(() => undefined);
    }
  }
}
