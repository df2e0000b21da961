/**
 * The same calls at two desks with the same cache: one hears central all the while, the other not since the calls'
 * context came. What each wrote down, decisions, repeats and answers, is compared byte for byte.
 */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { OutboxItem } from '#contract/sync.ts';
import type { Randomness } from '#ports/randomness.ts';
import { DeskBench, START_MS } from '../engine/desk-bench.ts';
import { MemoryLink } from '../engine/memory-link.ts';
import { counts } from '../fault/counts.ts';
import { randomFrom } from '../fault/random-from.ts';
import { timedTest } from './timed-test.ts';

const DECISIONS = counts(500, 5_000);
const SAYINGS = [
  'Why is my bill so high this month? It is twice what I usually pay.',
  'Another provider has the same for less.',
  'I am moving house next month.',
  'Nobody came on Tuesday, I took a day off for your engineer.',
  'I cannot pay all of it this month.',
  'My connection drops every evening.',
  'I want to cancel.',
  'All right, thank you.',
];

/** Ids, seeds and jitter each from a stream of their own: how often central is tried must not move the others. */
function streams(): Randomness {
  let made = 0;
  const [seeds, jitter] = [randomFrom(1), randomFrom(2)];
  return {
    seed: () => seeds(2 ** 31),
    unit: () => jitter(1_000_000) / 1_000_000,
    uuid: () => {
      made += 1;
      const hex = createHash('sha256').update(`id ${made}`).digest('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
  };
}

class Side implements AsyncDisposable {
  readonly link = new MemoryLink();
  readonly items: OutboxItem[] = [];
  bench!: DeskBench;

  static async open(): Promise<Side> {
    const side = new Side();
    side.bench = await DeskBench.open({ surroundings: { link: side.link, random: streams() } });
    side.link.connect();
    return side;
  }

  /** One call, from its offer to its end, until everything of it is sent. */
  async call(seed: number, callId: string, isOffline: boolean): Promise<void> {
    const random = randomFrom(seed);
    const { bench, link } = this;
    await bench.begin(callId);
    if (isOffline) link.disconnect();
    for (let i = 0; i < 6; i++) {
      await bench.utter(callId, random(3) === 0 ? 'agent' : 'customer', SAYINGS[random(SAYINGS.length)] ?? '');
      await bench.advance(3_000 + random(20_000));
      const card = (await bench.view()).cards.find(({ state }) => state === 'open');
      if (card !== undefined && random(2) === 0) await bench.answer(card, card.significant || random(2) === 0 ? 'rejected' : 'accepted');
    }
    await bench.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' });
    await bench.advance(30_000);
    if (isOffline) link.connect();
    await expect.poll(() => bench.store.counts().unsent, { timeout: 20_000, interval: 5 }).toBe(0);
    this.items.push(...link.batches.splice(0).flatMap(({ items }) => items));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.bench[Symbol.asyncDispose]();
  }
}

const decisionsOf = ({ items }: Side): number => items.filter(({ kind }) => kind !== 'outcome').length;
const bodies = ({ items }: Side): readonly string[] => items.map(({ kind, body }) => `${kind} ${body}`);

class TwoDesks implements AsyncDisposable {
  readonly online: Side;
  readonly offline: Side;

  private constructor(online: Side, offline: Side) {
    this.online = online;
    this.offline = offline;
  }

  /** Plays the same calls at both until enough was decided. `seedOffline` gives the offline desk's seed of a call. */
  static async played(decisions: number, seedOffline: (seed: number) => number): Promise<TwoDesks> {
    const desks = new TwoDesks(await Side.open(), await Side.open());
    for (let call = 1; decisionsOf(desks.online) < decisions; call++) {
      // In turns, so that what disturbs the machine disturbs both.
      await desks.online.call(call, `call-${call}`, false);
      await desks.offline.call(seedOffline(call), `call-${call}`, true);
    }
    return desks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.online[Symbol.asyncDispose]();
    await this.offline[Symbol.asyncDispose]();
  }
}

const quantile = (values: readonly number[], q: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? 0;

timedTest(
  `[V1] ${DECISIONS} decisions without central are those with it, byte for byte, from the same cache`,
  {
    timeout: DECISIONS * 200,
  },
  async () => {
    await using desks = await TwoDesks.played(DECISIONS, (seed) => seed);
    const { online, offline } = desks;
    const micros = [online, offline].map(({ bench }) => bench.lines.map(({ micros: taken }) => taken));
    const [p50, p99] = [0.5, 0.99].map((q) => micros.map((taken) => quantile(taken, q)));
    console.log(
      `[V1] ${decisionsOf(online)} decisions, ${online.items.length} items: p50 ${p50?.join(' and ')} µs, p99 ${p99?.join(' and ')} µs online and offline`,
    );
    // Five slowest of five hundred say nothing; fifty of five thousand do.
    const [before = 1, after = 1] = (DECISIONS < 5_000 ? p50 : p99) ?? [];
    expect(after / before).toBeLessThanOrEqual(1.2);
    expect(decisionsOf(online)).toBeGreaterThanOrEqual(DECISIONS);
    expect(new Set(online.bench.lines.map(({ kind }) => kind))).toEqual(new Set(['show', 'refrain']));
    expect(bodies(offline)).toEqual(bodies(online));
    expect(online.bench.clock.nowMs()).toBeGreaterThan(START_MS);
  },
);

test('[V1] canary: another word on one call is another byte, and is seen', async () => {
  await using desks = await TwoDesks.played(20, (seed) => (seed === 1 ? 99 : seed));
  const { online, offline } = desks;
  expect(bodies(offline)).not.toEqual(bodies(online));
});
