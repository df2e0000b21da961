/** Tests of times. On a machine whose processors are taken away meanwhile there is nothing to measure, and they say so. */
import { existsSync, readFileSync } from 'node:fs';
import { test, type TestContext, type TestOptions } from 'vitest';

const PROC_STAT = '/proc/stat';
/** Of the time the processors were wanted for, what a virtual machine may lose to others before times say nothing. */
const MOST_STOLEN = 0.05;
/** About two seconds together: shorter, and it may fall between two of the times at which the processors are away. */
const PIECES = 300;
/** A few milliseconds of work. */
const STEPS = 3_000_000;
/** Where the same piece of work takes so many times as long as it can, on average, times say nothing. */
const MOST_SLOWER = 1.5;
/** What a promise of time is broken with; what is lost, doubled or wrong stays a failure on any machine. */
const OF_TIME = /to be less than|Timeout \d+ms exceeded|^never: |timed out/;

interface ProcessorTime {
  readonly busy: number;
  readonly stolen: number;
}

/** Of all processors since the machine started, in its own unit; nothing where the system does not count it. */
function processorTime(): ProcessorTime {
  if (!existsSync(PROC_STAT)) return { busy: 0, stolen: 0 };
  // cpu user nice system idle iowait irq softirq steal …
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = readFileSync(PROC_STAT, 'utf8')
    .split('\n', 1)[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busy: user + nice + system + irq + softirq, stolen };
}

/** How many times as long as it can this machine takes for the same piece of work, on average; 1: nothing else runs on it. */
function slowerBy(): number {
  const tookMs = Array.from({ length: PIECES }, () => {
    const startMs = performance.now();
    let mixed = 0;
    for (let step = 0; step < STEPS; step++) mixed = (mixed * 31 + step) | 0;
    return performance.now() - startMs + (mixed === 0 ? 1 : 0);
  });
  return tookMs.reduce((sum, ms) => sum + ms, 0) / PIECES / Math.min(...tookMs);
}

/** Why times since then say nothing; null: they do. */
function noMeasure(since: ProcessorTime): string | null {
  const now = processorTime();
  const stolen = now.stolen - since.stolen;
  const share = stolen / Math.max(1, stolen + now.busy - since.busy);
  if (share >= MOST_STOLEN) return `${Math.round(share * 100)} % of the processors’ time was taken away meanwhile`;
  const slower = slowerBy();
  return slower >= MOST_SLOWER ? `this machine takes ${slower.toFixed(1)} times as long as it can` : null;
}

/** A test whose failure for a matter of time is one only on a machine on which time can be measured; elsewhere it is skipped, and says why. */
export function timedTest(name: string, options: TestOptions, body: (context: TestContext) => Promise<void> | void): void {
  test(name, options, async (context) => {
    const since = processorTime();
    try {
      await body(context);
    } catch (error) {
      const why = error instanceof Error && OF_TIME.test(error.message) ? noMeasure(since) : null;
      if (why === null) throw error;
      console.warn(`\n!!! SKIPPED: ${name}: ${why} (${error instanceof Error ? error.message.split('\n')[0] : ''})\n`);
      context.skip(why);
    }
  });
}
