/**
 * Nodes and PostgreSQL killed, frozen and cut off while desks send: each answer counts once, and none is lost.
 * Among the desks are careless ones that take what was sent for stored. They are the canary: under the same faults they must lose answers.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { rssBytesOf } from '#test/bench/central/cpu-times.ts';
import { until } from '#test/central/fixture.ts';
import { counts } from '../counts.ts';
import { randomFrom } from '../random-from.ts';
import { report } from '../report.ts';
import { DESKS, desksOf, hasPostgres, SETTLE_MS, settled, ThreeNodes } from './desks-under-fault.ts';
import { NodesUnderFault } from './nodes-under-fault.ts';
import { CALM, STORM } from './tcp-proxy.ts';

describe.skipIf(!hasPostgres)('three nodes', () => {
  test('[X1] each answer counts exactly once while nodes and PostgreSQL are killed, frozen and cut off', {
    timeout: 1_500_000,
  }, async () => {
    const random = randomFrom(11);
    await using three = await ThreeNodes.start(random);
    const { nodes, proxy } = three;
    /** One thing goes wrong; resolves when it is over. */
    const goWrong = async (): Promise<void> => {
      const n = random(nodes.size);
      switch (random(5)) {
        case 0:
          await nodes.kill(n);
          await nodes.startNode(n);
          return;
        case 1:
          nodes.freeze(n, true);
          await pause(counts(1_500, 5_000));
          nodes.freeze(n, false);
          return;
        case 2:
          proxy.cutAll();
          return;
        case 3:
          nodes.toDatabase.cutAll();
          return;
        default:
          await nodes.postgres.crash();
      }
    };
    const forMs = counts(6_000, 900_000);
    const { result: faults, held } = await three.whileTheyMake(3, 150, async () => {
      proxy.weather = STORM;
      let struck = 0;
      for (const endMs = performance.now() + forMs; performance.now() < endMs; struck++) {
        await pause(500 + random(1_000));
        await goWrong();
      }
      proxy.weather = CALM;
      await three.startAll();
      return struck + proxy.faults;
    });
    expect(held.operations).toBeGreaterThan(counts(100, 50_000));
    report('[X1] answers', { ...held, faults }, { faults: counts(6, 10) });
  });
});

describe.skipIf(!hasPostgres)('one node', () => {
  test('[V4] while PostgreSQL stands still a flood is put off, memory stays bounded, and nothing is acknowledged that is not stored', {
    timeout: 600_000,
  }, async () => {
    const random = randomFrom(4);
    const nodes = await NodesUnderFault.start(1, DESKS, random, { outbox: { mostWaiting: 200 } });
    const url = `http://127.0.0.1:${nodes.port(0)}`;
    const desks = desksOf(nodes, 0, () => url, random);
    const acknowledged = (): number => desks.reduce((sum, desk) => sum + desk.acknowledged.size, 0);
    try {
      for (const desk of desks) desk.make(counts(80, 1_500));
      for (const desk of desks) desk.start();
      await until('answers arrive', () => acknowledged() > 0, SETTLE_MS);
      nodes.postgres.freeze(true);
      // What was committed before is on its way for a moment.
      await pause(1_000);
      const before = acknowledged();
      await pause(counts(2_000, 10_000));
      const since = acknowledged() - before;
      const rss = rssBytesOf(nodes.pid(0));
      const pushedBack = desks.reduce((sum, desk) => sum + desk.pushedBack, 0);
      nodes.postgres.freeze(false);
      expect(since, 'acknowledged while nothing could be stored').toBe(0);
      expect(pushedBack, 'desks that were told when to come again').toBeGreaterThan(0);
      expect(rss).toBeLessThan(600 * 1024 * 1024);
      report(`[V4] ${Math.round(rss / 1e6)} MB, ${pushedBack} put off`, { ...(await settled(nodes, desks)), faults: 1 }, { faults: 1 });
    } finally {
      nodes.postgres.freeze(false);
      await Promise.all(desks.map((desk) => desk.end()));
      await nodes.close();
    }
  });
});
