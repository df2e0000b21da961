/** Runs behind the shim: a store on a disk that fails now and then, held to what it promised. Prints what was seen as JSON. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Opened, openSqliteStore } from '#adapters/sqlite/open-store.ts';
import { KEY, MIGRATIONS, NOW_MS } from '../../conformance/sqlite-scratch.ts';
import { randomFrom } from '../random-from.ts';
import { doSomething, judge, noPromises, type Promises } from './promised.ts';
import { tellDisk } from './tell-disk.ts';

const [home = '', seed = '', faults = '', variant = ''] = process.argv.slice(2);
const random = randomFrom(Number(seed));
const KINDS = ['write', 'short', 'sync'] as const;
const ROUNDS_A_STORE = 8;
const OPERATIONS = 14;

const seen = {
  operations: 0,
  faults: 0,
  lost: 0,
  doubled: 0,
  phantom: 0,
  notOpened: 0,
  yesAfterFault: 0,
  byKind: { write: 0, short: 0, sync: 0 },
};

let checkpoint: () => void = () => undefined;
const told: string[] = [];

function open(folder: string): Opened {
  return openSqliteStore({
    folder,
    keyHex: KEY,
    migrations: MIGRATIONS,
    nowMs: NOW_MS,
    onCorrupt: (words) => void told.push(words),
    after: (_, call) => {
      checkpoint = call;
      return () => undefined;
    },
  });
}

function round(folder: string, promises: Promises, clock: number): void {
  const kind = KINDS[random(KINDS.length)] ?? 'write';
  const isWhileOpening = random(6) === 0;
  told.length = 0;
  if (isWhileOpening) tellDisk(`fail/${kind}/${1 + random(6)}`);
  const opened = open(folder);
  if (opened.ok) {
    if (!isWhileOpening) tellDisk(`fail/${kind}/${1 + random(kind === 'sync' ? 14 : 40)}`);
    for (let operation = 0; operation < OPERATIONS; operation++) {
      const before = told.length;
      const isYes = doSomething(opened.store, promises, random, clock + operation);
      seen.operations += 1;
      if (isYes && before > 0) seen.yesAfterFault += 1;
      // The canary takes every answer for a yes.
      if (variant === 'believe-everything') promises.saved.splice(0, promises.saved.length, ...promises.asked);
      if (random(10) === 0) checkpoint();
    }
    if (tellDisk('struck')) {
      seen.faults += 1;
      seen.byKind[kind] += 1;
    }
    tellDisk('heal');
    opened.store.close();
  } else {
    if (opened.reason !== 'unreachable') throw new Error(opened.words);
    seen.notOpened += 1;
    seen.faults += 1;
    seen.byKind[kind] += 1;
  }
  tellDisk('heal');
  const again = open(folder);
  if (!again.ok || again.salvaged !== null)
    throw new Error(`whole, and not opened as it was: ${JSON.stringify(again.ok ? again.salvaged : again)}`);
  const { lost, doubled, phantom } = judge(again.store, promises);
  seen.lost += lost;
  seen.doubled += doubled;
  seen.phantom += phantom;
  again.store.close();
}

for (let number = 0; seen.faults < Number(faults); number++) {
  const folder = join(home, `store-${number}`);
  mkdirSync(folder);
  const promises = noPromises();
  for (let rounds = 0; rounds < ROUNDS_A_STORE && seen.faults < Number(faults); rounds++) round(folder, promises, 1 + rounds * 100);
  for (const name of readdirSync(home)) rmSync(join(home, name), { recursive: true });
}
process.stdout.write(`${JSON.stringify(seen)}\n`);
