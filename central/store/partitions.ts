/** The parts of the tables that grow: made ahead, a week each, and dropped whole when they are past their time. */
import { sql } from 'kysely';
import type { Store } from './open-store.ts';

export const PARTITIONED = ['decisions', 'decision_repeats', 'call_events'] as const;
export type Partitioned = (typeof PARTITIONED)[number];

const WEEK_MS = 7 * 86_400_000;
/** This week's, and those of the next two: a node that is not restarted for so long makes them in time, because it looks every hour. */
const AHEAD = 3;
/** Any fixed number: nodes make them one after the other. */
const LOCK = 5_077_402;

export interface Partition {
  readonly table: Partitioned;
  readonly name: string;
  /** Received before this; null: the part for what no other is for. */
  readonly untilMs: number | null;
}

/** Makes what is missing. A week of which the default part has rows already stays there. */
export async function makePartitions(store: Store, nowMs: number): Promise<void> {
  const there = new Set((await readPartitions(store)).map(({ name }) => name));
  const first = Math.floor(nowMs / WEEK_MS);
  for (const table of PARTITIONED)
    for (let week = first; week < first + AHEAD; week++) {
      const name = `${table}_w${week}`;
      if (there.has(name) || (await isInDefault(store, table, week))) continue;
      await store.script(`select pg_advisory_xact_lock(${LOCK});
        create table if not exists ${name} partition of ${table} for values from (${week * WEEK_MS}) to (${(week + 1) * WEEK_MS})`);
    }
}

export async function readPartitions({ db }: Pick<Store, 'db'>): Promise<readonly Partition[]> {
  const { rows } = await sql<{ parent: Partitioned; name: string }>`
    select parent.relname as parent, part.relname as name
    from pg_inherits join pg_class part on part.oid = inhrelid join pg_class parent on parent.oid = inhparent
    where parent.relname = any(${[...PARTITIONED]}::text[]) and part.relkind = 'r' order by name`.execute(db);
  return rows.map(({ parent, name }) => {
    const week = /_w(\d+)$/.exec(name)?.[1];
    return { table: parent, name, untilMs: week === undefined ? null : (Number(week) + 1) * WEEK_MS };
  });
}

async function isInDefault({ db }: Store, table: Partitioned, week: number): Promise<boolean> {
  const { rows } = await sql`
    select 1 from ${sql.table(`${table}_default`)}
    where received_at_ms >= ${week * WEEK_MS} and received_at_ms < ${(week + 1) * WEEK_MS} limit 1`.execute(db);
  return rows.length > 0;
}
