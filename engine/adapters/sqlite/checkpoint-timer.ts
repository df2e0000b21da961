/** Calls back once after a length of real time; returns what cancels it. */
export type After = (ms: number, call: () => void) => () => void;

/** What was committed leaves the log for the database within this. */
export const AFTER_COMMIT_MS = 30_000;
/** What was deleted is gone from the log within this. */
export const AFTER_DELETION_MS = 5_000;

/** One pending checkpoint at most, at the earliest of the times asked for. */
export class CheckpointTimer {
  readonly #after: After;
  readonly #checkpoint: () => void;
  #pending: { readonly withinMs: number; readonly cancel: () => void } | null = null;

  constructor(after: After, checkpoint: () => void) {
    this.#after = after;
    this.#checkpoint = checkpoint;
  }

  within(ms: number): void {
    // A wait under way that is as short as this one ends before it.
    if (this.#pending !== null && this.#pending.withinMs <= ms) return;
    this.stop();
    const cancel = this.#after(ms, () => {
      this.#pending = null;
      this.#checkpoint();
    });
    this.#pending = { withinMs: ms, cancel };
  }

  stop(): void {
    this.#pending?.cancel();
    this.#pending = null;
  }
}
