/** The computer's own clock. */
import type { Clock } from '#ports/clock.ts';

/** setTimeout fires at once for anything longer. */
const LONGEST_MS = 2 ** 31 - 1;

export const realMs = (): number => performance.timeOrigin + performance.now();

/** Real time from now; returns what cancels it. */
export function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, Math.max(0, Math.min(ms, LONGEST_MS)));
  return () => clearTimeout(timer);
}

export class SystemClock implements Clock {
  readonly virtual = false;

  nowMs(): number {
    return Date.now();
  }

  realMs(): number {
    return realMs();
  }

  at(atMs: number, call: () => void): () => void {
    let cancel: (() => void) | undefined;
    // A timer may fire a little early, and a far one has to be set again.
    const wait = (): void => {
      const leftMs = atMs - Date.now();
      if (leftMs <= 0) cancel = after(0, call);
      else cancel = after(leftMs, () => (Date.now() >= atMs ? call() : wait()));
    };
    wait();
    return () => cancel?.();
  }

  after(ms: number, call: () => void): () => void {
    return after(ms, call);
  }
}
