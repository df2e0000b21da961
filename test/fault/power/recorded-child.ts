/**
 * Runs behind the shim, which writes down everything done to the store's files. After each thing done a mark goes into
 * that log, and what is promised by then to the file of promises, one line a mark.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { KEY, MIGRATIONS, NOW_MS } from '../../conformance/sqlite-scratch.ts';
import { randomFrom } from '../random-from.ts';
import { doSomething, noPromises } from './promised.ts';
import { tellDisk } from './tell-disk.ts';

const [home = '', promisesFile = '', seed = '', operations = '', variant = ''] = process.argv.slice(2);
const random = randomFrom(Number(seed));
const folder = join(home, 'store');
mkdirSync(folder);

if (variant === 'not-synchronous') {
  // The canary forgets the pragma and reads back that all is well.
  const prototype = Database.prototype as { pragma(text: string, options?: { readonly simple?: boolean }): unknown };
  const { pragma } = prototype;
  prototype.pragma = function forgetful(text, options): unknown {
    if (text === 'synchronous') return 2;
    return pragma.call(this, text === 'synchronous = FULL' ? 'synchronous = NORMAL' : text, options);
  };
}

let checkpoint: () => void = () => undefined;
function open(): SqliteStore {
  const opened = openSqliteStore({
    folder,
    keyHex: KEY,
    migrations: MIGRATIONS,
    nowMs: NOW_MS,
    after: (_, call) => {
      checkpoint = call;
      return () => undefined;
    },
  });
  if (!opened.ok) throw new Error(opened.words);
  return opened.store;
}

const promises = noPromises();
let store = open();
for (let operation = 0; operation < Number(operations); operation++) {
  doSomething(store, promises, random, operation + 1);
  tellDisk(`mark/${operation}`);
  appendFileSync(promisesFile, `${JSON.stringify(promises)}\n`);
  if (random(25) === 0) checkpoint();
  if (random(60) === 0) {
    store.close();
    store = open();
  }
}
// As the power finds it: not closed.
process.kill(process.pid, 'SIGKILL');
