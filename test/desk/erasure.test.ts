/** An erasure reaches every store of a desk: that of whoever sits there, those of others, and one that is opened or put back later. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { NO_ORDERS } from '#contract/standing-orders.ts';
import { RETENTION_DAYS } from '#contract/retention.ts';
import { storeFolder } from '#main/engine-process/store-folder.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { until } from '../central/fixture.ts';
import { canonical, decision, delivery, outcome } from '../conformance/samples.ts';
import { profileOf } from '../fault/damaged-store.ts';
import { centralForDesks } from './central-for-desks.ts';
import { HotDesk } from './hot-desk.ts';

const CUSTOMER = 'customer-1';
const DAY_MS = 86_400_000;

const given = centralForDesks();

/** Signs somebody in and out, with something of the customer left in their store. */
async function leaves(agentId: string, customerId: string, callId: string): Promise<void> {
  await given.desk.enter(agentId);
  await given.desk.sessions.leave();
  await until('nothing under way', () => given.desk.of('drain-process.js').every(({ said }) => said.length > 0));
  await given.desk.inStoreOf(agentId, (store) => {
    store.journalDelivery(delivery(1, 'It is me', callId));
    store.recordDecision(decision(1, { callId, outcomes: [canonical(outcome(1, { callId, customerId, agentId }))] }));
    expect(store.saveProfile({ ...profileOf(1), customerId })).toEqual({ ok: true });
  });
}

const known = (store: SqliteStore, customerId: string): boolean => store.profile(customerId) !== null || !store.isErased({ customerId });

test('somebody’s closed store is erased while another sits at the desk, and what was set aside of it goes', async () => {
  const customerId = `${CUSTOMER}-closed`;
  await leaves('ann', customerId, 'call-closed');
  const aside = `${storeFolder(given.desk.userData, 'ann')}.damaged-2026`;
  mkdirSync(aside);
  await given.desk.enter('bob');
  await until('nothing under way', () => given.desk.of('drain-process.js').every(({ said }) => said.length > 0), 20_000);
  expect(await given.central.erase(customerId)).toMatchObject({ ok: true });
  await until('it is on the desk’s list', () => given.desk.orders.orders.erased.includes(customerId), 20_000);
  const { seq } = given.desk.orders.orders;
  await until('ann’s store has it', async () => (await given.desk.people.find('ann'))?.obeyed === seq, 30_000);
  expect(existsSync(aside)).toBe(false);
  await given.desk.sessions.leave();
  expect(await given.desk.inStoreOf('ann', (store) => [known(store, customerId), store.isErased({ callId: 'call-closed' })])).toEqual([
    false,
    true,
  ]);
});

test('a store nobody here can open is erased when its person signs in again, before anything is read of it', async () => {
  const customerId = `${CUSTOMER}-away`;
  await leaves('ann', customerId, 'call-away');
  // Its hours are over and nothing is unsent: only central can open it.
  await given.desk.people.unsent('ann', false);
  await given.desk.people.forgetSecrets(Date.now() + 30 * DAY_MS, null, given.desk.orders.orders.seq);
  await given.desk.enter('bob');
  await given.central.erase(customerId);
  await until('it is on the desk’s list', () => given.desk.orders.orders.erased.includes(customerId), 20_000);
  expect((await given.desk.people.find('ann'))?.obeyed).toBeLessThan(given.desk.orders.orders.seq);
  await given.desk.enter('ann');
  await given.desk.sessions.leave();
  expect(await given.desk.inStoreOf('ann', (store) => known(store, customerId))).toBe(false);
});

test('the list outlives the app; one that cannot be read is asked of central again', async () => {
  const customerId = `${CUSTOMER}-list`;
  await given.desk.enter('ann');
  await given.central.erase(customerId);
  await until('it is kept', () => given.desk.orders.orders.erased.includes(customerId), 20_000);
  await given.desk.sessions.close();
  const { orders } = given.desk.orders;
  await using again = await HotDesk.open(given.central.url, given.desk.userData);
  expect(again.orders.orders).toEqual(orders);
  await again.sessions.close();
  writeFileSync(path.join(given.desk.userData, 'orders.sealed'), 'not what it was');
  await using emptied = await HotDesk.open(given.central.url, given.desk.userData);
  expect(emptied.orders.orders).toEqual(NO_ORDERS);
  await emptied.enter('ann');
  await until('all of it again', () => emptied.orders.orders.seq === orders.seq, 20_000);
  expect(emptied.orders.orders.erased).toEqual(orders.erased);
});

test('the store of somebody who never came back is deleted once records would be', async () => {
  await leaves('ann', `${CUSTOMER}-left`, 'call-left');
  const file = storeFolder(given.desk.userData, 'ann');
  const parts = (): readonly string[] => readdirSync(path.dirname(file)).filter((name) => name.startsWith(path.basename(file)));
  const signedInAtMs = (await given.desk.people.find('ann'))?.signedInAtMs ?? 0;
  const limitMs = RETENTION_DAYS.record * DAY_MS;
  // As long as its secret is here, it is opened and what is in it goes by its age.
  expect(await given.desk.people.dropLeft(signedInAtMs + limitMs)).toEqual([]);
  await given.desk.people.unsent('ann', false);
  await given.desk.people.forgetSecrets(signedInAtMs + 13 * 3_600_000, null, 0);
  expect(await given.desk.people.dropLeft(signedInAtMs)).toEqual([]);
  expect(parts().length).toBeGreaterThan(1);
  expect(await given.desk.people.dropLeft(signedInAtMs + 1)).toEqual(['ann']);
  expect([parts(), await given.desk.people.find('ann')]).toEqual([[], undefined]);
});
