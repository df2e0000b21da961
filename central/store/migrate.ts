/** Brings a database to the newest schema: plain numbered SQL, each file applied once, in order, never edited once applied. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Store } from './open-store.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sqlText: string;
}

const FOLDER = new URL('../../migrations/central/', import.meta.url);
const NAME = /^(\d{3})_[a-z0-9-]+\.sql$/;
/** Any fixed number: nodes that start together migrate one after the other. */
const LOCK = 5_077_401;
const TAKE_LOCK = `select pg_advisory_xact_lock(${LOCK})`;

/** The migrations of this version, in order. Throws when their numbers have a hole, or a name is none of a migration. */
export function readMigrations(folder: URL = FOLDER): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const misnamed = names.find((name) => !NAME.test(name));
  if (misnamed !== undefined) throw new Error(`${misnamed} would be left out: name it like 001_what-it-does.sql`);
  const found = names
    .toSorted()
    .map((name) => ({ number: Number(name.slice(0, 3)), name, sqlText: readFileSync(new URL(name, folder), 'utf8') }));
  found.forEach((migration, i) => {
    if (migration.number !== i + 1)
      throw new Error(`migrations must be numbered from 001 without holes: ${migration.name} is in place ${i + 1}`);
  });
  if (found.length === 0) throw new Error(`no migrations in ${folder.pathname}: the installation is incomplete`);
  return found;
}

/**
 * Applies what is missing, each file in one transaction with its row in `schema_migrations`.
 * Throws, having changed nothing, when an applied file was edited or the database is newer than this version.
 */
export async function migrate(store: Store, migrations: readonly Migration[] = readMigrations()): Promise<void> {
  // "if not exists" does not keep two nodes from creating it at once; the lock does.
  await store.script(`${TAKE_LOCK}; create table if not exists schema_migrations (
    number integer primary key, name text not null, hash text not null, applied_at timestamptz not null default now())`);
  const applied = await appliedMigrations(store);
  for (const row of applied) {
    const ours = migrations[row.number - 1];
    if (ours === undefined)
      throw new Error(`the database has migration ${row.name}, which this version does not know: start a newer version of central`);
    if (hashOf(ours) !== row.hash)
      throw new Error(`migration ${ours.name} was changed after it was applied: restore the file, and put the change into a new one`);
  }
  for (const migration of migrations.slice(applied.length)) await apply(store, migration);
}

async function appliedMigrations(store: Store) {
  const { rows } = await sql<{ number: number; name: string; hash: string }>`
    select number, name, hash from schema_migrations order by number`.execute(store.db);
  return rows;
}

async function apply(store: Store, migration: Migration): Promise<void> {
  const row = `insert into schema_migrations (number, name, hash) values (${migration.number}, '${migration.name}', '${hashOf(migration)}')`;
  // One simple query is one implicit transaction on both engines. A node that lost the race finds the row and fails on its key.
  try {
    await store.script(`${TAKE_LOCK}; ${row}; ${migration.sqlText}`);
  } catch (error) {
    const now = await appliedMigrations(store);
    if (now.some((other) => other.number === migration.number && other.hash === hashOf(migration))) return;
    throw new Error(`migration ${migration.name} failed, nothing of it was applied`, { cause: error });
  }
}

const hashOf = (migration: Migration): string => createHash('sha256').update(migration.sqlText).digest('hex');
