/** Who is taken off loses every connection, at whichever node it is, wherever and however that was done. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Query } from '#central/store/open-store.ts';
import { onPostgres } from '../central/engines.ts';
import { type Opened, openCentral, producerSocket, TestDesk, until } from '../central/fixture.ts';
import { timedTest } from './timed-test.ts';

const WITHIN_MS = 5_000;

const given = async (db: Query): Promise<void> => {
  await db.updateTable('people').set({ active: true }).where('person_id', '=', 'bob').execute();
  await db.updateTable('devices').set({ revoked_at_ms: null }).execute();
  const roles = db.insertInto('person_roles').values({ person_id: 'bob', role: 'agent', granted_at_ms: 1, granted_by: null });
  await roles.onConflict((conflict) => conflict.doNothing()).execute();
  const agents = db.insertInto('agents').values({ agent_id: 'bob', person_id: 'bob' });
  await agents.onConflict((conflict) => conflict.doNothing()).execute();
};

onPostgres((engine) => {
  const opened: Opened[] = [];
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-nodes-'));
    const first = await engine.open();
    // What a desk's own poll does must not be what finds it.
    opened.push(await openCentral(first, { folder: join(folder, 'a'), live: { pollMs: 60_000 } }));
    mkdirSync(join(folder, 'b'));
    cpSync(join(folder, 'a', 'signing-key.pem'), join(folder, 'b', 'signing-key.pem'));
    opened.push(await openCentral(await engine.again(first), { folder: join(folder, 'b'), live: { pollMs: 60_000 } }));
  });
  afterAll(async () => {
    for (const one of opened) await one.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const nodes = () => opened.map(({ central }) => central);

  const taken: readonly (readonly [string, (db: Query) => Promise<unknown>])[] = [
    ['the person', (db) => db.updateTable('people').set({ active: false }).where('person_id', '=', 'bob').execute()],
    ['the role', (db) => db.deleteFrom('person_roles').where('person_id', '=', 'bob').execute()],
    ['the device', (db) => db.updateTable('devices').set({ revoked_at_ms: 1 }).where('device_id', 'like', 'dev-bob%').execute()],
    ['the agent’s name', (db) => db.deleteFrom('agents').where('agent_id', '=', 'bob').execute()],
  ];
  timedTest('a person, a role, a device taken away in the tables alone: gone at both nodes within 5 s, and nobody else', {}, async () => {
    const [a, b] = nodes();
    if (a === undefined || b === undefined) return expect.fail('there are two nodes');
    const { db } = a.store;
    const others = [await TestDesk.connect(a, 'ann'), await TestDesk.connect(b, 'cy')];
    for (const [what, take] of taken) {
      await given(db);
      const desks = [await TestDesk.connect(a, 'bob', 'dev-bob-a'), await TestDesk.connect(b, 'bob', 'dev-bob-b')];
      const startMs = performance.now();
      await take(db);
      await until(`${what} is gone at both nodes`, () => desks.every(({ isConnected }) => !isConnected));
      expect(performance.now() - startMs, what).toBeLessThan(WITHIN_MS);
      await expect(TestDesk.connect(b, 'bob', 'dev-bob-b')).rejects.toThrow();
      expect(others.map(({ isConnected }) => isConnected)).toEqual([true, true]);
    }
    await given(db);
    for (const desk of others) desk.close();
  });

  timedTest('a program that may not speak any more is cut, too', {}, async () => {
    const [a, b] = nodes();
    if (a === undefined || b === undefined) return expect.fail('there are two nodes');
    const sockets: readonly Socket[] = [await producerSocket(a), await producerSocket(b)];
    await a.store.db.updateTable('integrations').set({ active: false }).execute();
    await until('cut', () => sockets.every(({ connected }) => !connected));
    await a.store.db.updateTable('integrations').set({ active: true }).execute();
  });

  timedTest('whoever was let in while it was being taken away is cut as well', {}, async () => {
    const [a, b] = nodes();
    if (a === undefined || b === undefined) return expect.fail('there are two nodes');
    const { db } = a.store;
    for (let i = 0; i < 5; i += 1) {
      await given(db);
      const connecting = TestDesk.connect(b, 'bob', 'dev-bob-b').catch(() => null);
      await db.deleteFrom('person_roles').where('person_id', '=', 'bob').execute();
      const desk = await connecting;
      await until('not connected', () => desk?.isConnected !== true);
    }
    await given(db);
  });
});
