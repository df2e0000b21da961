/** Desks that make answers and send them while nodes and PostgreSQL go down and come back, and what became of the answers. */
import { expect } from 'vitest';
import { recount } from '#test/bench/central/recount.ts';
import { until } from '#test/central/fixture.ts';
import { findPostgres, withClient } from '#test/central/postgres.ts';
import { counts } from '../counts.ts';
import { NodesUnderFault } from './nodes-under-fault.ts';
import { StubbornDesk } from './stubborn-desk.ts';
import { TcpProxy } from './tcp-proxy.ts';

export const hasPostgres = findPostgres() !== null;
if (!hasPostgres && process.env['CI'] === 'true') throw new Error('CI needs PostgreSQL: install Debian package postgresql');
if (!hasPostgres) console.warn('\n!!! SKIPPED: PostgreSQL is not installed, so no node was killed (apt-get install postgresql)\n');

export const SETTLE_MS = counts(60_000, 300_000);
const CAREFUL = 20;
const CARELESS = 4;
/** Of one suite; the careless are its canary. */
export const DESKS = CAREFUL + CARELESS;

type Random = (below: number) => number;

/** `DESKS` desks, numbered from `first` on. */
export const desksOf = (nodes: NodesUnderFault, first: number, url: () => string, random: Random): readonly StubbornDesk[] => {
  const { issuer, policy } = nodes;
  return Array.from(
    { length: DESKS },
    (_, n) => new StubbornDesk({ number: first + n, issuer, policy, url, random, trustsTheNetwork: n >= CAREFUL }),
  );
};

/** What central holds of what the careful desks made, when all have sent everything; and whether the canary lost any. */
export async function settled(nodes: NodesUnderFault, desks: readonly StubbornDesk[]) {
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

/** Three nodes, and a way to whichever of them is up. */
export class ThreeNodes implements AsyncDisposable {
  readonly nodes: NodesUnderFault;
  /** To any node that is up; another one each time, so that a desk that failed at one tries the next. */
  readonly proxy: TcpProxy;
  readonly #random: Random;

  private constructor(nodes: NodesUnderFault, proxy: TcpProxy, random: Random) {
    this.nodes = nodes;
    this.proxy = proxy;
    this.#random = random;
  }

  static async start(random: Random): Promise<ThreeNodes> {
    const nodes = await NodesUnderFault.start(3, DESKS, random);
    const proxy = await TcpProxy.start(random, () => {
      const up = Array.from({ length: nodes.size }, (_, n) => n).filter((n) => nodes.isUp(n));
      return { host: '127.0.0.1', port: nodes.port(up[random(Math.max(1, up.length))] ?? 0) };
    });
    return new ThreeNodes(nodes, proxy, random);
  }

  /** Each desk makes up to `most` answers every `everyMs` while `faults` last; then all is sent, and counted. */
  async whileTheyMake<T>(most: number, everyMs: number, faults: () => Promise<T>) {
    const desks = desksOf(this.nodes, 0, () => `http://127.0.0.1:${this.proxy.port}`, this.#random);
    for (const desk of desks) desk.start();
    const making = setInterval(() => desks.forEach((desk) => desk.make(1 + this.#random(most))), everyMs);
    try {
      const result = await faults();
      clearInterval(making);
      return { result, desks, held: await settled(this.nodes, desks) };
    } finally {
      clearInterval(making);
      await Promise.all(desks.map((desk) => desk.end()));
    }
  }

  /** Starts every node that is down. */
  async startAll(): Promise<void> {
    for (let n = 0; n < this.nodes.size; n++) if (!this.nodes.isUp(n)) await this.nodes.startNode(n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.close();
    await this.nodes.close();
  }
}
