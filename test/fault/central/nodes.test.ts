/**
 * Nodes and PostgreSQL killed, frozen and cut off while desks send: each answer counts once, none is lost, and nobody waits long.
 * Among the desks are careless ones that take what was sent for stored. They are the canary: under the same faults they must lose answers.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rssBytesOf } from '#test/bench/central/cpu-times.ts';
import { recount } from '#test/bench/central/recount.ts';
import { until } from '#test/central/fixture.ts';
import { findPostgres, withClient } from '#test/central/postgres.ts';
import { counts } from '../counts.ts';
import { randomFrom } from '../random-from.ts';
import { report } from '../report.ts';
import { NodesUnderFault } from './nodes-under-fault.ts';
import { StubbornDesk } from './stubborn-desk.ts';
import { CALM, STORM, TcpProxy } from './tcp-proxy.ts';

const hasPostgres = findPostgres() !== null;
if (!hasPostgres && process.env['CI'] === 'true') throw new Error('CI needs PostgreSQL: install Debian package postgresql');
if (!hasPostgres) console.warn('\n!!! SKIPPED: PostgreSQL is not installed, so no node was killed (apt-get install postgresql)\n');

const SETTLE_MS = counts(60_000, 300_000);
const CAREFUL = 20;
const CARELESS = 4;
const DESKS = CAREFUL + CARELESS;

type Random = (below: number) => number;

/** Of `DESKS` numbers from `first` on. */
const desksOf = (nodes: NodesUnderFault, first: number, url: () => string, random: Random): readonly StubbornDesk[] => {
  const { issuer, policy } = nodes;
  return Array.from(
    { length: DESKS },
    (_, n) => new StubbornDesk({ number: first + n, issuer, policy, url, random, trustsTheNetwork: n >= CAREFUL }),
  );
};

/** What central holds of what the careful desks made, when all have sent everything; and whether the canary lost any. */
async function settled(nodes: NodesUnderFault, desks: readonly StubbornDesk[]) {
  await until('every desk has sent all', () => desks.every(({ unsent }) => unsent === 0), SETTLE_MS);
  await Promise.all(desks.map((desk) => desk.end()));
  const careful = desks.filter(({ trustsTheNetwork }) => !trustsTheNetwork);
  const careless = desks.filter(({ trustsTheNetwork }) => trustsTheNetwork);
  const heldOf = (some: readonly StubbornDesk[]) =>
    withClient(nodes.databaseUrl, (client) =>
      recount(
        client,
        some.flatMap(({ made }) => made),
      ),
    );
  const { sent, stored, lost, doubled } = await heldOf(careful);
  expect((await heldOf(careless)).lost, 'canary: answers lost by desks that take what was sent for stored').toBeGreaterThan(0);
  const unacknowledged = careful.flatMap(({ made, acknowledged }) => made.filter((id) => !acknowledged.has(id)));
  expect(unacknowledged).toEqual([]);
  return { operations: sent, lost, doubled, phantom: stored - sent };
}

describe.skipIf(!hasPostgres)('three nodes', () => {
  const random = randomFrom(11);
  let nodes: NodesUnderFault;
  let proxy: TcpProxy;
  beforeAll(async () => {
    nodes = await NodesUnderFault.start(3, 2 * DESKS, random);
    // Any node that is up; another one each time, so that a desk that failed at one tries the next.
    proxy = await TcpProxy.start(random, () => {
      const up = Array.from({ length: nodes.size }, (_, n) => n).filter((n) => nodes.isUp(n));
      return { host: '127.0.0.1', port: nodes.port(up[random(Math.max(1, up.length))] ?? 0) };
    });
  });
  afterAll(async () => {
    await proxy.close();
    await nodes.close();
  });

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

  /** Desks from number `first` on make answers every `everyMs` while `faults` last. */
  const whileTheyMake = async <T>(first: number, most: number, everyMs: number, faults: () => Promise<T>) => {
    const desks = desksOf(nodes, first, () => `http://127.0.0.1:${proxy.port}`, random);
    for (const desk of desks) desk.start();
    const making = setInterval(() => desks.forEach((desk) => desk.make(1 + random(most))), everyMs);
    try {
      const result = await faults();
      clearInterval(making);
      return { result, desks, held: await settled(nodes, desks) };
    } finally {
      clearInterval(making);
      await Promise.all(desks.map((desk) => desk.end()));
    }
  };

  test('[X1] each answer counts exactly once while nodes and PostgreSQL are killed, frozen and cut off', {
    timeout: 1_200_000,
  }, async () => {
    const forMs = counts(6_000, 900_000);
    const { result: faults, held } = await whileTheyMake(0, 3, 150, async () => {
      proxy.weather = STORM;
      let struck = 0;
      for (const endMs = performance.now() + forMs; performance.now() < endMs; struck++) {
        await pause(500 + random(1_000));
        await goWrong();
      }
      proxy.weather = CALM;
      for (let n = 0; n < nodes.size; n++) if (!nodes.isUp(n)) await nodes.startNode(n);
      return struck + proxy.faults;
    });
    expect(held.operations).toBeGreaterThan(counts(100, 50_000));
    report('[X1] answers', { ...held, faults }, { faults: counts(6, 10) });
  });

  test('[X8] with a node killed every 2 s and one drained, nothing is lost and desks are back within 3 s', {
    timeout: 900_000,
  }, async () => {
    const kills = counts(4, 120);
    const { desks, held } = await whileTheyMake(DESKS, 1, 200, async () => {
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
    // On a machine that is busy with other things a connection takes as long as its processes wait for a turn.
    expect(p99Ms).toBeLessThan(counts(6_000, 3_000));
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
