import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { onPostgres } from './engines.ts';
import { batch, item, openCentral, outcome, Producer, producerToken, TestDesk } from './fixture.ts';

onPostgres((engine) => {
  test('[X1] while connections to the database are torn, nothing is acknowledged that is not stored, and what is sent again is stored once', async () => {
    const opened = await openCentral(await engine.open(), { live: { reorderMs: 20, pollMs: 200 } });
    const killer = await engine.again(opened.central.store);
    const token = await producerToken(opened.central);
    const over = new AbortController();
    let torn = 0;
    const tear = async () => {
      while (!over.signal.aborted) {
        const { rows } = await sql<{ n: number }>`
          select count(*) filter (where pg_terminate_backend(pid)) as n from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`.execute(killer.db);
        torn += rows[0]?.n ?? 0;
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
    };
    let failures = 0;
    const post = async (event: object) => {
      for (let tries = 0; tries < 500; tries++) {
        const response = await fetch(`${opened.central.url}/api/events`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json' },
          body: JSON.stringify(event),
        });
        if (response.status === 200) return (await response.json()) as { result: string };
        // A connection that broke while the token was looked up, or while the event was stored: both say "later".
        expect(response.status).toBe(503);
        failures++;
      }
      throw new Error('never stored');
    };
    const tearing = tear();
    const producers = Array.from({ length: 4 }, () => new Producer());
    await Promise.all(
      producers.map(async (producer) => {
        await post(producer.offered('ann'));
        for (let i = 0; i < 40; i++) await post(producer.said(`words ${i}`));
      }),
    );
    over.abort();
    await tearing;
    expect(torn).toBeGreaterThan(10);
    expect(failures).toBeGreaterThan(5);
    for (const { callId } of producers) {
      const rows = await killer.db.selectFrom('call_events').select('seq').where('call_id', '=', callId).orderBy('seq').execute();
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 41 }, (_, i) => i + 1));
    }
    // And it works on as before.
    const desk = await TestDesk.connect(opened.central, 'ann');
    const receipt = await desk.send(batch('dev-ann', [item(1, 'outcome', outcome({ callId: 'c' }))]));
    expect(receipt.items).toMatchObject([{ result: 'stored' }]);
    desk.close();
    await killer.close();
    await opened.close();
  });
});
