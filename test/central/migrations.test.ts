import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { Revisions } from '#central/policy/revisions.ts';
import { migrate, readMigrations } from '#central/store/migrate.ts';
import { revisionHash } from '#policy';
import { keyOf, signerOf } from '../engine/signing.ts';
import { describeSchema } from './describe-schema.ts';
import { onEachEngine, onPostgres } from './engines.ts';
import { sha256 } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

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

  test('013: orders from before it stay, and say nothing of who gave them; a ground is of a hold alone', async () => {
    const store = await engine.openEmpty();
    await migrate(store, readMigrations().slice(0, 12));
    await sql`insert into data_orders (kind, customer_id, until_ms, at_ms) values ('hold', 'c', 9, 1), ('erase', 'c', null, 2)`.execute(
      store.db,
    );
    await migrate(store);
    const orders = await store.db.selectFrom('data_orders').select(['kind', 'basis', 'ordered_by']).orderBy('seq').execute();
    expect(orders.map(({ kind, basis, ordered_by: by }) => [kind, basis, by])).toEqual([
      ['hold', null, null],
      ['erase', null, null],
    ]);
    await expect(
      sql`insert into data_orders (kind, customer_id, until_ms, at_ms, basis) values ('erase', 'd', null, 3, 'why')`.execute(store.db),
    ).rejects.toThrow(/data_orders_basis/);
    await store.close();
  });

  test('005: what was published before it is served unsigned until it is published again', async () => {
    const store = await engine.openEmpty();
    await migrate(store, readMigrations().slice(0, 4));
    const files = smallPolicy();
    const hash = revisionHash(files, sha256);
    await sql`insert into revisions (hash, name, version, files, published_at_ms) values (${hash}, 'Small', 1, ${JSON.stringify(files)}::jsonb, 1)`.execute(
      store.db,
    );
    await sql`insert into publications (kind, name, hash, at_ms) values ('revision', 'revision', ${hash}, 1)`.execute(store.db);
    await migrate(store);
    const revisions = new Revisions(store, signerOf('s'), () => 2);
    await revisions.load();
    expect(revisions.current?.revision).toBe(hash);
    expect((await revisions.revision(hash))?.signed).toBeUndefined();
    expect(await revisions.publishRevision(files)).toEqual({ ok: true, hash });
    expect((await revisions.revision(hash))?.signed).toMatchObject({ replaces: null, signatures: [{ keyId: keyOf('s').id }] });
    // Signed as it is, it is not published twice.
    await revisions.publishRevision(files);
    expect(await store.db.selectFrom('publications').select('hash').execute()).toHaveLength(2);
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

test('a file that would be left out for its name is refused, and so is a hole', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-migrations-'));
  const files = pathToFileURL(`${folder}/`);
  writeFileSync(join(folder, '001_first.sql'), '');
  expect(readMigrations(files)).toHaveLength(1);
  writeFileSync(join(folder, '002_second_thing.sql'), '');
  expect(() => readMigrations(files)).toThrow(/002_second_thing.sql would be left out/);
  rmSync(join(folder, '002_second_thing.sql'));
  writeFileSync(join(folder, '003_third.sql'), '');
  expect(() => readMigrations(files)).toThrow(/without holes/);
  rmSync(folder, { recursive: true });
});
