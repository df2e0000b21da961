/** A throw-away PostgreSQL server for the tests of one file: its own folder, its own port, gone at the end. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { migrate, readMigrations } from '#central/store/migrate.ts';
import { openStore } from '#central/store/open-store.ts';

/** The database that migrated ones are copied from. */
const MIGRATED = 'migrated';

export interface Postgres {
  /** Of the server's first process. */
  readonly pid: () => number;
  /** A new database; its URL. */
  createDatabase(kind?: 'empty' | 'migrated'): Promise<string>;
  /** Ends every process of it at once, as a power cut would but for the disk, and starts it again: it recovers from its log. */
  crash(): Promise<void>;
  /** Every process of it stands still, or goes on. */
  freeze(isFrozen: boolean): void;
  stop(): Promise<void>;
}

/** Folder of PostgreSQL's programs: the newest of Debian's, or whatever is on the PATH; null = not installed. */
export function findPostgres(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null;
}

/**
 * Starts a server; the caller stops it. As root it runs as the user postgres, which PostgreSQL insists on. Unless `fsync=on` is
 * among the settings it forces nothing to the disk: quick, and as good for what is not about power cuts.
 */
export async function startPostgres(programs: string, settings: readonly string[] = ['fsync=off']): Promise<Postgres> {
  const as = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  const folder = ownFolder(join(tmpdir(), 'sotto-postgres-'), as);
  const data = join(folder, 'data');
  execFileSync('cp', ['-a', await clusterImage(programs, as), data], { ...as, cwd: folder, stdio: 'pipe' });
  const port = await freePort();
  const start = (): ChildProcess => serverOf(programs, as, data, port, settings);
  let server = start();
  const url = (database: string) => urlOf(port, database);
  await whenUp(url('postgres'), server);
  return {
    pid: () => server.pid ?? 0,
    async createDatabase(kind = 'empty') {
      const name = `test_${randomBytes(6).toString('hex')}`;
      const template = kind === 'empty' ? 'template1' : MIGRATED;
      await withClient(url('postgres'), (client) => client.query(`create database ${name} template ${template}`));
      return url(name);
    },
    async crash() {
      await ended(server);
      server = start();
      await whenUp(url('postgres'), server);
    },
    freeze(isFrozen) {
      const signal = isFrozen ? 'SIGSTOP' : 'SIGCONT';
      const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === server.pid);
      for (const pid of [...children.map(Number), server.pid ?? 0]) signalled(pid, signal);
    },
    async stop() {
      await ended(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

function ownFolder(prefix: string, { uid, gid }: Owner): string {
  const folder = mkdtempSync(prefix);
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

const urlOf = (port: number, database: string): string => `postgres://sotto@127.0.0.1:${port}/${database}`;

function serverOf(programs: string, as: Owner, data: string, port: number, settings: readonly string[]): ChildProcess {
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=60', ...settings];
  const given = all.flatMap((setting) => ['-c', setting]);
  return spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...given], { ...as, cwd: data, stdio: 'ignore' });
}

/** A cluster with one database, migrated. Making one takes seconds, copying it does not: made once per version of PostgreSQL and of the migrations. */
async function clusterImage(programs: string, as: Owner): Promise<string> {
  const version = createHash('sha256')
    .update(execFileSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8' }))
    .update(JSON.stringify(readMigrations()))
    .digest('hex');
  const image = join(tmpdir(), `sotto-test-cluster-${process.getuid?.() ?? 0}-${version.slice(0, 16)}`);
  if (existsSync(join(image, 'PG_VERSION'))) return image;
  const mine = ownFolder(`${image}-`, as);
  const options = ['-U', 'sotto', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(programs, 'initdb'), ['-D', mine, ...options], { ...as, cwd: mine, stdio: 'pipe' });
  await migrateIn(programs, as, mine);
  try {
    renameSync(mine, image);
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(join(image, 'PG_VERSION'))) throw error;
    rmSync(mine, { recursive: true, force: true });
  }
  return image;
}

async function migrateIn(programs: string, as: Owner, data: string): Promise<void> {
  const port = await freePort();
  const server = serverOf(programs, as, data, port, ['fsync=off']);
  await whenUp(urlOf(port, 'postgres'), server);
  await withClient(urlOf(port, 'postgres'), (client) => client.query(`create database ${MIGRATED}`));
  const store = await openStore({ databaseUrl: urlOf(port, MIGRATED), maxConnections: 1, statementTimeoutMs: 15_000 });
  await migrate(store);
  await store.close();
  await ended(server, 'SIGINT');
}

/** SIGQUIT: at once, without a checkpoint; SIGINT: with one. */
async function ended(server: ChildProcess, signal: 'SIGQUIT' | 'SIGINT' = 'SIGQUIT'): Promise<void> {
  const exit = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await exit;
}

/** A process of a connection that ended since it was listed is no fault. */
function signalled(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return Number.NaN;
  }
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const idOf = (flag: '-u' | '-g'): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

async function whenUp(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode} while starting`);
    try {
      return await withClient(url, () => Promise.resolve());
    } catch {
      await pause(50);
    }
  }
  throw new Error('postgres did not come up within 10 s');
}
