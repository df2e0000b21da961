import { NO_ORDERS } from '#contract/standing-orders.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { embeddedFolder } from '../central/engines.ts';
import { type Opened, openCentral, until } from '../central/fixture.ts';
import { canonical, outcome } from '../conformance/samples.ts';
import { Drains } from '#main/shell/drains.ts';
import { signIn } from '#main/shell/sign-in.ts';
import { counts } from '../fault/counts.ts';
import { report } from '../fault/report.ts';
import { HotDesk } from './hot-desk.ts';

const PLANTED = 'pineapple-of-ann';

let home: Awaited<ReturnType<typeof embeddedFolder>>;
let opened: Opened;
beforeAll(async () => {
  home = await embeddedFolder();
  opened = await openCentral(null, { folder: home.folder });
});
afterAll(async () => {
  await opened.close();
  home.remove();
});

let desk: HotDesk;
beforeEach(async () => {
  desk = await HotDesk.open(opened.central.url);
  return () => desk[Symbol.asyncDispose]();
});

/** Signs somebody in and out, and leaves answers of theirs in their store. */
async function leaves(agentId: string, answers: number): Promise<readonly string[]> {
  await desk.enter(agentId);
  await desk.sessions.leave();
  await until('nothing under way', () => desk.of('drain-process.js').every(({ said }) => said.length > 0));
  await desk.people.unsent(agentId, true);
  const deviceId = desk.device.deviceId ?? '';
  const made = Array.from({ length: answers }, (_, i) => outcome(i + 1, { agentId, deviceId, kind: 'rejected', note: PLANTED }));
  await desk.inStoreOf(agentId, (store) => expect(store.recordOutcomes(made.map(canonical))).toEqual({ ok: true }));
  return made.map(({ id }) => id);
}

const atCentral = async (ids: readonly string[]) => {
  const rows = await opened.central.store.db
    .selectFrom('outcomes')
    .select(['id', 'device_id', 'agent_id'])
    .where('id', 'in', [...ids])
    .execute();
  return rows;
};

test('A’s unsent answers arrive while B sits there, in the device’s name, and B’s process gets nothing of A’s', async () => {
  const ids = await leaves('ann', 120);
  const annsKey = desk.people.storeKey((await desk.people.find('ann')) ?? expect.fail('ann is not known'));
  await desk.enter('bob');
  await until('all of it at central', async () => (await atCentral(ids)).length === ids.length, 30_000);
  const rows = await atCentral(ids);
  expect(new Set(rows.map(({ device_id, agent_id }) => `${device_id} ${agent_id}`))).toEqual(new Set([`${desk.device.deviceId} ann`]));
  expect((await desk.view()).session.agentId).toBe('bob');
  await until('known to be sent', async () => (await desk.people.find('ann'))?.unsent === false);

  const bobs = desk.of('engine-process.js').at(-1);
  const spoken = JSON.stringify([bobs?.heard, bobs?.said]);
  expect(bobs?.said.length).toBeGreaterThan(1);
  for (const secret of [annsKey ?? '', PLANTED, ...ids]) expect([secret, spoken.includes(secret)]).toEqual([secret, false]);
  // What sends it is handed one key, and says how much is left.
  const drain = desk.of('drain-process.js').at(-1);
  expect(drain?.heard).toEqual([expect.objectContaining({ op: 'drain', databaseKey: annsKey })]);
  expect(drain?.said).toEqual([{ op: 'drained', unsent: 0, words: '' }]);
  // Nothing of A's is left to be sent, so nobody opens A's store again.
  const opens = () => desk.of('drain-process.js').filter(({ heard }) => JSON.stringify(heard).includes(annsKey ?? '')).length;
  const before = opens();
  await desk.sessions.leave();
  await desk.enter('bob');
  expect(opens()).toBe(before);
});

test('whoever signs in gets their own store back, in the middle of its being sent; everything arrives, once', {
  timeout: 120_000,
}, async () => {
  const ids = await leaves('ann', 800);
  await desk.enter('bob');
  await until('some of it at central', async () => (await atCentral(ids)).length > 0);
  await desk.enter('ann');
  expect((await atCentral(ids)).length).toBeLessThan(ids.length);
  await until('all of it at central', async () => (await atCentral(ids)).length === ids.length, 60_000);
  expect((await desk.view()).outbox.refused).toBe(0);
  expect(desk.states.map(({ trouble }) => trouble).filter((trouble) => trouble !== null)).toEqual([]);
});

const KILLS = counts(4, 20);
/** Left unsent at a time: some batches, so that there is a middle to be killed in. */
const LEFT = 600;

const countAtCentral = async (): Promise<number> => {
  const { db } = opened.central.store;
  const rows = await db
    .selectFrom('outcomes')
    .select('id')
    .where('device_id', '=', desk.device.deviceId ?? '')
    .execute();
  return rows.length;
};

test(`what sends it killed ${KILLS} times: nothing lost, nothing doubled`, { timeout: 400_000 }, async () => {
  const ids = [...(await leaves('ann', LEFT))];
  const { central } = opened;
  let killed = 0;
  const drains = new Drains({
    people: desk.people,
    userData: desk.userData,
    fork: () => desk.fork('drain-process.js'),
    token: async () => {
      const granted = await signIn(central.url, desk.device, null);
      return granted === null
        ? null
        : { url: central.url, deviceId: desk.device.deviceId ?? '', deviceToken: granted.token, trust: desk.device.trusted };
    },
    orders: () => NO_ORDERS,
    onLog: (text) => desk.logs.push(text),
  });
  while (killed < KILLS) {
    const had = await countAtCentral();
    const processes = desk.processes.length;
    drains.begin(null);
    await until('a process that sends', () => desk.processes.length > processes);
    const { child } = desk.processes.at(-1) ?? expect.fail('no process');
    await until('it sends', async () => child.pid === undefined || (await countAtCentral()) > had, 30_000);
    if (child.pid !== undefined) {
      process.kill(child.pid, 'SIGKILL');
      killed += 1;
    }
    await drains.stop();
    // It was faster than we: there is more.
    if ((await countAtCentral()) >= ids.length) ids.push(...(await leaves('ann', LEFT)));
  }
  drains.begin(null);
  await until('all of it at central', async () => (await atCentral(ids)).length === ids.length, 60_000);
  await drains.stop();
  const rows = await atCentral(ids);
  const counted = await opened.central.store.db.selectFrom('dead_letters').select('item_id').execute();
  expect(counted).toEqual([]);
  const there = new Set(rows.map(({ id }) => id));
  const lost = ids.filter((id) => !there.has(id)).length;
  report(
    '[D1] what others left unsent',
    { operations: ids.length, faults: killed, lost, doubled: rows.length - there.size, phantom: 0 },
    { faults: KILLS },
  );
});

test('a revoked device sends nothing, and says so in words; what is saved stays', async () => {
  const ids = await leaves('ann', 5);
  await opened.central.revokeDevice(desk.device.deviceId ?? '');
  expect(await desk.sessions.enter('bob')).toEqual({ ok: false, words: expect.stringContaining('computer') });
  expect(await desk.sessions.enter('ann')).toEqual({ ok: false, words: expect.stringContaining('computer') });
  expect(await atCentral(ids)).toEqual([]);
  expect(await desk.inStoreOf('ann', (store) => store.counts().unsent)).toBe(5);
});
