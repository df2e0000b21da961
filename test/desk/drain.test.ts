import { NO_ORDERS } from '#contract/standing-orders.ts';
import { expect, test } from 'vitest';
import { until } from '../central/fixture.ts';
import { canonical, outcome } from '../conformance/samples.ts';
import { Drains } from '#main/shell/drains.ts';
import { NO_PROXY } from '#contract/engine-port.ts';
import { signIn } from '#main/shell/sign-in.ts';
import { counts } from '../fault/counts.ts';
import { report } from '../fault/report.ts';
import { centralForDesks } from './central-for-desks.ts';

const PLANTED = 'pineapple-of-ann';

const given = centralForDesks();

/** Signs somebody in and out, and leaves answers of theirs in their store. */
async function leaves(agentId: string, answers: number): Promise<readonly string[]> {
  await given.desk.enter(agentId);
  await given.desk.sessions.leave();
  await until('nothing under way', () =>
    given.desk.of('drain-process.js').every(({ child, said }) => said.length > 0 || child.pid === undefined),
  );
  await given.desk.people.unsent(agentId, true);
  const deviceId = given.desk.device.deviceId ?? '';
  const made = Array.from({ length: answers }, (_, i) => outcome(i + 1, { agentId, deviceId, kind: 'rejected', note: PLANTED }));
  await given.desk.inStoreOf(agentId, (store) => expect(store.recordOutcomes(made.map(canonical))).toEqual({ ok: true }));
  return made.map(({ id }) => id);
}

const atCentral = async (ids: readonly string[]) => {
  const rows = await given.central.store.db
    .selectFrom('outcomes')
    .select(['id', 'device_id', 'agent_id'])
    .where('id', 'in', [...ids])
    .execute();
  return rows;
};

test('A’s unsent answers arrive while B sits there, in the device’s name, and B’s process gets nothing of A’s', async () => {
  const ids = await leaves('ann', 120);
  const annsKey = given.desk.people.storeKey((await given.desk.people.find('ann')) ?? expect.fail('ann is not known'));
  await given.desk.enter('bob');
  await until('all of it at central', async () => (await atCentral(ids)).length === ids.length, 30_000);
  const rows = await atCentral(ids);
  expect(new Set(rows.map(({ device_id, agent_id }) => `${device_id} ${agent_id}`))).toEqual(
    new Set([`${given.desk.device.deviceId} ann`]),
  );
  expect((await given.desk.view()).session.agentId).toBe('bob');
  await until('known to be sent', async () => (await given.desk.people.find('ann'))?.unsent === false);

  const bobs = given.desk.of('engine-process.js').at(-1);
  const spoken = JSON.stringify([bobs?.heard, bobs?.said]);
  expect(bobs?.said.length).toBeGreaterThan(1);
  for (const secret of [annsKey ?? '', PLANTED, ...ids]) expect([secret, spoken.includes(secret)]).toEqual([secret, false]);
  // What sends it is handed one key, and says how much is left.
  const drain = given.desk.of('drain-process.js').at(-1);
  expect(drain?.heard).toEqual([expect.objectContaining({ op: 'drain', databaseKey: annsKey })]);
  expect(drain?.said).toEqual([{ op: 'drained', unsent: 0, words: '' }]);
  // Nothing of A's is left to be sent, so nobody opens A's store again.
  const opens = () => given.desk.of('drain-process.js').filter(({ heard }) => JSON.stringify(heard).includes(annsKey ?? '')).length;
  const before = opens();
  await given.desk.sessions.leave();
  await given.desk.enter('bob');
  expect(opens()).toBe(before);
});

test('whoever signs in gets their own store back, in the middle of its being sent; everything arrives, once', async () => {
  const ids = await leaves('ann', 800);
  await given.desk.enter('bob');
  await until('some of it at central', async () => (await atCentral(ids)).length > 0);
  await given.desk.enter('ann');
  expect((await atCentral(ids)).length).toBeLessThan(ids.length);
  await until('all of it at central', async () => (await atCentral(ids)).length === ids.length, 60_000);
  expect((await given.desk.view()).outbox.refused).toBe(0);
  expect(given.desk.states.map(({ trouble }) => trouble).filter((trouble) => trouble !== null)).toEqual([]);
});

const KILLS = counts(4, 20);
/** Left unsent at a time: some batches, so that there is a middle to be killed in. */
const LEFT = 600;

const countAtCentral = async (): Promise<number> => {
  const { db } = given.central.store;
  const rows = await db
    .selectFrom('outcomes')
    .select('id')
    .where('device_id', '=', given.desk.device.deviceId ?? '')
    .execute();
  return rows.length;
};

test(`what sends it killed ${KILLS} times: nothing lost, nothing doubled`, { timeout: 400_000 }, async () => {
  const ids = [...(await leaves('ann', LEFT))];
  const { central } = given;
  let killed = 0;
  const drains = new Drains({
    people: given.desk.people,
    userData: given.desk.userData,
    fork: () => given.desk.fork('drain-process.js'),
    token: async () => {
      const granted = await signIn(central.url, given.desk.device, null);
      return granted === null
        ? null
        : {
            url: central.url,
            deviceId: given.desk.device.deviceId ?? '',
            deviceToken: granted.token,
            trust: given.desk.device.trusted,
            network: NO_PROXY,
          };
    },
    orders: () => NO_ORDERS,
    onLog: (text) => given.desk.logs.push(text),
  });
  while (killed < KILLS) {
    const had = await countAtCentral();
    const processes = given.desk.processes.length;
    drains.begin(null);
    await until('a process that sends', () => given.desk.processes.length > processes);
    const { child } = given.desk.processes.at(-1) ?? expect.fail('no process');
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
  const counted = await given.central.store.db.selectFrom('dead_letters').select('item_id').execute();
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
  await given.central.revokeDevice(given.desk.device.deviceId ?? '');
  expect(await given.desk.sessions.enter('bob')).toEqual({ ok: false, words: expect.stringContaining('computer') });
  expect(await given.desk.sessions.enter('ann')).toEqual({ ok: false, words: expect.stringContaining('computer') });
  expect(await atCentral(ids)).toEqual([]);
  expect(await given.desk.inStoreOf('ann', (store) => store.counts().unsent)).toBe(5);
});
