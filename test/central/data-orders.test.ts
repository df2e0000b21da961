/** Orders about customers' data reach every enrolled desk, in order, until it says that it has them. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptBy } from '#central/privacy/data-orders.ts';
import { onPostgres } from './engines.ts';
import { type Opened, openCentral, TestDesk, until } from './fixture.ts';

const DAY_MS = 86_400_000;

const ordered = (desk: TestDesk) => desk.named('orders').flatMap(({ orders }) => orders);

onPostgres((engine) => {
  let opened: Opened;
  const desks: TestDesk[] = [];
  const connect = async (agentId: string, kept = 0): Promise<TestDesk> => {
    const desk = await TestDesk.connect(opened.central, agentId);
    desk.ordersKept = kept;
    desks.push(desk);
    return desk;
  };
  const kept = (deviceId: string): Promise<number> => keptBy(opened.central.store.db, deviceId);
  beforeEach(async () => {
    opened = await openCentral(await engine.open());
  });
  afterEach(async () => {
    for (const desk of desks.splice(0)) desk.close();
    await opened.close();
  });

  test('a connected desk hears at once, one that was away when it is back, and each only once', async () => {
    const { central } = opened;
    const ann = await connect('ann');
    await until('central’s time is told', () => ann.named('orders').length === 1);
    expect(Math.abs((ann.named('orders')[0]?.atMs ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(ordered(ann)).toEqual([]);
    expect(await central.erase('cust-1')).toMatchObject({ ok: true });
    // Asked for twice it is one order.
    expect(await central.erase('cust-1')).toMatchObject({ ok: true });
    await central.erase('cust-2');
    await until('ann has both', async () => (await kept('dev-ann')) === ann.ordersKept && ordered(ann).length === 2);
    expect(ordered(ann).map((order) => [order.kind, order.customerId])).toEqual([
      ['erase', 'cust-1'],
      ['erase', 'cust-2'],
    ]);
    const bob = await connect('bob');
    await until('bob has both', () => ordered(bob).length === 2);
    expect(ordered(bob)).toEqual(ordered(ann));
    ann.close();
    const again = await connect('ann', ann.ordersKept);
    await until('ann is back', () => again.named('orders').length > 0);
    expect(ordered(again)).toEqual([]);
  });

  test('a desk that lost what it kept says so by its number, and is sent all of it again', async () => {
    const { central } = opened;
    const ann = await connect('ann');
    for (const customerId of ['c-1', 'c-2', 'c-3']) await central.erase(customerId);
    await until('ann has them', async () => ordered(ann).length === 3 && (await kept('dev-ann')) === ann.ordersKept);
    ann.close();
    const emptied = await connect('ann');
    await until('all again', () => ordered(emptied).length === 3);
    expect(ordered(emptied)).toEqual(ordered(ann));
  });

  test('what is held is not erased before the hold is over, and a hold that was ended holds nothing', async () => {
    const { central } = opened;
    const untilMs = Date.now() + DAY_MS;
    await central.hold('cust-1', untilMs);
    expect(await central.erase('cust-1')).toEqual({ ok: false, reason: 'held', untilMs });
    const ann = await connect('ann');
    await until('ann hears of it', () => ordered(ann).length === 1);
    expect(ordered(ann)).toMatchObject([{ kind: 'hold', customerId: 'cust-1', untilMs }]);
    await central.hold('cust-1', Date.now() - 1);
    expect(await central.erase('cust-1')).toMatchObject({ ok: true });
    await until('ann hears of the rest', () => ordered(ann).length === 3);
    expect(ordered(ann).map(({ kind }) => kind)).toEqual(['hold', 'hold', 'erase']);
  });
});
