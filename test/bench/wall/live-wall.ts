/** From a desk at one node to a supervisor at another: what they show, a change a second for every tenth call, on real sockets and real PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate } from '#central/store/migrate.ts';
import { openStore } from '#central/store/open-store.ts';
import { deskTokens } from '../../central/device.ts';
import { Deciders } from '../../central/deciding.ts';
import { openCentral, Producer, TestDesk, until } from '../../central/fixture.ts';
import { findPostgres, startPostgres } from '../../central/postgres.ts';
import { smallPolicy } from '../../central/small-policy.ts';
import { TestSupervisor } from '../../central/watching.ts';
import { Latencies } from '../central/latencies.ts';

export interface LiveFigures {
  readonly calls: number;
  readonly updateToSupervisorMs: {
    readonly n: number;
    readonly p50: number | null;
    readonly p99: number | null;
    readonly max: number | null;
  };
  readonly lost: number;
}

/** Changes a second, over all calls: a desk tells of something about every ten seconds. */
const perSecondOf = (calls: number): number => Math.max(1, calls / 10);

export async function measureLiveWall(calls: number, seconds: number, say: (line: string) => void): Promise<LiveFigures> {
  const programs = findPostgres();
  if (programs === null) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-wall-'));
  const server = await startPostgres(programs, ['fsync=on']);
  try {
    const url = await server.createDatabase();
    const open = () => openStore({ databaseUrl: url, maxConnections: 10, statementTimeoutMs: 15_000 });
    const store = await open();
    await migrate(store);
    const options = { folder, limits: { requestsPerMinute: 1_000_000 } };
    const [a, b] = [await openCentral(store, options), await openCentral(await open(), options)];
    try {
      const agents = Array.from({ length: calls }, (_, i) => ({ id: `agent-${i}`, name: `Agent ${i}`, teams: ['north'] }));
      const sue = { id: 'sue', name: 'Sue', roles: ['supervisor' as const], teams: ['north'] };
      await a.central.loadOrganisation({ agents: [...agents, sue], customers: [], policyFiles: smallPolicy(), models: [] });
      const desks: { readonly desk: TestDesk; readonly callId: string }[] = [];
      for (const { id } of agents) {
        await deskTokens(b.central, id, `dev-${id}`);
        const producer = new Producer();
        await a.central.intake(producer.offered(id));
        desks.push({ desk: await TestDesk.connect(b.central, id), callId: producer.callId });
      }
      const wall = await TestSupervisor.connect(a.central.url, await new Deciders(() => a.central).token('sue'));
      await until('every call is on the wall', () => wall.rows.size === calls, 60_000);
      const perSecond = perSecondOf(calls);
      say(`${calls} desks are connected; ${perSecond} changes/s for ${seconds} s …`);
      const dueMs = new Map<string, number>();
      const times = new Latencies();
      wall.onRow = ({ callId, prompt }, atMs) => {
        const key = `${callId} ${prompt?.sinceMs}`;
        const due = dueMs.get(key);
        if (due !== undefined) times.add(atMs - due);
        dueMs.delete(key);
      };
      const startMs = performance.now() + 500;
      const firstMs = Date.now();
      const count = Math.round(seconds * perSecond);
      for (let i = 0; i < count; i++) {
        const atMs = startMs + (i * 1_000) / perSecond;
        await pause(Math.max(0, atMs - performance.now()));
        const one = desks[i % calls];
        if (one === undefined) throw new Error('there are no desks');
        const sinceMs = firstMs + i;
        dueMs.set(`${one.callId} ${sinceMs}`, atMs);
        const prompt = { decisionId: `d-${i}`, actionId: 'explain-bill', urgency: 'should', sinceMs } as const;
        one.desk.states([{ callId: one.callId, rung: 'model', topic: null, prompt }]);
      }
      const endMs = performance.now() + 5_000;
      while (dueMs.size > 0 && performance.now() < endMs) await pause(50);
      for (const { desk } of desks) desk.close();
      wall.close();
      return {
        calls,
        updateToSupervisorMs: { n: times.count, p50: times.percentile(0.5), p99: times.percentile(0.99), max: times.percentile(1) },
        lost: dueMs.size,
      };
    } finally {
      await b.close();
      await a.close();
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
