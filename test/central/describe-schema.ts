/** A schema as text, the same on every engine: what the snapshot beside the migrations holds. */
import { sql } from 'kysely';
import type { Store } from '#central/store/open-store.ts';

export async function describeSchema({ db }: Store): Promise<string> {
  const columns = await sql<{ line: string }>`
    select format('%s.%s %s%s%s%s', table_name, column_name, udt_name,
      case when is_nullable = 'NO' then ' not null' else '' end,
      case when column_default is null then '' else ' default ' || column_default end,
      case when is_identity = 'YES' then ' identity ' || lower(identity_generation) else '' end) as line
    from information_schema.columns where table_schema = 'public'`.execute(db);
  // Since PostgreSQL 18 a column's "not null" is a constraint too; the columns above say it already.
  const constraints = await sql<{ line: string }>`
    select format('%s: %s', conrelid::regclass, pg_get_constraintdef(oid)) as line
    from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'`.execute(db);
  const indexes = await sql<{ line: string }>`select indexdef as line from pg_indexes where schemaname = 'public'`.execute(db);
  return `${[...section('columns', columns), ...section('constraints', constraints), ...section('indexes', indexes)].join('\n')}\n`;
}

const section = (name: string, { rows }: { readonly rows: readonly { readonly line: string }[] }) => [
  `-- ${name}`,
  ...rows.map(({ line }) => line).toSorted(),
];
