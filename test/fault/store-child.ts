/** Opens a store, writes one decision that stands, and dies by SIGKILL after the n-th statement of the next use case. */
import Database from 'better-sqlite3';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import { canonical, decision, outcome } from '../conformance/samples.ts';
import { KEY, MIGRATIONS, NOW_MS } from '../conformance/sqlite-scratch.ts';

const [folder = '', useCase = '', point = '', variant = ''] = process.argv.slice(2);

const opened = openSqliteStore({ folder, keyHex: KEY, migrations: MIGRATIONS, nowMs: NOW_MS });
if (!opened.ok) throw new Error(opened.words);
const { store } = opened;
store.recordDecision(decision(1, { cards: [], outcomes: [] }));

const statement = Object.getPrototypeOf(new Database(':memory:').prepare('select 1')) as {
  run(this: unknown, ...args: unknown[]): unknown;
};
const { run } = statement;
let statements = 0;
statement.run = function counted(this: { readonly source: string }, ...args: unknown[]): unknown {
  // The canary's store has no transactions.
  const isSkipped = variant === 'no-transaction' && /^(begin|commit)/i.test(this.source);
  const result = isSkipped ? undefined : run.apply(this, args);
  statements += 1;
  if (statements === Number(point)) process.kill(process.pid, 'SIGKILL');
  return result;
};

switch (useCase) {
  case 'decision': {
    const entry = decision(2);
    store.recordDecision({ ...entry, outcomes: [...entry.outcomes, canonical(outcome(3, { kind: 'superseded' }))] });
    break;
  }
  case 'repeat':
    store.recordRepeat(
      canonical({ v: 1 as const, id: 'repeat-1', of: 'decision-1', callId: 'call-1', clock: 2, atMs: NOW_MS, trigger: 'timer' }),
    );
    break;
  case 'outcomes':
    store.recordOutcomes([canonical(outcome(2)), canonical(outcome(3))]);
    break;
  default:
    throw new Error(`no such use case: ${useCase}`);
}
// Only reached when there were fewer statements than asked for.
process.stdout.write(`${statements}\n`);
store.close();
