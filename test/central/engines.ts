/** Both stores, for tests that must hold on either: PGlite from a prepared image, PostgreSQL from a throw-away server. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe } from 'vitest';
import { migrate, readMigrations } from '#central/store/migrate.ts';
import { embeddedStore, openStore, type Store } from '#central/store/open-store.ts';
import { ReusedPglite } from './reused-pglite.ts';
import { findPostgres, type Postgres, startPostgres } from './postgres.ts';

export interface Engine {
  readonly name: 'PGlite' | 'PostgreSQL';
  /** A new store of its own without any table. */
  openEmpty(): Promise<Store>;
  /** A new, migrated store. */
  open(): Promise<Store>;
  /** Opens the same database once more, as another node would; PostgreSQL only. */
  again(store: Store): Promise<Store>;
}

/** Defines the tests once per engine: those of migrations, batches, feeds and whatever else goes about rows and transactions itself. */
export function onEachEngine(define: (engine: Engine) => void): void {
  describe('on PGlite', () => define(pglite));
  onPostgres(define);
}

/**
 * Defines the tests on PostgreSQL: of what central's rules are, on either engine. Where it is missing they are skipped, loudly; with
 * CI=true that is a failure. `settings`: of the server; a central in production wants one that forces to the disk what it acknowledges.
 */
export function onPostgres(define: (engine: Engine) => void, settings?: readonly string[]): void {
  const programs = findPostgres();
  if (programs === null && process.env['CI'] === 'true') throw new Error('CI needs PostgreSQL: install Debian package postgresql');
  if (programs === null)
    console.warn('\n!!! SKIPPED: PostgreSQL is not installed, so nothing of these tests ran on it (apt-get install postgresql)\n');
  describe.skipIf(programs === null)('on PostgreSQL', () => {
    let server: Postgres | null = null;
    const urls = new WeakMap<Store, string>();
    beforeAll(async () => {
      server = await startPostgres(programs ?? '', settings);
    });
    afterAll(() => server?.stop());
    const openUrl = async (url: string): Promise<Store> => {
      const store = await openStore({ databaseUrl: url, maxConnections: 10, statementTimeoutMs: 15_000 });
      urls.set(store, url);
      return store;
    };
    const running = (): Postgres => {
      if (server === null) throw new Error('the server is not up');
      return server;
    };
    define({
      name: 'PostgreSQL',
      openEmpty: async () => openUrl(await running().createDatabase()),
      open: async () => openUrl(await running().createDatabase('migrated')),
      again: (store) => openUrl(urls.get(store) ?? ''),
    });
  });
}

/** What a central in production is started on. */
export const DURABLE: readonly string[] = ['fsync=on'];

export const pglite: Engine = {
  name: 'PGlite',
  async openEmpty() {
    return embeddedStore(await PGlite.create({ loadDataDir: await image('empty', async () => {}) }));
  },
  open: async () => embeddedStore(await migratedPglite()),
  again: () => Promise.reject(new Error('PGlite has one connection')),
};

/** Given back when their stores were closed. */
const idle: ReusedPglite[] = [];

/** One that was used before and is as new, which takes a hundredth of the time; else a new one. */
async function migratedPglite(): Promise<PGlite> {
  for (let used = idle.pop(); used !== undefined; used = idle.pop()) {
    if (await used.emptied()) return used.pglite;
    await used.end();
  }
  const pglite = await PGlite.create({ loadDataDir: await image('migrated', migrate) });
  return (await ReusedPglite.of(pglite, (back) => idle.push(back))).pglite;
}

/** A folder for an embedded central, with a migrated store in it. */
export async function embeddedFolder(): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-central-'));
  await prepareEmbedded(folder);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Puts a migrated store where an embedded central of this folder looks for its own. */
export async function prepareEmbedded(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const prepared = await PGlite.create({ dataDir: join(folder, 'pglite'), loadDataDir: await image('migrated', migrate) });
  await prepared.close();
}

/** Making a PGlite takes seconds, loading one does not: made once per version of the migrations. */
async function image(name: string, prepare: (store: Store) => Promise<void>): Promise<Blob> {
  const version = createHash('sha256')
    .update(JSON.stringify([readMigrations(), readFileSync('node_modules/@electric-sql/pglite/package.json', 'utf8')]))
    .digest('hex');
  const folder = join(tmpdir(), 'sotto-test-images');
  const path = join(folder, `${name}-${version.slice(0, 16)}.tar`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const db = await PGlite.create();
    await prepare(embeddedStore(db));
    const dump = await db.dumpDataDir('none');
    await db.close();
    const mine = `${path}.${randomUUID()}`;
    writeFileSync(mine, new Uint8Array(await dump.arrayBuffer()));
    renameSync(mine, path);
  }
  return new Blob([readFileSync(path)]);
}
