/** [D8] A store of any earlier version becomes one of today, whatever interrupts it, and loses no row. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../conformance/sqlite-scratch.ts';
import { counts } from './counts.ts';
import { canBuildShim, DiskShim } from './power/build-shim.ts';
import { MODES, RecordedDisk, readLog } from './power/disk-images.ts';
import { bring, connect, contentOf, fixture, schemaOf } from './power/migration-fixture.ts';
import { randomFrom } from './random-from.ts';
import { report } from './report.ts';

const SNAPSHOT = fileURLToPath(new URL('../../migrations/desktop/schema.txt', import.meta.url));
const CHILD = fileURLToPath(new URL('power/migrating-child.ts', import.meta.url));
/** Ways a disk may lose what was not synced, tried at each step: one after the other, or all of them five times. */
const TRIES = counts(1, 5 * MODES.length);
const VERSIONS = MIGRATIONS.slice(0, -1).map((_, index) => index + 1);
/** From the first one every migration is interrupted, from the last one with the newest rows. */
const INTERRUPTED = VERSIONS.filter((version) => counts(Number(version === 1 || version === VERSIONS.length), 1) === 1);
const { SqliteError } = Database;
const exec = promisify(execFile);

/** A folder that is gone afterwards, in memory where there is such a place. */
class Place implements Disposable {
  readonly folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sotto-migrate-'));

  get file(): string {
    return join(this.folder, 'sotto.db');
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** What a store of this version comes to when nothing interrupts it. */
function migrated(version: number) {
  using place = new Place();
  fixture(place.file, MIGRATIONS, version);
  const old = connect(place.file);
  const before = contentOf(old);
  old.close();
  const db = connect(place.file);
  bring(db, MIGRATIONS);
  const result = { before, content: contentOf(db), schema: schemaOf(db) };
  db.close();
  return result;
}

test('[D8] the schema is the snapshot beside the migrations', () => {
  using place = new Place();
  const db = connect(place.file);
  bring(db, MIGRATIONS);
  const schema = schemaOf(db);
  db.close();
  if (process.env['UPDATE_SNAPSHOTS'] === 'true') writeFileSync(SNAPSHOT, schema);
  expect(schema, 'changed on purpose? Run this test with UPDATE_SNAPSHOTS=true').toBe(readFileSync(SNAPSHOT, 'utf8'));
});

test.each(VERSIONS)('[D8] a store of version %i comes to the schema of a new one, with every row', (version) => {
  const { before, content, schema } = migrated(version);
  expect(schema).toBe(readFileSync(SNAPSHOT, 'utf8'));
  for (const [table, rows] of Object.entries(before)) {
    expect(rows.length, table).toBeGreaterThan(0);
    expect(content[table]?.length, table).toBeGreaterThanOrEqual(rows.length);
    // Every value that a column of that name still holds is the same one.
    for (const [index, row] of rows.entries()) {
      const now = (content[table]?.[index] ?? {}) as Record<string, unknown>;
      const kept = Object.fromEntries(Object.entries(row as Record<string, unknown>).filter(([column]) => column in now));
      expect(now, table).toMatchObject(kept);
    }
  }
});

/** Cuts the power at every step of a recorded migration; `lost` is how often something else came of it than of one that was not interrupted. */
async function interrupted(version: number, variant = '') {
  using shim = new DiskShim();
  using place = new Place();
  const whole = migrated(version);
  const home = join(place.folder, 'disk');
  mkdirSync(home);
  const log = join(place.folder, 'log');
  await exec(process.execPath, [CHILD, join(home, 'store', 'sotto.db'), String(version), variant], {
    env: shim.env(home, log),
  }).catch((error: { readonly signal?: string }) => {
    if (error.signal !== 'SIGKILL') throw error;
  });
  const disk = new RecordedDisk(home);
  const random = randomFrom(version);
  const seen = { operations: 0, faults: 0, lost: 0, doubled: 0, phantom: 0 };
  const image = join(place.folder, 'image');
  const isWhole = (): boolean => {
    const db = connect(join(image, 'store', 'sotto.db'));
    try {
      bring(db, MIGRATIONS);
      return schemaOf(db) === whole.schema && JSON.stringify(contentOf(db)) === JSON.stringify(whole.content);
    } catch (error) {
      if (error instanceof SqliteError) return false;
      throw error;
    } finally {
      db.close();
    }
  };
  for (const step of readLog(readFileSync(log))) {
    disk.step(step);
    if (disk.mark === null) continue;
    seen.operations += 1;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      disk.image(image, MODES[(seen.operations + attempt) % MODES.length] ?? 'none', random);
      if (!isWhole()) seen.lost += 1;
      seen.faults += 1;
    }
  }
  return seen;
}

describe.skipIf(!canBuildShim())('interrupted', () => {
  test.each(INTERRUPTED)(
    '[D8] from version %i, the power cut at every step: all of the new, with every row',
    { timeout: 600_000 },
    async (version) => {
      report(`[D8] from version ${version}`, await interrupted(version), { faults: 25 * TRIES });
    },
  );

  test('[D8] canary: migrations that are not transactions leave halves, and this suite sees them', { timeout: 900_000 }, async () => {
    expect((await interrupted(1, 'no-transaction')).lost).toBeGreaterThan(10);
  });
});
