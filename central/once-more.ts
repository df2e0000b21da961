/** Work that is never done twice at once: asked for meanwhile, it is done once more, and whoever asked waits for that. */
export class OnceMore {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | null = null;
  #isWanted = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Rejects when the work does. */
  run(): Promise<void> {
    this.#isWanted = true;
    this.#running ??= this.#repeat().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #repeat(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.#work();
    }
  }
}
