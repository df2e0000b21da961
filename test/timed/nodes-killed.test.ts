/** Nodes killed one after the other while desks send: nothing is lost, and nobody waits long. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { counts } from '../fault/counts.ts';
import { hasPostgres, ThreeNodes } from '../fault/central/desks-under-fault.ts';
import { randomFrom } from '../fault/random-from.ts';
import { report } from '../fault/report.ts';
import { timedTest } from './timed-test.ts';

timedTest(
  '[X8] with a node killed every 2 s and one drained, nothing is lost and desks are back within 3 s',
  {
    timeout: 900_000,
    skip: !hasPostgres,
    // Only what is a matter of time is tried again.
    retry: { count: 2, condition: /time to be back/ },
  },
  async () => {
    const kills = counts(4, 120);
    await using three = await ThreeNodes.start(randomFrom(8));
    const { nodes } = three;
    const { desks, held } = await three.whileTheyMake(1, 200, async () => {
      const restarts: Promise<void>[] = [];
      for (let kill = 0; kill < kills; kill++) {
        await pause(2_000);
        const n = kill % nodes.size;
        // Of three one may be gone: the next goes when the last is back.
        await Promise.all(restarts);
        await (kill === 1 ? nodes.drain(n) : nodes.kill(n));
        restarts.push(nodes.startNode(n));
      }
      await Promise.all(restarts);
    });
    const gaps = desks.flatMap(({ gapsMs }) => gapsMs.slice(1)).toSorted((a, b) => a - b);
    const p99Ms = gaps[Math.ceil(gaps.length * 0.99) - 1] ?? 0;
    report(`[X8] back after p99 ${Math.round(p99Ms)} ms`, { ...held, faults: gaps.length }, { faults: kills });
    expect(p99Ms, 'time to be back').toBeLessThan(3_000);
  },
);
