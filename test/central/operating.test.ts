/** What whoever runs central sees of it: whether a node is well, what it measures, and why one does not start. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CentralConfigInput } from '#central/config.ts';
import { startCentral } from '#central/start-central.ts';
import { checkServer } from '#central/store/check-server.ts';
import { findPostgres, startPostgres } from './postgres.ts';
import { onEachEngine, onPostgres } from './engines.ts';
import { batch, decision, item, openCentral, outcome, Producer, TestDesk, until } from './fixture.ts';

const get = (url: string, path: string): Promise<Response> => fetch(new URL(path, url));

onEachEngine((engine) => {
  test('the four golden signals of events and decisions are there for Prometheus, and nothing in them is about anybody', async () => {
    const opened = await openCentral(await engine.open());
    const desk = await TestDesk.connect(opened.central, 'ann');
    const producer = new Producer('call-canary-1');
    await opened.central.intake(producer.offered('ann', 'cust-1'));
    await until('the desk has it', () => desk.seqs(producer.callId).length === 1);
    const record = decision(producer.callId);
    await desk.send(
      batch('dev-ann', [
        item(1, 'decision', record),
        item(2, 'outcome', outcome({ callId: producer.callId })),
        item(3, 'outcome', { id: 'x' }),
      ]),
    );
    await get(opened.central.url, '/api/calls/call-canary-1');
    const response = await get(opened.central.url, '/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    const value = (line: string): number =>
      Number(new RegExp(`^${line.replaceAll(/[{}"+.]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    // Latency and traffic.
    expect(value('sotto_event_stored_seconds_count')).toBe(1);
    expect(value('sotto_desk_acknowledged_seconds_count{message="delivery"}')).toBe(1);
    expect(value('sotto_outbox_batch_seconds_count')).toBe(1);
    expect(value('sotto_decisions_total{result="show",rung="starting-propensity"}')).toBe(1);
    expect(value('sotto_decision_age_seconds_count')).toBe(1);
    expect(value('sotto_operations_total{part="events",result="accepted"}')).toBe(1);
    // Errors.
    expect(value('sotto_operations_total{part="outbox",result="refused bad-item"}')).toBe(1);
    expect(value('sotto_operations_total{part="http",result="refused bad-token"}')).toBe(1);
    // Saturation.
    expect(value('sotto_desks{state="connected"}')).toBe(1);
    expect(value('sotto_outbox_batches{state="waiting"}')).toBe(0);
    expect(value('sotto_database_connections{state="total"}')).toBeGreaterThan(0);
    expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
    for (const canary of ['ann', 'cust-1', 'call-canary-1', 'dev-ann', 'Mina', record.id]) expect(text).not.toContain(`"${canary}`);
    expect(text.split('\n').length).toBeGreaterThan(100);
    desk.close();
    await opened.close();
  });

  test('a node is alive while it answers, and ready while it has a revision and its database', async () => {
    const opened = await openCentral(await engine.open());
    const { url, store } = opened.central;
    expect((await get(url, '/health/live')).status).toBe(200);
    expect((await get(url, '/health/ready')).status).toBe(200);
    await store.script('alter table publications rename to gone');
    expect((await get(url, '/health/ready')).status).toBe(200);
    await store.close();
    expect((await get(url, '/health/live')).status).toBe(200);
    const unready = await get(url, '/health/ready');
    expect([unready.status, await unready.json()]).toEqual([503, { ready: false, reason: 'database' }]);
    await opened.close().catch(() => {});
  });
});

const production = (folder: string, databaseUrl: string): CentralConfigInput => {
  const file = (name: string, pem: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, pem);
    return path;
  };
  const { privateKey } = generateKeyPairSync('ed25519');
  const { publicKey } = generateKeyPairSync('ed25519');
  return {
    mode: 'production',
    databaseUrl,
    signIn: { issuer: 'https://issuer.test', clientId: 'desk', resource: 'https://central.test' },
    signingKeyFile: file('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' })),
    models: { signatures: 2, approverKeyFiles: [file('approver.pem', publicKey.export({ type: 'spki', format: 'pem' }))] },
  };
};

test('a config that cannot be right is refused with every reason at once', async () => {
  const wrong = {
    mode: 'production',
    databaseUrl: 'mysql://x',
    port: 70_000,
    outbox: { workers: 0 },
    unknown: 1,
  } as unknown as CentralConfigInput;
  const refused = await startCentral(wrong).catch((error: Error) => error.message);
  for (const reason of ['databaseUrl: must begin with postgres://', 'port:', 'outbox.workers:', 'signingKeyFile:', 'signIn:', 'unknown'])
    expect(refused).toContain(reason);
});

onPostgres((engine) => {
  test('a production node does not start on a server that loses what it acknowledges, and says what to set', async () => {
    // The throw-away server of the tests forces nothing to the disk.
    const store = await engine.openEmpty();
    await expect(checkServer(store)).rejects.toThrow(/fsync is off.*set it to on/);
    await store.close();
  });

  test('on a server that keeps its word it starts, serves, and drains when it is told to end', async () => {
    const server = await startPostgres(findPostgres() ?? '', ['fsync=on']);
    const folder = mkdtempSync(join(tmpdir(), 'sotto-production-'));
    try {
      const config = production(folder, await server.createDatabase());
      const logged: string[] = [];
      const central = await startCentral(config, { log: (line) => logged.push(line) });
      expect(logged.join()).toContain('PostgreSQL');
      expect((await get(central.url, '/health/live')).status).toBe(200);
      // Nothing was published yet: no desk would be helped by this node.
      expect(await (await get(central.url, '/health/ready')).json()).toEqual({ ready: false, reason: 'no-revision-published' });
      await central.close();
      const off = await startPostgres(findPostgres() ?? '', ['fsync=on', 'synchronous_commit=off', 'full_page_writes=off']);
      const refused = await startCentral(production(folder, await off.createDatabase())).catch((error: Error) => error.message);
      expect(refused).toContain('synchronous_commit is off');
      expect(refused).toContain('full_page_writes is off');
      await off.stop();
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
