/** Takes away what is past its time: at the start, and every hour from then on. */
import { RETENTION_DAYS } from '#contract/retention.ts';
import type { Clock } from '#ports/clock.ts';
import type { Store, Written } from '#ports/store.ts';

/** Of real time: an hour of a virtual clock may be a moment. */
const EVERY_MS = 3_600_000;

export interface RetentionOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Told the time after each run, for what lies outside the store. */
  readonly onRun: (nowMs: number) => void;
  readonly onNotWritten: (written: Exclude<Written, { ok: true }>) => void;
}

/** Starts at once; returns what stops it. Calls under way are excepted, so it needs no turn of its own. */
export function keepNoLonger(options: RetentionOptions): () => void {
  const { store, clock, onRun, onNotWritten } = options;
  let cancel: (() => void) | undefined;
  const run = (): void => {
    const nowMs = clock.nowMs();
    const retained = store.retain(nowMs, RETENTION_DAYS);
    if (!retained.ok) onNotWritten(retained);
    onRun(nowMs);
    cancel = clock.after(EVERY_MS, run);
  };
  run();
  return () => cancel?.();
}
