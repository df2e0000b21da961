import type { PGlite } from '@electric-sql/pglite';

/** What the migrations put into a table. */
interface Seed {
  readonly table: string;
  readonly rows: string;
}

const TABLES = `select quote_ident(relname) as name from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`;

const SEQUENCES = `select format('select setval(%L, %s, %L)', schemaname || '.' || sequencename,
  coalesce(last_value, start_value), last_value is not null) as restart from pg_sequences where schemaname = 'public'`;

/** Everything but rows: tables, columns, constraints, triggers that are switched off, functions. */
const SHAPE = `select jsonb_build_array(
  (select jsonb_agg(oid order by oid) from pg_class where relnamespace = 'public'::regnamespace),
  (select jsonb_agg(jsonb_build_array(tgname, tgenabled) order by oid) from pg_trigger),
  (select jsonb_agg(jsonb_build_array(conname, convalidated) order by oid) from pg_constraint),
  (select jsonb_agg(md5(prosrc) order by oid) from pg_proc where pronamespace = 'public'::regnamespace),
  (select count(*) from pg_attribute)) as shape`;

/** A migrated PGlite that is emptied between two tests instead of made anew, unless a test changed more than rows. */
export class ReusedPglite {
  readonly pglite: PGlite;
  readonly #shape: string;
  readonly #empty: string;
  readonly #seeds: readonly Seed[];
  readonly #end: () => Promise<void>;

  private constructor(pglite: PGlite, shape: string, empty: string, seeds: readonly Seed[]) {
    this.pglite = pglite;
    this.#shape = shape;
    this.#empty = empty;
    this.#seeds = seeds;
    this.#end = pglite.close.bind(pglite);
  }

  /** `giveBack` is called in place of the closing. */
  static async of(pglite: PGlite, giveBack: (used: ReusedPglite) => void): Promise<ReusedPglite> {
    const tables = (await pglite.query<{ name: string }>(TABLES)).rows.map(({ name }) => name);
    const seeds: Seed[] = [];
    for (const table of tables) {
      const { rows } = await pglite.query<{ rows: string }>(`select coalesce(json_agg(t)::text, '') as rows from ${table} t`);
      if (rows[0] !== undefined && rows[0].rows !== '') seeds.push({ table, rows: rows[0].rows });
    }
    const sequences = (await pglite.query<{ restart: string }>(SEQUENCES)).rows.map(({ restart }) => restart);
    // Where there is little to remove it is quicker than TRUNCATE, which makes all files anew.
    const empty = [...tables.map((table) => `delete from ${table}`), ...sequences];
    const reused = new ReusedPglite(pglite, await shapeOf(pglite), empty.join('; '), seeds);
    pglite.close = async () => giveBack(reused);
    return reused;
  }

  /** False: it cannot be used again. */
  async emptied(): Promise<boolean> {
    const { pglite } = this;
    try {
      await pglite.exec('rollback');
      await pglite.exec('discard all');
      if ((await shapeOf(pglite)) !== this.#shape) return false;
      // Triggers that keep rows from being removed, and references, hold for everybody but a replica.
      await pglite.exec(`set session_replication_role = replica; ${this.#empty}`);
      for (const { table, rows } of this.#seeds)
        await pglite.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [rows]);
      await pglite.exec('set session_replication_role = origin');
      return true;
    } catch (error) {
      console.warn('a used PGlite could not be emptied and is made anew:', error);
      return false;
    }
  }

  end(): Promise<void> {
    return this.#end();
  }
}

async function shapeOf(pglite: PGlite): Promise<string> {
  const { rows } = await pglite.query<{ shape: unknown }>(SHAPE);
  return JSON.stringify(rows[0]?.shape);
}
