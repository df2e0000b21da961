/** Takes away what is past its time: at the start, and every hour from then on. */
import { RETENTION_DAYS } from '#contract/retention.ts';
import { AtMs } from '#contract/text.ts';
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

/**
 * By which time things may go for their age: never a later one than central last said it was. A clock that runs ahead deletes
 * nothing early; without central nothing goes for its age until it is heard again.
 */
export function retentionTime(store: Pick<Store, 'setting'>, nowMs: number): number {
  const central = AtMs.safeParse(store.setting('central-at-ms'));
  return central.success ? Math.min(nowMs, central.data) : nowMs;
}

/** Starts at once; returns what stops it. Calls under way are excepted, so it needs no turn of its own. */
export function keepNoLonger(options: RetentionOptions): () => void {
  const { store, clock, onRun, onNotWritten } = options;
  let cancel: (() => void) | undefined;
  const run = (): void => {
    const nowMs = retentionTime(store, clock.nowMs());
    const retained = store.retain(nowMs, RETENTION_DAYS);
    if (!retained.ok) onNotWritten(retained);
    onRun(nowMs);
    cancel = clock.after(EVERY_MS, run);
  };
  run();
  return () => cancel?.();
}
