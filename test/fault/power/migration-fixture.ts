/** A store of an earlier version, with rows in every table there was; and a store as text, to compare. */
import Database, { type Database as Connection } from 'better-sqlite3';
import { applySettings, unlock } from '#adapters/sqlite/connection-settings.ts';
import { type Migration, migrate } from '#adapters/sqlite/migrations.ts';
import { KEY, NOW_MS } from '../../conformance/sqlite-scratch.ts';

export function connect(file: string): Connection {
  const db = new Database(file, { timeout: 0 });
  unlock(db, KEY);
  applySettings(db);
  return db;
}

export function bring(db: Connection, migrations: readonly Migration[]): void {
  const migrated = migrate(db, migrations, NOW_MS);
  if (!migrated.ok) throw new Error(migrated.words);
}

const ROWS = 40;

/** What the first version had, by its own SQL: this is how such stores were written then. */
function fillFirst(db: Connection): void {
  db.exec(`insert into device values (1, 'epoch-1', ${ROWS}, ${ROWS}, '${'f'.repeat(64)}')`);
  const each = (sql: string): void => {
    const statement = db.prepare<[{ readonly n: number; readonly text: string }]>(sql);
    for (let n = 1; n <= ROWS; n++) statement.run({ n, text: `{"n":${n},"text":"${'y'.repeat(200)}"}` });
  };
  db.transaction(() => {
    each('insert into call values (:n, :n % 2, nullif(:n % 3, 0))');
    each("insert into call_event values (:n, 1, 'event-' || :n, :text)");
    each("insert into ledger values (:n, 'outcome', 'id-' || :n, :n, :n, 'hash-' || :n, :text, 'chain-' || :n)");
    each('insert into outbox select :n, :n where :n > 10 and length(:text) > 0');
    each("insert into dead_letter select :n, :n, 'bad-item', :n where :n <= 10 and length(:text) > 0");
    each("insert into outcome values ('id-' || :n, :n, 'customer-' || :n, :n, :text)");
    each("insert into last_decision values (:n, 'id-' || :n, :text)");
    each("insert into display values ('id-' || :n, 'action', :n, :text)");
    each("insert into profile values ('customer-' || :n, :n, :text)");
    each('insert into call_context select :n, :n % 2 where length(:text) > 0');
    each("insert into revision values ('hash-' || :n, :text)");
    each("insert into model values ('hash-' || :n, :text)");
    each("insert into setting values ('name-' || :n, :text)");
  }).immediate();
}

/** Rows for the tables a version added; one that adds a table adds a line here. */
const ADDED: Readonly<Record<number, string>> = {
  2: "insert into salvage values ('store.damaged-1', 'damaged', 1, 2, 3)",
  4: "insert into legal_hold values ('1.0', 1)",
  6: "insert into erased_person values ('of-nobody', 1); insert into person_hold values ('of-somebody', 2)",
};

/** A store as version `version` left it. */
export function fixture(file: string, migrations: readonly Migration[], version: number): void {
  const db = connect(file);
  for (let reached = 1; reached <= version; reached++) {
    bring(db, migrations.slice(0, reached));
    if (reached === 1) fillFirst(db);
    const added = ADDED[reached];
    if (added !== undefined) db.exec(added);
  }
  db.close();
}

const tables = (db: Connection): readonly string[] =>
  db
    .prepare<[], { name: string }>("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name")
    .all()
    .map(({ name }) => name);

/** Every statement of the schema, by name. */
export const schemaOf = (db: Connection): string =>
  db
    .prepare<[], { sql: string }>('select sql from sqlite_schema where sql is not null order by type desc, name')
    .all()
    .map(({ sql }) => `${sql};\n`)
    .join('\n');

const plain = (row: object): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? `${value.length} bytes` : (value as unknown)]),
  );

const ofCall = (table: string, columns: string): string =>
  `select ${columns}, unseal(secret, body) as body from ${table} join call_secret using (call_id)`;

/** What is sealed, as it was before. */
const OPENED: Readonly<Record<string, string>> = {
  call_event: ofCall('call_event', 'call_id, seq, event_id'),
  display: ofCall('display', 'decision_id, action_id, call_id'),
  ledger_body: ofCall('ledger_body join ledger using (pos)', 'pos, unhex(unseal(secret, salt)) as salt'),
  outcome: ofCall('outcome', 'id, call_id, person, at_ms'),
  profile:
    'select unseal(wrapped, customer_id) as customer_id, version, person, as_of_ms, unseal(wrapped, body) as body from profile join person_key using (person)',
};

/** Every row of every table; blobs, which may be random, only by their length. */
export function contentOf(db: Connection): Readonly<Record<string, readonly unknown[]>> {
  const names = tables(db);
  const isSealed = names.includes('call_key');
  const rowsOf = (name: string): readonly object[] =>
    db.prepare<[], object>(`${(isSealed ? OPENED[name] : undefined) ?? `select * from "${name}"`} order by 1, 2`).all();
  return Object.fromEntries(names.map((name) => [name, rowsOf(name).map(plain)]));
}
