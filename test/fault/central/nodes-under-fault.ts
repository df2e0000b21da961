/** Nodes of central and a PostgreSQL that are killed, frozen and cut off, each a process of its own, and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derivedSigningKey } from '#central/access/derived-key.ts';
import { DeskIssuer } from '#central/access/tokens.ts';
import { endOf, nodeConfig, prepareOrganisation, SOTTO, urlOf } from '#test/bench/central/load-cluster.ts';
import { findPostgres, freePort, type Postgres, startPostgres } from '#test/central/postgres.ts';
import { TcpProxy } from './tcp-proxy.ts';

interface Node {
  readonly port: number;
  readonly file: string;
  child: ChildProcess | null;
  /** It said that it listens, and was not ended since. */
  serves: boolean;
}

export class NodesUnderFault {
  readonly postgres: Postgres;
  readonly databaseUrl: string;
  /** Between the nodes and PostgreSQL. */
  readonly toDatabase: TcpProxy;
  readonly issuer: DeskIssuer;
  /** Hash of the revision. */
  readonly policy: string;
  readonly #folder: string;
  readonly #nodes: readonly Node[];

  private constructor(
    parts: Pick<NodesUnderFault, 'postgres' | 'databaseUrl' | 'toDatabase' | 'issuer' | 'policy'>,
    folder: string,
    nodes: readonly Node[],
  ) {
    this.postgres = parts.postgres;
    this.databaseUrl = parts.databaseUrl;
    this.toDatabase = parts.toDatabase;
    this.issuer = parts.issuer;
    this.policy = parts.policy;
    this.#folder = folder;
    this.#nodes = nodes;
  }

  /** Desks are `bench-0` to `bench-<devices - 1>`, of agents by the same numbers. */
  static async start(nodes: number, devices: number, random: (below: number) => number, settings: object = {}): Promise<NodesUnderFault> {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-nodes-'));
    const postgres = await startPostgres(findPostgres() ?? '', ['fsync=on']);
    const databaseUrl = await postgres.createDatabase();
    const policy = await prepareOrganisation(databaseUrl, folder, devices);
    const toDatabase = await TcpProxy.start(random, () => ({ host: '127.0.0.1', port: Number(new URL(databaseUrl).port) }));
    const through = new URL(databaseUrl);
    through.port = String(toDatabase.port);
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const config = { ...nodeConfig(through.href, folder, pem), ...settings };
    const all: Node[] = [];
    for (let n = 0; n < nodes; n++) {
      const port = await freePort();
      const file = join(folder, `node-${n}.json`);
      writeFileSync(file, JSON.stringify({ ...config, port }));
      all.push({ port, file, child: null, serves: false });
    }
    const issuer = new DeskIssuer(derivedSigningKey(createPrivateKey(pem), 'desk tokens'));
    const cluster = new NodesUnderFault({ postgres, databaseUrl, toDatabase, issuer, policy }, folder, all);
    await Promise.all(all.map((_, n) => cluster.startNode(n)));
    return cluster;
  }

  get size(): number {
    return this.#nodes.length;
  }

  port(n: number): number {
    return this.#node(n).port;
  }

  pid(n: number): number {
    return this.#node(n).child?.pid ?? 0;
  }

  isUp(n: number): boolean {
    return this.#node(n).serves;
  }

  /** Until it serves; again and again while PostgreSQL is not to be reached. */
  async startNode(n: number): Promise<void> {
    const node = this.#node(n);
    for (let tries = 0; tries < 60; tries++) {
      const child = spawn(process.execPath, [SOTTO, 'central', '--json', '--config', node.file], { stdio: ['ignore', 'pipe', 'ignore'] });
      node.child = child;
      try {
        await urlOf(child);
        node.serves = true;
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
    throw new Error(`node ${n} did not come up`);
  }

  kill(n: number): Promise<void> {
    return this.#end(n, 'SIGKILL');
  }

  /** As an operator ends it. */
  async drain(n: number): Promise<void> {
    const node = this.#node(n);
    node.serves = false;
    if (node.child !== null) await endOf(node.child);
  }

  freeze(n: number, isFrozen: boolean): void {
    if (this.isUp(n)) this.#node(n).child?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((_, n) => this.#end(n, 'SIGKILL')));
    await this.toDatabase.close();
    await this.postgres.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(n: number, signal: NodeJS.Signals): Promise<void> {
    const node = this.#node(n);
    const { child } = node;
    node.serves = false;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exit;
  }

  #node(n: number): Node {
    const node = this.#nodes[n];
    if (node === undefined) throw new Error(`there is no node ${n}`);
    return node;
  }
}
