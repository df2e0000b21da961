/** `sotto subject hold|erase|orders`: what a privacy officer orders reaches desks, is told with who ordered it and why, and who is held is not forgotten. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SubjectOrders } from '#contract/subject-orders.ts';
import { onPostgres } from '../central/engines.ts';
import { type Opened, openCentral, TestDesk, until } from '../central/fixture.ts';
import { runSotto } from './run-sotto.ts';

onPostgres((engine) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openCentral(await engine.open());
    const { db } = opened.central.store;
    await db.insertInto('people').values({ person_id: 'pia', name: 'Pia' }).execute();
    await db.insertInto('person_roles').values({ person_id: 'pia', role: 'privacy', granted_at_ms: 1, granted_by: null }).execute();
    await db.insertInto('accounts').values({ person_id: 'pia', issuer: 'urn:sotto:development', subject: 'pia' }).execute();
  });
  afterAll(() => opened.close());

  const sotto = (command: string, ...more: readonly string[]) =>
    runSotto(['subject', command, '--central', opened.central.url, '--as', 'pia', '--customer', 'cust-1', '--json', ...more]);
  const orders = async () => SubjectOrders.parse(JSON.parse((await sotto('orders')).out)).orders;

  test('a hold with its ground keeps from erasure until it is ended; then everybody forgets, and it is told how many have', async () => {
    const desk = await TestDesk.connect(opened.central, 'ann');
    expect(await orders()).toEqual([]);
    const held = await sotto('hold', '--until', '2099-01-01', '--basis', 'Proceeding 4 O 12/26');
    expect(held).toMatchObject({ code: 0 });
    await until('the desk has it', async () => (await orders())[0]?.desksDone === 1);
    expect(await orders()).toEqual([
      {
        seq: 1,
        kind: 'hold',
        atMs: expect.any(Number),
        untilMs: Date.parse('2099-01-01'),
        basis: 'Proceeding 4 O 12/26',
        orderedBy: 'pia',
        desks: 1,
        desksDone: 1,
      },
    ]);
    expect(await sotto('erase')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await sotto('erase', '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('in force until 2099-01-01') });
    expect(await sotto('hold', '--until', '2020-01-01', '--basis', 'Settled')).toMatchObject({ code: 0 });
    expect(await sotto('erase', '--yes')).toMatchObject({ code: 0 });
    await until('the desk has all', async () => (await orders()).every(({ desksDone }) => desksDone === 1));
    expect((await orders()).map(({ kind }) => kind)).toEqual(['hold', 'hold', 'erase']);
    expect(desk.named('orders').flatMap((message) => message.orders.map(({ kind }) => kind))).toEqual(['hold', 'hold', 'erase']);
    desk.close();
  });

  test('what says no day, no ground or another customer is refused in words', async () => {
    expect(await sotto('hold', '--until', 'soon', '--basis', 'Because')).toMatchObject({ code: 2, err: expect.stringContaining('"soon"') });
    expect(await sotto('hold', '--until', '2099-01-01', '--basis', '-')).toMatchObject({ code: 1, err: expect.stringContaining('basis') });
    expect(await sotto('hold', '--until', '1970-01-01', '--basis', 'Long ago')).toMatchObject({
      code: 1,
      err: expect.stringContaining('untilMs'),
    });
    const token = await fetch(new URL('/dev/token', opened.central.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ person: 'pia' }),
    });
    const answer = await fetch(new URL('/api/subjects/cust-1/erase', opened.central.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${((await token.json()) as { token: string }).token}` },
      body: JSON.stringify({ erase: 'cust-2' }),
    });
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error: 'bad-request' })]);
  });
});
