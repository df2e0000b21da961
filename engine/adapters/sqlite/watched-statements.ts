import type { Database, Statement } from 'better-sqlite3';

/** The one thing statements are made with. */
export type Prepare = Pick<Database, 'prepare'>;

/** Statements of a connection that tell what SQLite throws before they throw it on: a read can meet a damaged page too. */
export function watched(db: Database, onThrown: (error: unknown) => void): Prepare {
  const told = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      onThrown(error);
      throw error;
    }
  };
  return {
    prepare<Parameters extends readonly unknown[], Row>(sql: string): Statement<Parameters, Row> {
      const statement = told(() => db.prepare<Parameters, Row>(sql));
      return {
        run: (...parameters) => told(() => statement.run(...parameters)),
        get: (...parameters) => told(() => statement.get(...parameters)),
        all: (...parameters) => told(() => statement.all(...parameters)),
        *iterate(...parameters) {
          try {
            yield* statement.iterate(...parameters);
          } catch (error) {
            onThrown(error);
            throw error;
          }
        },
        pluck: () => statement.pluck(),
      };
    },
  };
}
