/**
 * How soon what an agent asks is before who decides: `node run.ts [--json] [--seconds N] [--requests-per-second N]`, started by
 * `sotto bench approvals`. Central on PostgreSQL with real syncs, desks and approvers on real sockets; requests are due at fixed times, and what
 * waits counts from then. The figure ends where the approver's program has the row. Ends with 1 when one was lost or the target is missed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { migrate } from '#central/store/migrate.ts';
import { openStore } from '#central/store/open-store.ts';
import { deskTokens } from '../../central/device.ts';
import { DECIDERS, Deciders, TestApprover } from '../../central/deciding.ts';
import { batch, item, openCentral, outcome, TestDesk } from '../../central/fixture.ts';
import { findPostgres, startPostgres } from '../../central/postgres.ts';
import { smallPolicy } from '../../central/small-policy.ts';
import { Latencies } from '../central/latencies.ts';

const TARGET_P99_MS = 300;
const DESKS = 20;
const APPROVERS = 10;
const LATE_MS = 5_000;

export interface ApprovalFigures {
  readonly requestToScreenMs: { readonly n: number; readonly p50: number | null; readonly p99: number | null };
  readonly requestsPerSecond: number;
}

const deskId = (i: number): string => `desk-agent-${i}`;

/** Rejects where PostgreSQL is not installed. */
export async function measureApprovals(seconds: number, perSecond: number, say: (line: string) => void): Promise<ApprovalFigures> {
  const programs = findPostgres();
  if (programs === null) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-approvals-'));
  const server = await startPostgres(programs, ['fsync=on']);
  try {
    const store = await openStore({ databaseUrl: await server.createDatabase(), maxConnections: 10, statementTimeoutMs: 15_000 });
    await migrate(store);
    const opened = await openCentral(store, { folder, limits: { requestsPerMinute: 1_000_000 }, actions: { undoMs: 0 } });
    const { central } = opened;
    try {
      const agents = Array.from({ length: DESKS }, (_, i) => ({ id: deskId(i), name: `Agent ${i}`, teams: ['north'] }));
      const approvers = Array.from({ length: APPROVERS }, (_, i) => ({
        id: `approver-${i}`,
        name: `Approver ${i}`,
        roles: ['approver' as const],
        teams: ['north'],
      }));
      await central.loadOrganisation({
        agents: [...DECIDERS, ...agents, ...approvers],
        customers: [],
        policyFiles: smallPolicy(),
        models: [],
      });
      const people = new Deciders(() => central);
      const desks: TestDesk[] = [];
      for (const { id } of agents) {
        await deskTokens(central, id, `dev-${id}`);
        desks.push(await TestDesk.connect(central, id));
      }
      const screens: TestApprover[] = [];
      for (const { id } of approvers) screens.push(await TestApprover.connect(central.url, await people.token(id)));
      say(`${desks.length} desks and ${screens.length} approvers are connected; ${perSecond} requests/s for ${seconds} s …`);

      const count = seconds * perSecond;
      const dueMs = new Map<string, number>();
      const startMs = performance.now() + 500;
      const sent = await Promise.all(
        Array.from({ length: count }, async (_, i) => {
          const atMs = startMs + (i * 1_000) / perSecond;
          await pause(Math.max(0, atMs - performance.now()));
          const desk = desks[i % desks.length];
          if (desk === undefined) throw new Error('there are no desks');
          const agentId = deskId(i % DESKS);
          const accepted = outcome({ callId: `call-${i}`, kind: 'accepted', actionId: 'big-credit', agentId, deviceId: desk.deviceId });
          dueMs.set(accepted.id, atMs);
          await desk.send(batch(desk.deviceId, [item(Math.floor(i / DESKS) + 1, 'outcome', accepted)]));
          return accepted.id;
        }),
      );
      const tookS = (performance.now() - startMs) / 1_000;
      const endMs = performance.now() + LATE_MS;
      while (screens.some(({ items }) => new Set(items.map(({ item: one }) => one.approvalId)).size < count) && performance.now() < endMs)
        await pause(50);
      const rows = await central.store.db.selectFrom('approval_requests').select(['approval_id', 'outcome_id']).execute();
      const due = new Map(rows.map(({ approval_id, outcome_id }) => [approval_id, dueMs.get(outcome_id ?? '')]));
      const times = new Latencies();
      for (const { items } of screens) {
        const first = new Map<string, number>();
        for (const { item: one, atMs } of items) if (!first.has(one.approvalId)) first.set(one.approvalId, atMs);
        for (const [approvalId, atMs] of first) times.add(atMs - (due.get(approvalId) ?? Number.NaN));
      }
      if (times.count !== sent.length * screens.length)
        throw new Error(
          `${sent.length} requests at ${screens.length} screens are ${sent.length * screens.length}, seen were ${times.count}`,
        );
      for (const desk of desks) desk.close();
      for (const screen of screens) screen.close();
      return {
        requestToScreenMs: { n: times.count, p50: times.percentile(0.5), p99: times.percentile(0.99) },
        requestsPerSecond: Math.round((sent.length / Math.max(tookS, seconds)) * 100) / 100,
      };
    } finally {
      await opened.close();
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const whole = (text: string | undefined, fallback: number): number => {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${text} is not a whole number above 0`);
  return value;
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, seconds: { type: 'string' }, 'requests-per-second': { type: 'string' } },
  });
  const figures = await measureApprovals(whole(values.seconds, 30), whole(values['requests-per-second'], 20), (line) =>
    process.stderr.write(`${line}\n`),
  );
  const { p50, p99, n } = figures.requestToScreenMs;
  process.stderr.write(`request to screen: p50 ${p50} ms, p99 ${p99} ms over ${n}; target p99 ≤ ${TARGET_P99_MS} ms\n`);
  if (values.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exitCode = p99 !== null && p99 <= TARGET_P99_MS ? 0 : 1;
}
