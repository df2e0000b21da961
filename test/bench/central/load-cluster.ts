/** What the load is put on: PostgreSQL with real syncs in a folder of its own, and nodes that are processes of their own, as an operator starts them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CentralConfigInput } from '#central/config.ts';
import { migrate } from '#central/store/migrate.ts';
import { openStore } from '#central/store/open-store.ts';
import { startCentral } from '#central/start-central.ts';
import { findPostgres, startPostgres } from '../../central/postgres.ts';
import { smallPolicy } from '../../central/small-policy.ts';
import type { Plan } from './plan.ts';

/** What docs/OPERATING.md recommends for a machine of this size. */
export const POSTGRES_SETTINGS = [
  'fsync=on',
  'synchronous_commit=on',
  'shared_buffers=512MB',
  'max_wal_size=4GB',
  'checkpoint_timeout=15min',
  'checkpoint_completion_target=0.9',
  'wal_compression=lz4',
  'default_toast_compression=lz4',
];

export const SOTTO = join(import.meta.dirname, '..', '..', '..', 'main', 'cli', 'sotto.mjs');

export interface LoadedNode {
  readonly url: string;
  readonly pid: number;
}

export interface Cluster {
  readonly postgresPid: number;
  readonly databaseUrl: string;
  readonly nodes: readonly LoadedNode[];
  /** Of the nodes: their tokens for desks are signed with a key that follows from it. */
  readonly signingKeyPem: string;
  /** Hash of the revision. */
  readonly policy: string;
  close(): Promise<void>;
}

/** Throws when PostgreSQL is not installed. */
export async function startCluster(plan: Plan, say: (line: string) => void): Promise<Cluster> {
  const programs = findPostgres();
  if (programs === null) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
  const postgres = await startPostgres(programs, POSTGRES_SETTINGS);
  const children: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(children.map(endOf));
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const databaseUrl = await postgres.createDatabase();
    const policy = await prepareOrganisation(databaseUrl, folder, plan.devices);
    const signingKeyPem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const outbox = plan.outboxWorkers === null ? {} : { outbox: { workers: plan.outboxWorkers } };
    const config = { ...nodeConfig(databaseUrl, folder, signingKeyPem), ...outbox };
    const nodes: LoadedNode[] = [];
    for (let n = 0; n < plan.nodes; n++) {
      const file = join(folder, `node-${n}.json`);
      writeFileSync(file, JSON.stringify(config));
      const child = spawn(process.execPath, [...nodeFlags(n), SOTTO, 'central', '--json', '--config', file], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.push(child);
      createInterface({ input: child.stderr }).on('line', (line) => say(`  node ${n}: ${line}`));
      nodes.push({ url: await urlOf(child), pid: child.pid ?? 0 });
    }
    return { postgresPid: postgres.pid(), databaseUrl, nodes, signingKeyPem, policy, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** To see where a node's time goes: a folder named by SOTTO_BENCH_PROFILE gets its processor profile. */
function nodeFlags(n: number): readonly string[] {
  const folder = process.env['SOTTO_BENCH_PROFILE'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-name=node-${n}.cpuprofile`, `--cpu-prof-dir=${folder}`];
}

/** Agents, devices, customers and a policy, as the organisation of the load has them; the revision's hash. */
export async function prepareOrganisation(databaseUrl: string, folder: string, devices: number): Promise<string> {
  const store = await openStore({ databaseUrl, maxConnections: 4, statementTimeoutMs: 60_000 });
  await migrate(store);
  const numbers = Array.from({ length: devices }, (_, n) => n);
  await store.db
    .insertInto('devices')
    .values(numbers.map((n) => ({ device_id: `bench-${n}`, public_key: `none-${n}`, enrolled_at_ms: Date.now(), revoked_at_ms: null })))
    .execute();
  await store.db
    .insertInto('integrations')
    .values({ name: 'bench', roles: ['integration'] })
    .execute();
  const central = await startCentral({ mode: 'embedded', folder }, { store, log: () => {} });
  await central.loadOrganisation({
    agents: numbers.map((n) => ({ id: `agent-${n}`, name: `Agent ${n}`, level: 'standard', language: 'en' })),
    customers: numbers.map((n) => ({
      customerId: `customer-${n}`,
      version: 1,
      asOfMs: Date.now(),
      displayName: `Customer ${n}`,
      language: 'en',
      fields: { plan: 'basic' },
      consents: [],
      history: [],
    })),
    policyFiles: smallPolicy(),
    models: [],
  });
  const { hash } = await store.db.selectFrom('publications').select('hash').executeTakeFirstOrThrow();
  await central.close();
  return hash;
}

export function nodeConfig(databaseUrl: string, folder: string, signingKeyPem: string) {
  const pem = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const approver = createPublicKey(generateKeyPairSync('ed25519').privateKey);
  return {
    mode: 'production',
    databaseUrl,
    signIn: { issuer: 'https://issuer.bench.invalid', clientId: 'bench', resource: 'https://central.bench.invalid' },
    signingKeyFile: pem('signing.pem', signingKeyPem),
    models: { signatures: 2, approverKeyFiles: [pem('approver.pem', approver.export({ type: 'spki', format: 'pem' }).toString())] },
  } satisfies CentralConfigInput;
}

export function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a node ended with ${code} while starting`)));
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).once('line', (line) => resolve((JSON.parse(line) as { url: string }).url));
  });
}

export async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(timer);
}
