/** Calls that changed hands: the receiving desk waits until the former one's answers are in, wherever that one is connected, but not long. */
export class Handovers {
  readonly #waitMs: number;
  readonly #waiting = new Map<string, { readonly done: Promise<void>; readonly end: () => void }>();

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  begin(callId: string): void {
    this.end(callId);
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = (): void => {
      clearTimeout(timer);
      if (this.#waiting.get(callId)?.end === end) this.#waiting.delete(callId);
      resolve();
    };
    const timer = setTimeout(end, this.#waitMs);
    this.#waiting.set(callId, { done: promise, end });
  }

  /** The former desk's answers are in. */
  end(callId: string): void {
    this.#waiting.get(callId)?.end();
  }

  /** Null: nothing is waited for. */
  doneOf(callId: string): Promise<void> | null {
    return this.#waiting.get(callId)?.done ?? null;
  }
}
