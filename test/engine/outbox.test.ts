import { describe, expect, test } from 'vitest';
import { SystemClock } from '#adapters/system/system-clock.ts';
import { verifyEd25519 } from '#adapters/system/ed25519.ts';
import { type CentralHead, centralHeadText } from '#contract/central-head.ts';
import { headText } from '#contract/ledger.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, type OutboxBatch } from '#contract/sync.ts';
import { OutboxLoop } from '../../engine/outbox-loop.ts';
import { canonical, decision, outcome, sha256 } from '../conformance/samples.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { CUSTOMER, DeskBench, START_MS } from './desk-bench.ts';
import { keyOf, TRUSTED } from './signing.ts';
import { AWAY, MemoryLink, stored } from './memory-link.ts';

class OutboxBench implements AsyncDisposable {
  readonly scratch = new Scratch();
  readonly store = this.scratch.open();
  readonly link = new MemoryLink();
  readonly settled: string[] = [];
  readonly logs: string[] = [];
  readonly loop = new OutboxLoop({
    store: this.store,
    link: this.link,
    clock: new SystemClock(),
    // Waits between attempts as short as they can be.
    random: { seed: () => 1, unit: () => 0, uuid: () => 'unused' },
    deviceId: 'device-1',
    trust: { keys: TRUSTED, verify: verifyEd25519 },
    onSettled: (ids) => this.settled.push(...ids),
    onNotWritten: ({ words }) => this.logs.push(words),
    onLog: (level, text) => this.logs.push(`${level}: ${text}`),
  });

  constructor(entries: number) {
    this.link.connect();
    this.store.recordDecision(decision(1, { cards: [], outcomes: [] }));
    for (let clock = 2; clock <= entries; clock++) this.store.recordOutcomes([canonical(outcome(clock))]);
  }

  async drained(): Promise<void> {
    await expect.poll(() => this.store.counts().unsent).toBe(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.loop.close();
    this.scratch[Symbol.dispose]();
  }
}

const ids = (batches: readonly OutboxBatch[]): readonly string[] => batches.flatMap(({ items }) => items.map(({ id }) => id));

const poisoned = (seq: number): boolean => seq % 20 === 0;

describe('the outbox', () => {
  test('sends everything once, oldest first, in batches within the limits', async () => {
    await using bench = new OutboxBench(130);
    bench.loop.wake();
    await bench.drained();
    expect(bench.link.batches.map(({ items }) => items.length)).toEqual([50, 50, 30]);
    for (const batch of bench.link.batches) {
      expect(batch.items.length).toBeLessThanOrEqual(MAX_BATCH_ITEMS);
      expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    }
    expect(bench.link.batches.flatMap(({ items }) => items.map(({ seq }) => seq))).toEqual(
      Array.from({ length: 130 }, (_, index) => index + 1),
    );
    expect(bench.settled).toEqual(ids(bench.link.batches));
  });

  test('goes on trying for as long as central is away, and gives nothing up', async () => {
    await using bench = new OutboxBench(10);
    let attempts = 0;
    bench.link.onBatch = (batch) => ((attempts += 1) < 40 ? AWAY : stored(batch));
    bench.loop.wake();
    await bench.drained();
    expect(attempts).toBe(40);
    expect(bench.store.counts()).toMatchObject({ unsent: 0, refused: 0 });
  });

  test('an answer that is no receipt, or one for other items, is no reason to forget anything', async () => {
    await using bench = new OutboxBench(3);
    const answers = [
      { ok: false as const, reason: 'bad-answer' as const, words: 'not a receipt' },
      { ok: true as const, body: { items: [] } },
      { ok: true as const, body: { items: [{ id: 'somebody-elses', result: 'stored' as const }] } },
    ];
    bench.link.onBatch = (batch) => answers.shift() ?? stored(batch);
    bench.loop.wake();
    await bench.drained();
    expect(bench.link.batches).toHaveLength(4);
    expect(bench.logs).toEqual([expect.stringContaining('not a receipt')]);
  });

  test('[X5] one refused item in twenty becomes a dead letter, the others arrive', async () => {
    await using bench = new OutboxBench(100);
    bench.link.onBatch = ({ items }) => ({
      ok: true,
      body: {
        items: items.map(({ id, seq }) =>
          poisoned(seq) ? { id, result: 'refused' as const, reason: 'bad-item' as const } : { id, result: 'stored' as const },
        ),
      },
    });
    bench.loop.wake();
    await bench.drained();
    expect(bench.store.counts()).toMatchObject({ unsent: 0, refused: 5 });
    expect(bench.settled).toHaveLength(95);
    expect(bench.logs).toHaveLength(5);
  });

  test('[X5] a batch refused as a whole is sent item by item until the culprit is alone', async () => {
    await using bench = new OutboxBench(20);
    bench.link.onBatch = (batch) =>
      batch.items.some(({ seq }) => seq === 7) ? { ok: false, reason: 'refused', words: 'no' } : stored(batch);
    bench.loop.wake();
    await bench.drained();
    expect(bench.store.counts()).toMatchObject({ unsent: 0, refused: 1 });
    expect(bench.settled).toHaveLength(19);
  });

  test('what comes in while a batch is under way is sent without another word', async () => {
    await using bench = new OutboxBench(2);
    let isAdded = false;
    bench.link.onBatch = (batch) => {
      if (!isAdded) {
        isAdded = true;
        bench.store.recordOutcomes([canonical(outcome(50))]);
        bench.loop.wake();
      }
      return stored(batch);
    };
    bench.loop.wake();
    await bench.drained();
    expect(bench.link.batches).toHaveLength(2);
  });

  test('comes when it is its turn: after the time a receipt names, and nothing is sent before', async () => {
    await using bench = new OutboxBench(130);
    const cameMs: number[] = [];
    bench.link.onBatch = (batch) => {
      cameMs.push(performance.now());
      const answer = stored(batch);
      return answer.ok && cameMs.length === 1 ? { ok: true, body: { ...answer.body, nextAfterMs: 400 } } : answer;
    };
    bench.loop.wake();
    await bench.drained();
    const [first = 0, second = 0] = cameMs;
    expect(cameMs).toHaveLength(3);
    expect(second - first).toBeGreaterThanOrEqual(399);
  });

  test('a flush does not wait longer than it is given', async () => {
    await using bench = new OutboxBench(2);
    bench.link.disconnect();
    const fromMs = performance.now();
    await bench.loop.flush(150);
    // Far less than the next attempt may take.
    expect(performance.now() - fromMs).toBeLessThan(10_000);
    expect(bench.store.counts().unsent).toBe(2);
  });
});

test('[A4] a ledger that is not the one central has countersigned is said in the window, from the first receipt that shows it', async () => {
  const link = new MemoryLink();
  link.connect();
  link.onBatch = (batch) => {
    const head = { deviceId: batch.deviceId, epoch: batch.epoch, entries: 1, hash: 'a'.repeat(64), atMs: START_MS };
    const key = keyOf('s');
    const signed = { ...head, keyId: key.id, ed25519: key.sign(Buffer.from(headText(head))) };
    return { ok: true, body: { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })), head: signed } };
  };
  await using desk = await DeskBench.open({ surroundings: { link } });
  expect((await desk.view()).engine).toMatchObject({ trouble: null });
  await desk.begin('call-a', CUSTOMER.customerId);
  await expect
    .poll(async () => (await desk.view()).engine)
    .toMatchObject({
      reason: 'ledger-foreign',
      trouble: expect.stringMatching(/not the one that central has countersigned.*Tell support/),
    });
  expect(desk.logs.filter((line) => line.includes('countersigned'))).toHaveLength(1);
});

test('[A5] a desk keeps the last head central has signed over all ledgers; of two with one number the first stays, and it is said', async () => {
  await using bench = new OutboxBench(4);
  const key = keyOf('s');
  const headOf = (seq: number, word: string, by = key): CentralHead => {
    const text = { seq, before: '0'.repeat(64), atMs: START_MS, n: 0, chain: sha256(word) };
    const signed = centralHeadText(text);
    return { ...text, hash: sha256(signed), keyId: by.id, ed25519: by.sign(Buffer.from(signed)) };
  };
  const sent = async (central: CentralHead): Promise<number | undefined> => {
    bench.link.onBatch = (batch) => ({
      ok: true,
      body: { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })), central },
    });
    bench.store.recordOutcomes([canonical(outcome(100 + bench.link.batches.length))]);
    bench.loop.wake();
    await bench.drained();
    return bench.store.centralHead()?.seq;
  };
  expect(await sent(headOf(2, 'of a stranger', keyOf('x')))).toBeUndefined();
  expect(await sent(headOf(2, 'told'))).toBe(2);
  // A node that has not heard of the last one yet says nothing wrong.
  expect(await sent(headOf(1, 'earlier'))).toBe(2);
  expect(bench.logs).toEqual([]);
  expect(await sent(headOf(2, 'told otherwise'))).toBe(2);
  expect(bench.store.centralHead()?.chain).toBe(sha256('told'));
  expect(bench.logs).toEqual([expect.stringMatching(/^error: Central says otherwise than before what its head 2/)]);
  expect(await sent(headOf(3, 'later'))).toBe(3);
});
