/** Calls back after every statement SQLite runs in this process, the transactions' own included; the store knows nothing of it. */
import Database from 'better-sqlite3';

interface Runnable {
  run(this: { readonly source: string }, ...args: unknown[]): unknown;
}

const statement = Object.getPrototypeOf(new Database(':memory:').prepare('select 1')) as Runnable;
const { run } = statement;

/** With `isWithoutTransactions` nothing begins and nothing is committed together: for canaries. */
export class StatementWatch implements Disposable {
  constructor(after: () => void, isWithoutTransactions = false) {
    statement.run = function watched(...args): unknown {
      const result = isWithoutTransactions && /^(begin|commit)/i.test(this.source) ? undefined : run.apply(this, args);
      after();
      return result;
    };
  }

  [Symbol.dispose](): void {
    statement.run = run;
  }
}
