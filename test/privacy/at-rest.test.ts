/** [P5] Nothing that lies on the disk can be read by whoever has only the disk: store, log, sealed files, and whatever was left in a folder for temporary files. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { People } from '#main/shell/people.ts';
import { StandingOrderFile } from '#main/shell/standing-order-file.ts';
import { throwAwaySeal } from '#main/shell/throw-away-seal.ts';
import { counts } from '../fault/counts.ts';
import { ErasedDesk, hits } from './erased-desk.ts';

const PERSONS = counts(30, 1_000);
const LEAST_ENTROPY = 7.9;
/** What SQLite calls its temporary files. */
const TEMPORARY = /^etilqs_/;

/** Bits a byte. */
function entropy(bytes: Buffer): number {
  const seen = new Float64Array(256);
  for (const byte of bytes) seen[byte] = (seen[byte] ?? 0) + 1;
  return seen.reduce((sum, count) => (count === 0 ? sum : sum - (count / bytes.length) * Math.log2(count / bytes.length)), 0);
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());

/** What a thief of this folder finds. */
function look(folder: string, words: readonly string[]) {
  const files = filesIn(folder);
  const bytes = files.map((file) => readFileSync(file));
  const databases = bytes.filter((_, index) => /\.(db|db-wal|sottobackup)$/.test(files[index] ?? '') && (bytes[index]?.length ?? 0) > 0);
  return {
    files: files.length,
    bytes: bytes.reduce((sum, one) => sum + one.length, 0),
    headers: bytes.filter((one) => one.includes('SQLite format 3')).length,
    hits: bytes.reduce((sum, one) => sum + hits(one, words), 0),
    databases: databases.length,
    entropy: Math.min(...databases.map(entropy)),
  };
}

test('[P5] a desk’s folder holds no header, no word of anybody, and databases that look like noise', { timeout: 300_000 }, async () => {
  using desk = new ErasedDesk();
  const before = new Set(readdirSync(tmpdir()));
  desk.plant(PERSONS);
  desk.backup();
  const words = desk.persons.flatMap(({ words: theirs }) => theirs);
  // Who sat here and whom central erased lies beside the stores.
  const seal = throwAwaySeal(desk.home);
  const people = await People.open(seal, desk.home);
  const agent = { id: 'ann', name: 'canary-agent-name', level: 'standard', language: 'en', roles: ['agent'] } as const;
  const granted = {
    ...agent,
    roles: [...agent.roles],
    secret: 'ab'.repeat(32),
    offlineHours: 12,
    atMs: Date.now(),
    deviceToken: 'canary-token',
  };
  await people.remember(granted, Date.now());
  const orders = await StandingOrderFile.open(seal, desk.home);
  await orders.keep(
    desk.persons.map(({ customerId }, index) => ({ seq: index + 1, kind: 'erase' as const, customerId })),
    Date.now(),
  );
  const planted = [...words, agent.name, granted.deviceToken];
  const running = look(desk.home, planted);
  desk.close();
  const closed = look(desk.home, planted);
  for (const seen of [running, closed]) {
    expect(seen).toMatchObject({ headers: 0, hits: 0 });
    expect(seen.entropy).toBeGreaterThan(LEAST_ENTROPY);
    expect(seen.databases).toBeGreaterThanOrEqual(2);
  }
  expect(readdirSync(tmpdir()).filter((name) => !before.has(name) && TEMPORARY.test(name))).toEqual([]);
  console.log(
    `[P5]: ${desk.operations} operations, ${running.files} files of ${running.bytes} bytes, ${planted.length} canaries, 0 headers, 0 hits, entropy ${running.entropy.toFixed(3)}`,
  );
});

test('[P5] canary: a database that is not encrypted is seen by each of the three', () => {
  using desk = new ErasedDesk();
  const folder = join(desk.home, 'plain');
  mkdirSync(folder);
  const db = new Database(join(folder, STORE_FILE));
  db.exec('create table profile (body text)');
  const insert = db.prepare('insert into profile values (?)');
  for (let n = 0; n < 500; n++) insert.run(`canary-name-${n}-x lives here`);
  db.close();
  const seen = look(folder, ['canary-name-7-x', 'canary-name-8-x']);
  expect(seen).toMatchObject({ headers: 1, hits: 2, databases: 1 });
  expect(seen.entropy).toBeLessThan(LEAST_ENTROPY);
});
