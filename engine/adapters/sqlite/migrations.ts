/** Numbered SQL files, applied once each, in order, never edited afterwards. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

export type Migrated =
  | { readonly ok: true; readonly applied: number }
  | { readonly ok: false; readonly reason: 'newer-schema' | 'changed-migration'; readonly words: string };

/** Reads `0001-name.sql`, `0002-name.sql` … of a folder. Throws when there are none or a number is missing. */
export function readMigrations(folder: string): readonly Migration[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted();
  const migrations = files.map((name) => ({ number: Number(name.slice(0, 4)), name, sql: readFileSync(join(folder, name), 'utf8') }));
  if (migrations.length === 0) throw new Error(`no migrations in ${folder}`);
  migrations.forEach(({ number, name }, index) => {
    if (number !== index + 1) throw new Error(`${name} should be number ${index + 1}: migrations are numbered from 0001 without holes`);
  });
  return migrations;
}

/** Brings a store up to the newest migration; each is one transaction with the note that it was applied. */
export function migrate(db: Database, migrations: readonly Migration[], nowMs: number): Migrated {
  db.exec(
    'create table if not exists migration (number integer primary key, name text not null, hash text not null, applied_at_ms integer not null) strict',
  );
  const applied = db.prepare<[], { number: number; hash: string }>('select number, hash from migration order by number').all();
  const newest = applied.at(-1)?.number ?? 0;
  if (newest > migrations.length) {
    return {
      ok: false,
      reason: 'newer-schema',
      words: `The store was written by a newer Sotto (step ${newest}, this one knows ${migrations.length}). Install the newer version again.`,
    };
  }
  const note = db.prepare('insert into migration (number, name, hash, applied_at_ms) values (?, ?, ?, ?)');
  let count = 0;
  for (const { number, name, sql } of migrations) {
    const hash = createHash('sha256').update(sql).digest('hex');
    const before = applied.find((row) => row.number === number);
    if (before) {
      if (before.hash === hash) continue;
      return {
        ok: false,
        reason: 'changed-migration',
        words: `Step ${name} is not the one this store was made with. Install Sotto again: its files were changed.`,
      };
    }
    db.transaction(() => {
      db.exec(sql);
      note.run(number, name, hash, nowMs);
    }).immediate();
    count += 1;
  }
  return { ok: true, applied: count };
}
