import { readFileSync, writeFileSync } from 'node:fs';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { migrate, readMigrations } from '#central/store/migrate.ts';
import { describeSchema } from './describe-schema.ts';
import { onEachEngine, onPostgres } from './engines.ts';

const SNAPSHOT = new URL('../../migrations/central/schema.txt', import.meta.url);

onEachEngine((engine) => {
  test('the migrations give the schema of the snapshot, and applying them again changes nothing', async () => {
    const store = await engine.openEmpty();
    await migrate(store);
    await migrate(store);
    const found = await describeSchema(store);
    await store.close();
    if (process.env['UPDATE_SNAPSHOTS'] === 'true') writeFileSync(SNAPSHOT, found);
    expect(found.split('\n').length).toBeGreaterThan(100);
    expect(found).toBe(readFileSync(SNAPSHOT, 'utf8'));
  });

  test('a migration that was edited after it was applied is refused', async () => {
    const store = await engine.open();
    const edited = readMigrations().map((migration) => ({ ...migration, sqlText: `${migration.sqlText}\n-- a thought` }));
    await expect(migrate(store, edited)).rejects.toThrow(/was changed after it was applied/);
    await store.close();
  });

  test('002: outcomes stored before it say what they took', async () => {
    const store = await engine.openEmpty();
    await migrate(store, readMigrations().slice(0, 1));
    const rows = [
      ['a', 'accepted', { actionId: 'one' }],
      ['b', 'overridden', { actionId: 'one', chosenActionId: 'two' }],
      ['c', 'seen', { actionId: 'one' }],
    ] as const;
    for (const [id, kind, body] of rows)
      await sql`insert into outcomes (id, hash, kind, decision_id, call_id, agent_id, device_id, action_id, at_ms, clock, body, received_at_ms)
        values (${id}, 'h', ${kind}, 'd', 'c', 'ann', 'dev', ${body.actionId}, 1, 1, ${JSON.stringify(body)}::jsonb, 1)`.execute(store.db);
    await migrate(store);
    const taken = await store.db.selectFrom('outcomes').select(['id', 'taken_action']).orderBy('id').execute();
    expect(taken.map(({ taken_action }) => taken_action)).toEqual(['one', 'two', null]);
    await store.close();
  });

  test('a database newer than this version is refused', async () => {
    const store = await engine.open();
    await migrate(store, [
      ...readMigrations(),
      { number: readMigrations().length + 1, name: '999_next.sql', sqlText: 'create table later (a int);' },
    ]);
    await expect(migrate(store)).rejects.toThrow(/start a newer version/);
    await store.close();
  });

  test('a migration that fails leaves nothing behind, and the next start can go on', async () => {
    const store = await engine.open();
    const number = readMigrations().length + 1;
    const broken = { number, name: '999_next.sql', sqlText: 'create table half (a int); insert into half values (1); select 1 / 0;' };
    await expect(migrate(store, [...readMigrations(), broken])).rejects.toThrow(/nothing of it was applied/);
    const { rows } = await sql<{ n: number }>`select count(*) as n from pg_tables where tablename = 'half'`.execute(store.db);
    expect(Number(rows[0]?.n)).toBe(0);
    await migrate(store, [...readMigrations(), { ...broken, sqlText: 'create table whole (a int);' }]);
    await store.close();
  });
});

onPostgres((engine) => {
  test('nodes that start together migrate once', async () => {
    const store = await engine.openEmpty();
    const others = await Promise.all([engine.again(store), engine.again(store), engine.again(store)]);
    await Promise.all([store, ...others].map((each) => migrate(each)));
    const { rows } = await sql<{ n: number }>`select count(*) as n from schema_migrations`.execute(store.db);
    expect(Number(rows[0]?.n)).toBe(readMigrations().length);
    for (const each of [store, ...others]) await each.close();
  });
});
