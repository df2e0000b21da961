/** Stands around every statement SQLite runs in this process, the transactions' own included; the store knows nothing of it. */
import Database from 'better-sqlite3';

interface Runnable {
  run(this: { readonly source: string }, ...args: unknown[]): unknown;
}

const statement = Object.getPrototypeOf(new Database(':memory:').prepare('select 1')) as Runnable;
const { run } = statement;

export interface StatementWatchOptions {
  /** May throw what SQLite would. */
  readonly before?: (sql: string) => void;
  readonly after?: () => void;
  /** Nothing begins and nothing is committed together: for canaries. */
  readonly isWithoutTransactions?: boolean;
}

export class StatementWatch implements Disposable {
  constructor({ before, after, isWithoutTransactions = false }: StatementWatchOptions) {
    statement.run = function watched(...args): unknown {
      before?.(this.source);
      const result = isWithoutTransactions && /^(begin|commit|rollback)/i.test(this.source) ? undefined : run.apply(this, args);
      after?.();
      return result;
    };
  }

  [Symbol.dispose](): void {
    statement.run = run;
  }
}
