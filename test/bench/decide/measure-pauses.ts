/** Garbage collections, and how slow the slowest decisions are. */
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from './contestant.ts';
import { share } from './interleave.ts';
import { type BenchResult, micros, type Micros, short } from './result.ts';

const BLOCK = 1_000;

/** Decides so often without a pause; customers in turn. */
function decideOften(contestant: Contestant, count: number, taken: Float64Array | null, from: number): void {
  for (let i = 0; i < count; i++) {
    const beganAtMs = taken === null ? 0 : performance.now();
    const running = contestant.decide((from + i) % contestant.profiles);
    if (running !== undefined) throw new Error(`${contestant.name} decides later: only what decides at once is timed here`);
    if (taken !== null) taken[from + i] = (performance.now() - beganAtMs) * 1_000;
  }
}

/** Collections while nothing but decisions runs. */
export async function countCollections(contestant: Contestant, decisions: number): Promise<BenchResult['gc']> {
  decideOften(contestant, Math.min(decisions, 2 * BLOCK), null, 0);
  const pauses: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses.push(duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  await sleep(20);
  pauses.length = 0;
  for (let done = 0; done < decisions; done += BLOCK) decideOften(contestant, Math.min(BLOCK, decisions - done), null, done);
  // Entries are handed over when the loop is idle.
  await sleep(50);
  observer.disconnect();
  return {
    decisions,
    collections: pauses.length,
    perThousand: short((pauses.length * 1_000) / decisions),
    longestMs: short(Math.max(0, ...pauses)),
  };
}

/** Percentiles over many decisions of both, taken in turn by blocks. */
export function measureTail(ours: Contestant, reference: Contestant, decisions: number): BenchResult['tail'] {
  const sotto = new Float64Array(decisions);
  const floor = new Float64Array(decisions);
  for (let done = 0; done < decisions; done += BLOCK) {
    const count = Math.min(BLOCK, decisions - done);
    decideOften(ours, count, sotto, done);
    decideOften(reference, count, floor, done);
  }
  return { sotto: percentiles(sotto), floor: percentiles(floor) };
}

function percentiles(taken: Float64Array): Micros {
  taken.sort();
  return micros({ p50: share(taken, 0.5), p99: share(taken, 0.99), p999: share(taken, 0.999) });
}
