/** How the engine process is started for ann, and her store as the process finds it. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { NO_PROXY } from '#contract/engine-port.ts';
import { NO_ORDERS } from '#contract/standing-orders.ts';
import { KEY, MIGRATIONS } from '../conformance/sqlite-scratch.ts';
import { TRUSTED } from '../engine/signing.ts';

/** What main hands the engine process for ann, with an empty store and no central. */
export const engineStart = (folder: string, databaseKey = KEY) => ({
  folder,
  databaseKey,
  deviceId: 'device-1',
  agent: { id: 'ann', name: 'Ann', level: 'guided' as const, language: 'en' },
  central: null,
  network: NO_PROXY,
  coreHash: 'c'.repeat(64),
  trust: TRUSTED,
  demonstration: true,
  offlineSinceMs: null,
  orders: NO_ORDERS,
  ordersAreNew: false,
  clock: 'system' as const,
});

/** The store the process opens for ann. */
export function withStore(folder: string, work: (store: SqliteStore) => void): void {
  const own = join(folder, 'stores', createHash('sha256').update('ann').digest('hex').slice(0, 16));
  mkdirSync(own, { recursive: true });
  const opened = openSqliteStore({ folder: own, keyHex: KEY, migrations: MIGRATIONS, nowMs: Date.now() });
  if (!opened.ok) throw new Error(opened.words);
  work(opened.store);
  opened.store.close();
}
