/** Installs the second revision over the first, and dies by SIGKILL after the n-th statement of it. */
import Database from 'better-sqlite3';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import { KEY, MIGRATIONS, NOW_MS } from '../conformance/sqlite-scratch.ts';
import { smallRevision } from '../engine/small-revision.ts';

const [folder = '', point = '', variant = ''] = process.argv.slice(2);
const opened = openSqliteStore({ folder, keyHex: KEY, migrations: MIGRATIONS, nowMs: NOW_MS });
if (!opened.ok) throw new Error(opened.words);
const { store } = opened;
const next = smallRevision(2);
const slots = { revision: next.hash, model: null, versions: { 'revision/revision': 2 } };

const statement = Object.getPrototypeOf(new Database(':memory:').prepare('select 1')) as {
  run(this: unknown, ...args: unknown[]): unknown;
};
const { run } = statement;
let statements = 0;
statement.run = function counted(this: unknown, ...args: unknown[]): unknown {
  const result = run.apply(this, args);
  statements += 1;
  if (statements === Number(point)) process.kill(process.pid, 'SIGKILL');
  return result;
};

// As the engine does: what central names, the bundle with its slot, and what is no longer wanted.
store.saveSetting('versions', { revision: next.hash, models: [], excluded: [] });
if (variant === 'mark-first') {
  // The canary's order: the old one goes and the new one is marked before it is there.
  store.saveSetting('slots', slots);
  store.keepOnly([next.hash], []);
}
store.installRevision(next, slots);
store.keepOnly([next.hash], []);
process.stdout.write(`${statements}\n`);
store.close();
