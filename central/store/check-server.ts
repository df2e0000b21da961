/** Whether a PostgreSQL server keeps what it acknowledges. Asked at the start of a production node. */
import { sql } from 'kysely';
import type { Store } from './open-store.ts';

const OLDEST = 150_000;

/** Settings and what they may be: with any other a power cut loses what was acknowledged, or leaves half of it. */
const SAFE: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  full_page_writes: ['on'],
  synchronous_commit: ['on', 'remote_write', 'remote_apply', 'local'],
};

/** Throws an error that names everything that is wrong, and what to set. */
export async function checkServer(store: Store): Promise<void> {
  const { rows } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings where name = any(${[...Object.keys(SAFE), 'server_version_num']}::text[])`.execute(store.db);
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  const faults = Object.entries(SAFE).flatMap(([name, safe]) => {
    const setting = settings.get(name) ?? 'unknown';
    return safe.includes(setting)
      ? []
      : [`${name} is ${setting}: what is acknowledged would not survive a power cut; set it to ${safe[0]}`];
  });
  const version = Number(settings.get('server_version_num') ?? 0);
  if (version < OLDEST) faults.push(`the server is older than PostgreSQL 15 (${version}): install a newer one`);
  if (faults.length > 0) throw new Error(`the database server is refused:\n  ${faults.join('\n  ')}`);
}
