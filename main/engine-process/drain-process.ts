/**
 * Sends what one person left unsent at this desk, in the device's name, while somebody else may sit there. It has no window
 * to show anything to and answers no requests: all it says is how much is left.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ParentPort } from 'electron';
import { CentralHttp } from '#adapters/socket/central-http.ts';
import { dropSetAside } from '#adapters/sqlite/set-aside.ts';
import { readMigrations } from '#adapters/sqlite/migrations.ts';
import { openSqliteStore, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { verifyEd25519 } from '#adapters/system/ed25519.ts';
import { SystemClock } from '#adapters/system/system-clock.ts';
import { systemRandomness } from '#adapters/system/system-randomness.ts';
import { type FromDrain, ToDrain } from '#contract/engine-port.ts';
import { faultLine } from '#contract/fault.ts';
import { RETENTION_DAYS } from '#contract/retention.ts';
import { OutboxLoop, retentionTime } from '#engine';
import { useNetwork } from '../network/network-use.ts';
import { carryOutHolds } from './carry-out-holds.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations/desktop', import.meta.url));
/** Main tries again later: central may be away, or the token too old by then. */
const GIVE_UP_AFTER_MS = 60_000;

const port: ParentPort = process.parentPort;
let stop: (() => void) | null = null;

port.on('message', ({ data }) => {
  const message = ToDrain.parse(data);
  if (message.op === 'stop') {
    if (stop === null) leave({ op: 'drained', unsent: null, words: 'stopped before it began' });
    else stop();
  } else drain(message).then(leave, fatal);
});
process.once('disconnect', () => process.exit(0));
process.on('uncaughtException', fatal);
process.on('unhandledRejection', fatal);

async function drain(message: Extract<ToDrain, { op: 'drain' }>): Promise<FromDrain> {
  const { folder, databaseKey, deviceId, central, trust, orders } = message;
  // Opening would make one.
  if (!existsSync(path.join(folder, STORE_FILE))) return { op: 'drained', unsent: 0, words: 'there is no store' };
  const opened = openSqliteStore({
    folder,
    keyHex: databaseKey,
    migrations: readMigrations(MIGRATIONS),
    nowMs: Date.now(),
    erased: orders.erased,
  });
  if (!opened.ok) return { op: 'drained', unsent: null, words: opened.words };
  useNetwork(message.network);
  const { store } = opened;
  carryOutHolds(store, orders);
  if (message.ordersAreNew) dropSetAside(folder);
  const token = (): string => central.deviceToken;
  const http = new CentralHttp(central.url, { agent: token, device: token }, () => stop?.());
  const words: string[] = [];
  const loop = new OutboxLoop({
    store,
    link: { sendBatch: (batch) => http.postBatch(batch) },
    clock: new SystemClock(),
    random: systemRandomness,
    deviceId,
    trust: { keys: trust, verify: verifyEd25519 },
    onSettled: () => undefined,
    onNotWritten: (written) => {
      words.push(written.words);
      stop?.();
    },
    onLog: (_, text) => words.push(text),
  });
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  await Promise.race([loop.flush(GIVE_UP_AFTER_MS), stopped]);
  http.close();
  await loop.close();
  // Whoever's store this is may not come back for long: what is past its time goes all the same.
  const retained = store.retain(retentionTime(store, Date.now()), RETENTION_DAYS);
  if (!retained.ok) words.push(retained.words);
  const { unsent } = store.counts();
  store.close();
  return { op: 'drained', unsent, words: words.slice(0, 10).join('; ') };
}

function leave(message: FromDrain): void {
  port.postMessage(message);
  // The port keeps the process alive; the message is on its way once the queue is empty.
  setTimeout(() => process.exit(0), 20);
}

function fatal(error: unknown): void {
  process.stderr.write(`drain: ${faultLine('store', error)}\n`);
  process.exit(1);
}
