/** Tests of times. On a machine whose processors are taken away for tenths of a second there is nothing to measure, and they say so. */
import { test, type TestContext, type TestOptions } from 'vitest';

/** About two seconds together: shorter, and it may fall between two of the times at which the processors are away. */
const PIECES = 300;
/** A few milliseconds of work. */
const STEPS = 3_000_000;
/** Where the same piece of work takes so many times as long as it can, on average, times say nothing. */
const TOO_MUCH = 1.5;
/** What a promise of time is broken with; what is lost, doubled or wrong stays a failure on any machine. */
const OF_TIME = /to be less than|Timeout \d+ms exceeded|^never: |timed out/;

/** How many times as long as it can this machine takes for the same piece of work, on average; 1: nothing else runs on it. */
export function stalledBy(): number {
  const tookMs = Array.from({ length: PIECES }, () => {
    const startMs = performance.now();
    let mixed = 0;
    for (let step = 0; step < STEPS; step++) mixed = (mixed * 31 + step) | 0;
    return performance.now() - startMs + (mixed === 0 ? 1 : 0);
  });
  return tookMs.reduce((sum, ms) => sum + ms, 0) / PIECES / Math.min(...tookMs);
}

/** A test whose failure for a matter of time is one only on a machine on which time can be measured; elsewhere it is skipped, and says why. */
export function timedTest(name: string, options: TestOptions, body: (context: TestContext) => Promise<void>): void {
  test(name, options, async (context) => {
    const before = stalledBy();
    try {
      await body(context);
    } catch (error) {
      const stalled = Math.max(before, stalledBy());
      const isOfTime = error instanceof Error && OF_TIME.test(error.message);
      if (!isOfTime || stalled < TOO_MUCH) throw error;
      console.warn(
        `\n!!! SKIPPED: ${name}: this machine takes ${stalled.toFixed(1)} times as long as it can (${error.message.split('\n')[0]})\n`,
      );
      context.skip(`the machine takes ${stalled.toFixed(1)} times as long as it can`);
    }
  });
}
