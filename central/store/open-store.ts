/** PostgreSQL, or PGlite in a folder: one SQL for both. Everything else sees a Kysely. */
import { mkdirSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { lockFolder } from './folder-lock.ts';
import type { Tables } from './tables.ts';
import { TextArrayClient } from './text-arrays.ts';

export type StoreKind = 'pglite' | 'postgres';
export type Tx = Transaction<Tables>;
export type Query = Kysely<Tables>;

export interface Store {
  readonly kind: StoreKind;
  readonly db: Query;
  /** Runs several statements of plain SQL on one connection, without parameters: migrations. */
  script(sqlText: string): Promise<void>;
  /**
   * Hears what any connection sends on a channel, on a connection of its own: `lost` is called once when that breaks. Null: an embedded
   * store has nobody else to hear.
   */
  readonly listen: ((channel: string, hear: (text: string) => void, lost: () => void) => Promise<Listening>) | null;
  /**
   * The same database on connections of its own: what goes there never waits behind what goes here. An embedded store has one connection,
   * and is its own lane. Closed with this store.
   */
  lane(connections: number): Store;
  /** Of the pool and its lanes. */
  connections(): Connections;
  /** One transaction, at READ COMMITTED; begun again when the database says that it clashed with another. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface Connections {
  readonly total: number;
  readonly idle: number;
  /** Queries that wait for one. */
  readonly waiting: number;
}

export interface Listening {
  close(): Promise<void>;
}

export type StoreConfig =
  | { readonly folder: string }
  | { readonly databaseUrl: string; readonly maxConnections: number; readonly statementTimeoutMs: number };

const INT8 = 20;
/** Whole numbers of 64 bits come as numbers: every one of ours is below 2^53. */
const postgresTypes = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : (pg.types.getTypeParser as (oid: number, format?: string) => (text: string) => unknown)(oid, format),
};

/** serialization_failure and deadlock_detected: nothing was written, the same work may succeed. */
const CLASHES = new Set(['40001', '40P01']);
const MAX_TRIES = 5;

/** The SQLSTATE of a database error, on both engines; null for anything else. */
export const sqlState = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;

/** Classes 22 and 23: the data, not the database, is at fault. */
export const isPoison = (error: unknown): boolean => /^2[23]/.test(sqlState(error) ?? '');

/**
 * Opens the store. An embedded one belongs to one process; the folder is created when missing.
 * Throws when the folder is in use or the database cannot be reached, saying what to do.
 */
export async function openStore(config: StoreConfig): Promise<Store> {
  return 'folder' in config ? openEmbedded(config.folder) : openPostgres(config);
}

async function openEmbedded(folder: string): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(folder);
  try {
    const pglite = await PGlite.create({ dataDir: `${folder}/pglite` });
    return storeOn('pglite', new PGliteDialect({ pglite }), (text) => pglite.exec(text).then(() => undefined), unlock);
  } catch (error) {
    unlock();
    throw new Error(`central's embedded store in ${folder} cannot be opened: move the folder away to start with an empty one`, {
      cause: error,
    });
  }
}

/** A store in an already open PGlite, which it closes. */
export const embeddedStore = (pglite: PGlite): Store =>
  storeOn(
    'pglite',
    new PGliteDialect({ pglite }),
    (text) => pglite.exec(text).then(() => undefined),
    () => {},
  );

type PostgresConfig = Extract<StoreConfig, { databaseUrl: string }>;

function poolOf(config: PostgresConfig): pg.Pool {
  const pool = new pg.Pool({
    Client: TextArrayClient,
    connectionString: config.databaseUrl,
    max: config.maxConnections,
    connectionTimeoutMillis: 5_000,
    statement_timeout: config.statementTimeoutMs,
    // A server that is frozen does not even time out.
    query_timeout: config.statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: config.statementTimeoutMs,
    application_name: 'sotto-central',
    // Compiling a query takes longer than any of ours runs; of those that ask for many things at once the planner thinks otherwise.
    options: '-c jit=off',
    types: postgresTypes,
  });
  // A connection that breaks fails whatever runs on it and is replaced by the pool; without listeners it would end the process,
  // idle or between two statements of a transaction.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

async function openPostgres(config: PostgresConfig): Promise<Store> {
  const pool = poolOf(config);
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw new Error('PostgreSQL cannot be reached: check databaseUrl and that the server runs', { cause: error });
  }
  return postgresStore(config, pool);
}

function postgresStore(config: PostgresConfig, pool: pg.Pool): Store {
  const store = storeOn('postgres', new PostgresDialect({ pool }), (text) => pool.query(text).then(() => undefined));
  const lanes: Store[] = [];
  return {
    ...store,
    lane(connections) {
      const lane = postgresStore(config, poolOf({ ...config, maxConnections: connections }));
      lanes.push(lane);
      return lane;
    },
    connections: () =>
      lanes
        .map((lane) => lane.connections())
        .reduce((sum, each) => ({ total: sum.total + each.total, idle: sum.idle + each.idle, waiting: sum.waiting + each.waiting }), {
          total: pool.totalCount,
          idle: pool.idleCount,
          waiting: pool.waitingCount,
        }),
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()));
      await store.close();
    },
    listen: (channel, hear, lost) => listenTo(config.databaseUrl, channel, hear, lost),
  };
}

async function listenTo(databaseUrl: string, channel: string, hear: (text: string) => void, lost: () => void): Promise<Listening> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'sotto-central-listener',
  });
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    lost();
  };
  client.on('notification', ({ payload }) => hear(payload ?? ''));
  client.on('error', over);
  client.on('end', over);
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
  } catch (error) {
    isOver = true;
    await client.end().catch(() => {});
    throw new Error('the connection on which nodes hear each other cannot be opened', { cause: error });
  }
  return {
    async close() {
      isOver = true;
      await client.end().catch(() => {});
    },
  };
}

function storeOn(
  kind: StoreKind,
  dialect: PGliteDialect | PostgresDialect,
  script: (sqlText: string) => Promise<void>,
  afterClose: () => void = () => {},
): Store {
  const db = new Kysely<Tables>({ dialect });
  const store: Store = {
    kind,
    db,
    script,
    listen: null,
    lane: () => store,
    connections: () => ({ total: 1, idle: 0, waiting: 0 }),
    async transaction(work) {
      for (let tries = 1; ; tries++) {
        try {
          return await db.transaction().execute(work);
        } catch (error) {
          if (tries >= MAX_TRIES || !CLASHES.has(sqlState(error) ?? '')) throw error;
        }
      }
    },
    async close() {
      await db.destroy();
      afterClose();
    },
  };
  return store;
}
