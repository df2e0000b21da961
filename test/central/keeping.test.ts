/** What central keeps and for how long: parts by time, retention with legal holds, erasure, and a backup that is put back. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { orderHold } from '#central/privacy/data-orders.ts';
import { eraseHere } from '#central/privacy/erase-here.ts';
import { retain } from '#central/privacy/retention.ts';
import { openStore, type Store } from '#central/store/open-store.ts';
import { makePartitions, readPartitions } from '#central/store/partitions.ts';
import { onEachEngine } from './engines.ts';
import { batch, decision, item, openCentral, outcome, Producer, TestDesk, until } from './fixture.ts';
import { findPostgres, startPostgres, withClient } from './postgres.ts';

const DAY_MS = 86_400_000;
const DAYS = { events: 30, records: 60, outcomes: 60, deadLetters: 30 };
/** A Thursday in 2024, at a week's beginning. */
const BEGIN_MS = 2_820 * 7 * DAY_MS;

async function fill(store: Store, atMs: number, customerId: string): Promise<void> {
  const callId = `call-${customerId}-${atMs}`;
  await store.db
    .insertInto('calls')
    .values({
      call_id: callId,
      agent_id: 'ann',
      customer_id: customerId,
      identity: 'verified',
      phase: 'closed',
      last_seq: 1,
      capture_paused: false,
      offered_at_ms: atMs,
      ended_at_ms: atMs,
      closed_at_ms: atMs,
      changed_at_ms: atMs,
    })
    .execute();
  const one = { device_id: 'd', call_id: callId, at_ms: atMs, received_at_ms: atMs, hash: 'h' };
  await store.db
    .insertInto('decisions')
    .values({ ...one, id: `d-${callId}`, agent_id: 'ann', customer_id: customerId, policy: 'p', body: '{}' })
    .execute();
  await store.db
    .insertInto('decision_repeats')
    .values({ ...one, id: `r-${callId}`, decision_id: `d-${callId}`, body: '{}' })
    .execute();
  await sql`insert into call_events (source, event_id, call_id, seq, type, at_ms, received_at_ms, body) values ('s', ${callId}, ${callId}, 1, 't', ${atMs}, ${atMs}, '{}')`.execute(
    store.db,
  );
  await store.db
    .insertInto('outcomes')
    .values({
      ...one,
      id: `o-${callId}`,
      kind: 'seen',
      decision_id: 'x',
      customer_id: customerId,
      agent_id: 'ann',
      action_id: 'a',
      clock: 1,
      retracts: null,
      body: '{}',
    })
    .execute();
}

const left = async (
  store: Store,
  table: 'decisions' | 'decision_repeats' | 'call_events' | 'outcomes' | 'calls',
): Promise<readonly number[]> => {
  const { rows } = await sql<{
    at: number;
  }>`select ${sql.ref(table === 'calls' ? 'changed_at_ms' : 'received_at_ms')} as at from ${sql.table(table)} order by at`.execute(
    store.db,
  );
  return rows.map(({ at }) => Math.round((at - BEGIN_MS) / DAY_MS));
};

onEachEngine((engine) => {
  test('[P3] after each day nothing is past its time, nothing went early, and what is held stays', async () => {
    const store = await engine.open();
    let dropped = 0;
    for (let day = 0; day < 100; day++) {
      const nowMs = BEGIN_MS + day * DAY_MS;
      await makePartitions(store, nowMs);
      if (day % 5 === 0) await fill(store, nowMs, day === 10 ? 'held' : 'other');
      if (day === 11) await orderHold(store, 'held', BEGIN_MS + 90 * DAY_MS, nowMs);
      dropped += (await retain(store, DAYS, nowMs)).parts;
      if (day % 10 !== 9) continue;
      const expected = (days: number) =>
        Array.from({ length: 20 }, (_, n) => n * 5).filter((at) => at <= day && (at >= day - days || (at === 10 && day < 90)));
      expect(await left(store, 'call_events'), `events on day ${day}`).toEqual(expected(DAYS.events));
      expect(await left(store, 'decisions'), `records on day ${day}`).toEqual(expected(DAYS.records));
      expect(await left(store, 'decision_repeats')).toEqual(expected(DAYS.records));
      expect(await left(store, 'outcomes')).toEqual(expected(DAYS.outcomes));
    }
    expect(dropped, 'parts that went whole').toBeGreaterThan(5);
    expect((await readPartitions(store)).length).toBeGreaterThan(6);
    await store.close();
  });

  test('[P1] forgetting one customer reads no table from end to end, however much is kept', async () => {
    const store = await engine.open();
    await fill(store, BEGIN_MS, 'cust-1');
    const read = await store.transaction(async (tx) => {
      const readWhole = async () => {
        const { rows } = await sql<{ relname: string; seq_scan: number }>`
          select relname, seq_scan from pg_stat_xact_user_tables order by relname`.execute(tx);
        return new Map(rows.map(({ relname, seq_scan }) => [relname, seq_scan]));
      };
      const before = await readWhole();
      // Tables of a test are small enough to be read whole: only what no index can answer still is.
      await sql`set local enable_seqscan = off`.execute(tx);
      await eraseHere(tx, 'cust-1');
      return [...(await readWhole())].filter(([name, times]) => times > (before.get(name) ?? 0)).map(([name]) => name);
    });
    expect(read).toEqual([]);
    expect(await store.db.selectFrom('decisions').select('id').execute()).toEqual([]);
    await store.close();
  });

  test('[P1] [P2] who is erased is nowhere at central any more; what a desk that was away still sends is kept without the person', async () => {
    const opened = await openCentral(await engine.open());
    const { store } = opened.central;
    const desk = await TestDesk.connect(opened.central, 'ann');
    const producer = new Producer();
    await opened.central.intake(producer.offered('ann', 'cust-1'));
    await opened.central.intake(producer.said('my name is Canary'));
    const record = decision(producer.callId);
    const given = outcome({ callId: producer.callId, kind: 'rejected', note: 'Canary said no', decisionId: record.id });
    await desk.send(batch('dev-ann', [item(1, 'decision', record), item(2, 'outcome', given)]));
    await until('the events are there', () => desk.seqs(producer.callId).length === 2);
    expect((await opened.central.erase('cust-1')).ok).toBe(true);
    const late = outcome({ callId: producer.callId, kind: 'rejected', note: 'Canary again' });
    const receipt = await desk.send(
      batch('dev-ann', [item(3, 'outcome', late), item(4, 'decision', decision(producer.callId)), item(1, 'decision', record)]),
    );
    expect(receipt.items.map(({ result }) => result)).toEqual(['stored', 'stored', 'duplicate']);
    for (const table of [
      'customers',
      'consents',
      'interactions',
      'decisions',
      'decision_repeats',
      'call_events',
      'outcomes',
      'calls',
      'action_requests',
    ]) {
      const { rows } = await sql<{ row: string }>`select ${sql.table(table)}::text as row from ${sql.table(table)}`.execute(store.db);
      for (const canary of ['cust-1', 'Canary', 'Mina'])
        expect(
          rows.filter(({ row }) => row.includes(canary)),
          `${canary} in ${table}`,
        ).toEqual([]);
    }
    const kept = await store.db.selectFrom('outcomes').select(['id', 'customer_id']).execute();
    expect(new Set(kept.map(({ id }) => id))).toEqual(new Set([given.id, late.id]));
    desk.close();
    await opened.close();
  });
});

const programs = findPostgres();
if (programs === null) console.warn('\n!!! SKIPPED: PostgreSQL is not installed, so no backup was put back (apt-get install postgresql)\n');

test.skipIf(programs === null && process.env['CI'] !== 'true')(
  'the drill: a backup is put back with newer orders; who was erased since is not back, and nothing is counted twice',
  async () => {
    const server = await startPostgres(programs ?? '');
    const folder = mkdtempSync(join(tmpdir(), 'sotto-drill-'));
    const deploy = new URL('../../central/deploy/', import.meta.url).pathname;
    const run = (script: string, ...given: readonly string[]): readonly string[] =>
      execFileSync(join(deploy, script), given, { env: { ...process.env, PATH: `${programs}:${process.env['PATH']}` }, encoding: 'utf8' })
        .trim()
        .split('\n');
    try {
      const url = await server.createDatabase();
      const open = async (databaseUrl: string) =>
        openCentral(await openStore({ databaseUrl, maxConnections: 5, statementTimeoutMs: 15_000 }), { folder });
      const { migrate } = await import('#central/store/migrate.ts');
      const store = await openStore({ databaseUrl: url, maxConnections: 2, statementTimeoutMs: 15_000 });
      await migrate(store);
      await store.close();
      const before = await open(url);
      const desk = await TestDesk.connect(before.central, 'ann');
      const given = outcome({ callId: 'c', kind: 'rejected', customerId: 'cust-2' });
      const batchSent = batch('dev-ann', [item(1, 'outcome', given)]);
      await desk.send(batchSent);
      const [, dump = ''] = run('backup.sh', url, folder);
      expect((await before.central.erase('cust-1')).ok).toBe(true);
      const [orders = ''] = run('backup.sh', '--orders', url, folder);
      desk.close();
      await before.close();

      const restoredUrl = await server.createDatabase();
      run('restore.sh', dump, orders, restoredUrl);
      const hasErased = await withClient(restoredUrl, (client) => client.query("select from customers where customer_id = 'cust-1'"));
      expect(hasErased.rowCount, 'the backup is from before the erasure').toBe(1);
      expect(() => run('restore.sh', dump, orders, restoredUrl)).toThrow(/not empty/);
      const restored = await openStore({ databaseUrl: restoredUrl, maxConnections: 5, statementTimeoutMs: 15_000 });
      const { startCentral } = await import('#central/start-central.ts');
      const logged: string[] = [];
      const after = await startCentral({ mode: 'embedded', folder }, { store: restored, log: (line) => logged.push(line) });
      expect(logged.join()).toContain('erased 1 customers again');
      const back = await restored.db.selectFrom('customers').select('customer_id').execute();
      expect(back.map(({ customer_id }) => customer_id)).not.toContain('cust-1');
      const again = await TestDesk.connect(after, 'ann');
      expect((await again.send(batchSent)).items).toMatchObject([{ result: 'duplicate' }]);
      again.close();
      await after.close();
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
