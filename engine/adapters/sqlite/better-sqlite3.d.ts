/** What we use of better-sqlite3-multiple-ciphers 13, whose package exports leave out its own typings. */
declare module 'better-sqlite3' {
  export interface RunResult {
    readonly changes: number;
    readonly lastInsertRowid: number;
  }

  export interface Statement<Parameters extends readonly unknown[], Row> {
    run(...parameters: Parameters): RunResult;
    get(...parameters: Parameters): Row | undefined;
    all(...parameters: Parameters): Row[];
    iterate(...parameters: Parameters): IterableIterator<Row>;
    pluck(): Statement<Parameters, unknown>;
  }

  export class SqliteError extends Error {
    readonly code: string;
  }

  class DatabaseHandle {
    constructor(file: string, options?: { readonly timeout?: number; readonly readonly?: boolean });
    static readonly SqliteError: typeof SqliteError;
    readonly open: boolean;
    prepare<Parameters extends readonly unknown[] = readonly unknown[], Row = unknown>(sql: string): Statement<Parameters, Row>;
    exec(sql: string): this;
    function(
      name: string,
      options: { readonly deterministic: boolean; readonly directOnly: boolean },
      work: (...values: never[]) => unknown,
    ): this;
    pragma(text: string, options?: { readonly simple?: boolean }): unknown;
    transaction(work: () => void): { immediate(): void };
    close(): this;
  }
  export type Database = DatabaseHandle;
  export default DatabaseHandle;
}
