/** What the tables hold of significant decisions, whatever the code does. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '#central/store/migrate.ts';
import { openStore } from '#central/store/open-store.ts';
import { counts } from '../fault/counts.ts';
import { randomFrom } from '../fault/random-from.ts';
import { race } from './approval-race.ts';
import { findPostgres, type Postgres, startPostgres } from './postgres.ts';

const programs = findPostgres();
if (programs === null && process.env['CI'] === 'true') throw new Error('CI needs PostgreSQL: install Debian package postgresql');

const CONNECTIONS = 8;

describe.skipIf(programs === null)('on PostgreSQL, with eight connections at once', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres(programs ?? '');
  });
  afterAll(() => server.stop());

  const raced = async (count: number, before: readonly string[] = []) => {
    const url = await server.createDatabase();
    const store = await openStore({ databaseUrl: url, maxConnections: 1, statementTimeoutMs: 60_000 });
    await migrate(store);
    await store.close();
    const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client({ connectionString: url }));
    await Promise.all(clients.map((client) => client.connect()));
    try {
      for (const statement of before) await clients[0]?.query(statement);
      const whole = randomFrom(20_261_123);
      return await race(clients, count, () => whole(1_000_000) / 1_000_000);
    } finally {
      await Promise.all(clients.map((client) => client.end()));
    }
  };

  test('[C3 C4] nothing significant executes but once, for exactly what other people approved who still may', {
    timeout: 1_800_000,
  }, async () => {
    const requests = counts(1_000, 20_000);
    const { executed, refused, violations } = await raced(requests);
    const sum = Object.values(violations).reduce((all, n) => all + n, 0);
    console.log(`approvals at once: requests ${requests}, executed ${executed}, refused ${refused}, violations = ${sum}`);
    expect(violations).toEqual(Object.fromEntries(Object.keys(violations).map((name) => [name, 0])));
    expect(Object.keys(violations).length).toBeGreaterThanOrEqual(10);
    // It is not that nothing happened.
    expect(executed).toBeGreaterThan(requests / 4);
    expect(refused).toBeGreaterThan(requests * 8);
  });

  test('canary: without what holds it, every kind of violation is seen', async () => {
    const { violations } = await raced(200, [
      'alter table approval_verdicts drop constraint approval_verdicts_check, disable trigger approval_verdict_checked',
      'alter table approval_executions disable trigger execution_checked, disable trigger execution_done',
      'alter table approval_executions drop constraint approval_executions_outcome_id_fkey, drop constraint approval_executions_approval_id_outcome_id_asked_hash_fkey',
      'alter table action_requests drop constraint action_requests_check, disable trigger request_change_checked',
      'alter table action_requests drop constraint action_requests_approval_id_outcome_id_fkey',
      'alter table approval_executions drop constraint approval_executions_pkey, drop constraint approval_executions_outcome_id_key, drop constraint approval_executions_approval_id_outcome_id_key',
      `update installation set clock = 'system'`,
      // With the trigger goes the clock: what is written is what was given.
      `create function test_at() returns trigger language plpgsql as 'begin new.at_ms := central_now(0); return new; end'`,
      'create trigger test_at before insert on approval_executions for each row execute function test_at()',
    ]);
    expect(Object.entries(violations).filter(([, n]) => n === 0)).toEqual([]);
  });
});
