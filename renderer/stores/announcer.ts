/** Least time between two announcements: a screen reader shares the agent's headset with the customer. */
export const ANNOUNCE_EVERY_MS = 5_000;

/**
 * Says things in the one polite live region, at most once in 5 s. What comes in between is joined to one
 * sentence: the newest prompt and the newest status, in that order. A prompt that is gone is not said.
 */
export class Announcer {
  readonly #region: HTMLElement;
  #prompt: string | null = null;
  #status: string | null = null;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(region: HTMLElement) {
    this.#region = region;
  }

  /** Null takes back what has not been said yet. */
  prompt(text: string | null): void {
    this.#prompt = text;
    this.#schedule();
  }

  status(text: string): void {
    this.#status = text;
    this.#schedule();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    if (this.#timer !== undefined || (this.#prompt === null && this.#status === null)) return;
    const waitMs = Math.max(0, this.#lastAtMs + ANNOUNCE_EVERY_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const text = [this.#prompt, this.#status].filter((part) => part !== null).join(' ');
      this.#prompt = null;
      this.#status = null;
      if (text === '') return;
      this.#lastAtMs = performance.now();
      this.#region.textContent = text;
    }, waitMs);
  }
}
