/** A throw-away PostgreSQL server for the tests of one file: its own folder, its own port, gone at the end. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

export interface Postgres {
  /** Of the server's first process. */
  readonly pid: () => number;
  /** A new, empty database; its URL. */
  createDatabase(): Promise<string>;
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
  const folder = mkdtempSync(join(tmpdir(), 'sotto-postgres-'));
  const as = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : null;
  if (as !== null) chownSync(folder, as.uid, as.gid);
  const data = join(folder, 'data');
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'sotto', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'], {
    ...as,
    cwd: folder,
    stdio: 'pipe',
  });
  const port = await freePort();
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=60', ...settings];
  const given = all.flatMap((setting) => ['-c', setting]);
  const start = (): ChildProcess =>
    spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...given], { ...as, cwd: folder, stdio: 'ignore' });
  let server = start();
  const url = (database: string) => `postgres://sotto@127.0.0.1:${port}/${database}`;
  await whenUp(url('postgres'), server);
  return {
    pid: () => server.pid ?? 0,
    async createDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await withClient(url('postgres'), (client) => client.query(`create database ${name}`));
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
      for (const pid of [...children.map(Number), server.pid ?? 0]) process.kill(pid, signal);
    },
    async stop() {
      await ended(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Immediate: without a checkpoint. */
async function ended(server: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGQUIT');
  await exit;
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
