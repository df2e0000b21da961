/** Central is upgraded while it serves: a node of the next version migrates the database, and nodes of this one go on beside it. */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { type Migration, migrate, readMigrations } from '#central/store/migrate.ts';
import type { Store } from '#central/store/open-store.ts';
import { onPostgres, pglite } from './engines.ts';
import { batch, decision, item, type Opened, openCentral, outcome, Producer, TestDesk, until } from './fixture.ts';

const CLAIM = 'Old nodes go on meanwhile';

/** The next version's: what it may do while nodes of this one serve. */
const ADDS = `-- ${CLAIM}.
create table next_things (id text primary key, at_ms bigint not null);
alter table outcomes add column next_note text;
alter table calls add column next_mark boolean not null default false;
alter table action_requests add column next_kind text not null default 'plain';
create index next_by_queue on calls (next_mark) where next_mark;`;
/** And what it may not: the canary. */
const BREAKS = `-- ${CLAIM}, it says.
alter table calls rename column phase to stage;`;

const next = (sqlText: string): readonly Migration[] => {
  const ours = readMigrations();
  return [...ours, { number: ours.length + 1, name: `${String(ours.length + 1).padStart(3, '0')}_next.sql`, sqlText }];
};

type Columns = ReadonlyMap<string, { readonly type: string; readonly isFree: boolean }>;

/** By table and column; free: who writes a row need not know of it. */
async function columnsOf(store: Store): Promise<Columns> {
  const { rows } = await sql<{ name: string; type: string; free: boolean }>`
    select c.table_name || '.' || c.column_name as name, c.udt_name as type,
      c.is_nullable = 'YES' or c.column_default is not null or c.is_identity = 'YES' or c.is_generated = 'ALWAYS' as free
    from information_schema.columns c where c.table_schema = 'public'`.execute(store.db);
  return new Map(rows.map(({ name, type, free }) => [name, { type, isFree: free }]));
}

/** What keeps statements written for `before` from doing their work on `after`. */
function obstacles(before: Columns, after: Columns): readonly string[] {
  const tables = new Set([...before.keys()].map((name) => name.split('.')[0]));
  return [
    ...[...before].filter(([name, { type }]) => after.get(name)?.type !== type).map(([name]) => `${name} is gone or of another type`),
    ...[...after]
      .filter(([name, { isFree }]) => tables.has(name.split('.')[0]) && !before.has(name) && !isFree)
      .map(([name]) => `${name} has to be given`),
  ];
}

test('a migration that lets old nodes go on takes nothing from them, and asks nothing of them', async () => {
  const claiming = new Set(readMigrations().flatMap(({ name, sqlText }) => (sqlText.slice(0, 200).includes(CLAIM) ? [name] : [])));
  expect(claiming.size).toBeGreaterThan(0);
  const store = await pglite.openEmpty();
  for (const migration of readMigrations()) {
    const before = await columnsOf(store);
    await migrate(store, readMigrations().slice(0, migration.number));
    if (claiming.has(migration.name)) expect(obstacles(before, await columnsOf(store)), migration.name).toEqual([]);
  }
  const before = await columnsOf(store);
  await migrate(store, next(ADDS));
  expect(obstacles(before, await columnsOf(store))).toEqual([]);
  // Canary: one that breaks them is seen.
  await store.script('alter table calls rename column phase to stage; alter table outcomes add column must bigint not null default 0');
  await store.script('alter table outcomes alter column must drop default');
  expect(obstacles(before, await columnsOf(store))).toEqual([
    'calls.phase is gone or of another type',
    'calls.stage has to be given',
    'outcomes.must has to be given',
  ]);
  await store.close();
});

/** A desk of this node works call after call until it is told to stop; what central did not take is listed. */
function work({ central }: Opened, agentId: string) {
  const refused: string[] = [];
  const over = new AbortController();
  let answers = 0;
  const running = (async () => {
    const desk = await TestDesk.connect(central, agentId);
    for (let seq = 1; !over.signal.aborted; ) {
      const producer = new Producer();
      for (const event of [producer.offered(agentId, 'cust-1'), producer.said('one'), producer.said('two')]) {
        const { result } = await central.intake(event).catch(() => ({ result: 'failed' }));
        if (result !== 'accepted') refused.push(`event ${result}`);
      }
      const shown = decision(producer.callId, { agentId, deviceId: desk.deviceId });
      const given = outcome({ callId: producer.callId, decisionId: shown.id, agentId, deviceId: desk.deviceId });
      const items = [item(seq++, 'decision', shown), item(seq++, 'outcome', { ...given })];
      const receipt = await desk.send(batch(desk.deviceId, items)).catch(() => null);
      for (const { result } of receipt?.items ?? [{ result: 'failed' }]) if (result !== 'stored') refused.push(`answer ${result}`);
      answers++;
      await until('all events are at the desk', () => desk.seqs(producer.callId).length === 3).catch((error: Error) =>
        refused.push(error.message),
      );
      await pause(5);
    }
    desk.close();
  })();
  return {
    answers: () => answers,
    async stop(): Promise<readonly string[]> {
      over.abort();
      await running;
      return refused;
    },
  };
}

onPostgres((engine) => {
  interface Side {
    readonly opened: Opened;
    readonly store: Store;
  }
  const LIVE = { live: { pollMs: 200, reorderMs: 20 } };

  async function upgrade(sqlText: string): Promise<{ readonly refused: readonly string[]; readonly old: Side; readonly fresh: Side }> {
    const store = await engine.open();
    const old = { store, opened: await openCentral(store, LIVE) };
    const atOld = work(old.opened, 'ann');
    await until('the old node is at work', () => atOld.answers() > 3);
    const other = await engine.again(store);
    await migrate(other, next(sqlText));
    const after = atOld.answers();
    await until('the old node went on', () => atOld.answers() > after + 3);
    const fresh = { store: other, opened: await openCentral(other, LIVE).catch(() => old.opened) };
    const atFresh = fresh.opened === old.opened ? null : work(fresh.opened, 'bob');
    if (atFresh !== null) await until('the new node is at work beside it', () => atFresh.answers() > 3);
    return { refused: [...(await atOld.stop()), ...((await atFresh?.stop()) ?? [])], old, fresh };
  }

  test('[X8] a node goes on, and loses nothing, while one of the next version migrates the database and serves beside it', async () => {
    const { refused, old, fresh } = await upgrade(ADDS);
    expect(refused).toEqual([]);
    expect(old.opened.logged.filter((line) => line.includes('failed'))).toEqual([]);
    const { rows } = await sql<{ given: number; known: number }>`
      select count(*)::integer as given, count(distinct agent_id)::integer as known from outcomes`.execute(old.store.db);
    expect(rows[0]?.known).toBe(2);
    // One of this version that starts now would be older than its database.
    const late = await engine.again(old.store);
    await expect(migrate(late)).rejects.toThrow(/start a newer version of central/);
    await late.close();
    await fresh.opened.close();
    await old.opened.close();
  });

  test('canary: a migration that takes away what old nodes need is felt by them at once', async () => {
    const store = await engine.open();
    const { central, close } = await openCentral(store, LIVE);
    const other = await engine.again(store);
    await migrate(other, next(BREAKS));
    const producer = new Producer();
    await expect(central.intake(producer.offered('ann', 'cust-1'))).rejects.toThrow();
    await other.close();
    await close();
  });
});
