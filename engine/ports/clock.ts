/** Time as the engine knows it. With a virtual clock it moves only when it is told to; timers then fire in order of their time. */
export interface Clock {
  /** Milliseconds since 1970 by the clock decisions go by. */
  nowMs(): number;
  /** Milliseconds of real time since some fixed moment, for measuring. Comparable to the renderer's `performance.timeOrigin + performance.now()`. */
  realMs(): number;
  /** Calls back once at or after `atMs` of `nowMs`; returns what cancels it. */
  at(atMs: number, call: () => void): () => void;
  /** Calls back once after a length of real time, whatever the virtual clock does; returns what cancels it. */
  after(realMs: number, call: () => void): () => void;
  /** Whether `nowMs` is a virtual clock. */
  readonly virtual: boolean;
}

/** A clock that is moved by hand. */
export interface VirtualClock extends Clock {
  readonly virtual: true;
  /** The time of the next timer; null = none. */
  nextAtMs(): number | null;
  /** Moves to `toMs` (never backwards) and calls back the timers due up to it, one after the other, each awaited with `settled`. */
  advance(toMs: number, settled: () => Promise<void>): Promise<void>;
}
