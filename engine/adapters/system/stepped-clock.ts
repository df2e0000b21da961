/** A clock that stands still until it is moved: the demonstration's, and that of replayed calls. */
import type { VirtualClock } from '#ports/clock.ts';
import { after, realMs } from './system-clock.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly call: () => void;
}

export class SteppedClock implements VirtualClock {
  readonly virtual = true;
  readonly #timers = new Set<Timer>();
  #nowMs: number;
  #made = 0;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  realMs(): number {
    return realMs();
  }

  at(atMs: number, call: () => void): () => void {
    const timer: Timer = { atMs, order: (this.#made += 1), call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  after(ms: number, call: () => void): () => void {
    return after(ms, call);
  }

  nextAtMs(): number | null {
    return this.#next()?.atMs ?? null;
  }

  async advance(toMs: number, settled: () => Promise<void>): Promise<void> {
    for (let next = this.#next(); next !== undefined && next.atMs <= toMs; next = this.#next()) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.call();
      await settled();
    }
    this.#nowMs = Math.max(this.#nowMs, toMs);
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order)) next = timer;
    }
    return next;
  }
}
