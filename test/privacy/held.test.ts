/** [P3] What has to stay stays: of a customer under a legal hold, and of everybody while a desk's clock runs ahead of central's. */
import { expect, test } from 'vitest';
import { RETENTION_DAYS } from '#contract/retention.ts';
import { keepNoLonger, retentionTime } from '#engine';
import { canonical, decision, event, outcome } from '../conformance/samples.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { CUSTOMER, DeskBench } from '../engine/desk-bench.ts';
import { MemoryLink, stored } from '../engine/memory-link.ts';
import { DAY_MS } from './kept-records.ts';

const BEGIN_MS = Date.UTC(2025, 0, 1);

const profile = (customerId: string) => ({ ...CUSTOMER, customerId, asOfMs: BEGIN_MS });

test('of a customer under a hold nothing goes by its age, of another everything does, and after the hold theirs goes too', () => {
  using scratch = new Scratch();
  const store = scratch.open();
  for (const customerId of ['held', 'other']) {
    const callId = `call-${customerId}`;
    const identified = event('sotto.call.identified', { customerId, identity: 'verified' }, BEGIN_MS, callId);
    store.journalDelivery({ callId, seq: 1, event: identified });
    store.recordDecision(decision(1, { callId, outcomes: [canonical(outcome(1, { callId, customerId }))] }));
    store.finishCall(callId, BEGIN_MS);
    store.saveProfile(profile(customerId));
  }
  for (
    let batch = store.takeBatch('d', { items: 50, bytes: 1e6 });
    batch !== null;
    batch = store.takeBatch('d', { items: 50, bytes: 1e6 })
  ) {
    const sent = stored(batch);
    if (sent.ok) store.settleBatch(batch, sent.body, BEGIN_MS);
  }
  const there = (customerId: string) => {
    const call = store.loadCall(`call-${customerId}`);
    const lines = [...store.exportLedger().lines].filter(({ body }) => body?.includes(`call-${customerId}`));
    return [call?.events.length, call?.outcomes.length, call?.cards.length, lines.length > 0, store.profile(customerId) !== null];
  };
  store.hold({ customerId: 'held' }, BEGIN_MS + 100 * DAY_MS);
  store.retain(BEGIN_MS + 99 * DAY_MS, RETENTION_DAYS);
  expect(there('held')).toEqual([1, 1, 1, true, true]);
  expect(there('other')).toEqual([0, 0, 0, false, false]);
  store.retain(BEGIN_MS + 100 * DAY_MS, RETENTION_DAYS);
  expect(there('held')).toEqual([0, 0, 0, false, false]);
  expect(store.verifyLedger().brokenAt).toBeNull();
  // A hold that is ended before its time ends at once.
  store.hold({ customerId: 'held' }, BEGIN_MS);
});

test('a desk whose clock is years ahead deletes nothing before central says it is so late', async () => {
  const link = new MemoryLink();
  await using desk = await DeskBench.open({ surroundings: { link }, startMs: BEGIN_MS });
  const { store, clock } = desk;
  link.connect();
  store.saveProfile(profile('customer-1'));
  const retain = (): void => {
    // Starts at once, and is stopped before it runs again.
    keepNoLonger({ store, clock, onRun: () => undefined, onNotWritten: ({ words }) => expect.fail(words) })();
  };
  const saysTime = (days: number): Promise<unknown> => link.say('orders', { atMs: BEGIN_MS + days * DAY_MS, orders: [] });
  await saysTime(29);
  await desk.clock.advance(BEGIN_MS + 3 * 365 * DAY_MS, () => desk.engine.settled());
  retain();
  expect([store.profile('customer-1') === null, retentionTime(store, clock.nowMs())]).toEqual([false, BEGIN_MS + 29 * DAY_MS]);
  await saysTime(30);
  retain();
  expect(store.profile('customer-1')).toBeNull();
  // And a desk whose clock is behind goes by its own.
  await saysTime(5 * 365);
  expect(retentionTime(store, clock.nowMs())).toBe(clock.nowMs());
});

test('[P3] canary: without central’s time the same clock would have deleted it', async () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.saveProfile(profile('customer-1'));
  store.retain(BEGIN_MS + 3 * 365 * DAY_MS, RETENTION_DAYS);
  expect(store.profile('customer-1')).toBeNull();
});
