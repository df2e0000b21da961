/** [D9] [X4] Backups taken while a desk works, and put back later: whole, nothing twice at central, no number used for two things. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { restoreBackup, takeBackup } from '#adapters/sqlite/backup.ts';
import { anchorFile, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import type { OutboxBatch } from '#contract/sync.ts';
import { T0 } from '../conformance/samples.ts';
import { runSotto } from '../cli/run-sotto.ts';
import { KEY, NOW_MS } from '../conformance/sqlite-scratch.ts';
import { counts } from './counts.ts';
import { DamagedStore } from './damaged-store.ts';
import { doSomething, noPromises } from './power/promised.ts';
import { randomFrom } from './random-from.ts';
import { report } from './report.ts';

const RESTORES = counts(10, 100);
const OLDER_COPIES = counts(50, 200);

/** Keeps each thing once by its id, and notices a number that comes with another thing than before. */
class Ledgered {
  readonly ids = new Set<string>();
  readonly #numbers = new Map<string, string>();
  reused = 0;

  take({ epoch, items }: OutboxBatch): void {
    for (const { seq, id } of items) {
      const number = `${epoch} ${seq}`;
      if ((this.#numbers.get(number) ?? id) !== id) this.reused += 1;
      this.#numbers.set(number, id);
      this.ids.add(id);
    }
  }
}

function send(store: SqliteStore, central: Ledgered, items: number): void {
  const batch = store.takeBatch('device-1', { items, bytes: 1_000_000 });
  if (batch === null) return;
  central.take(batch);
  store.settleBatch(batch, { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })) }, T0);
}

interface Put {
  keep(place: DamagedStore, store: SqliteStore): SqliteStore;
  back(place: DamagedStore): void;
}

const BACKUP: Put = {
  keep(place, store) {
    expect(takeBackup(store, `${place.folder}.backup`, KEY)).toEqual({ ok: true });
    return store;
  },
  back: (place) => expect(restoreBackup(`${place.folder}.backup`, place.folder, KEY, NOW_MS)).toMatchObject({ ok: true }),
};

const OLDER_COPY: Put = {
  keep(place) {
    place.close();
    cpSync(place.file, `${place.folder}.copy`);
    return place.open();
  },
  back: (place) => cpSync(`${place.folder}.copy`, place.file),
};

/** The canary puts the older anchor back as well. */
const BOTH: Put = {
  keep(place) {
    place.close();
    cpSync(anchorFile(place.folder), `${place.folder}.copy-anchor`);
    return OLDER_COPY.keep(place, place.open());
  },
  back(place) {
    OLDER_COPY.back(place);
    cpSync(`${place.folder}.copy-anchor`, anchorFile(place.folder));
  },
};

function putBack(rounds: number, { keep, back }: Put) {
  const random = randomFrom(9);
  const seen = { operations: 0, faults: 0, lost: 0, doubled: 0, phantom: 0 };
  for (let round = 0; round < rounds; round++) {
    using place = new DamagedStore();
    const central = new Ledgered();
    const promises = noPromises();
    let store = place.open();
    const work = (from: number, count: number): void => {
      for (let clock = from; clock < from + count; clock++) {
        doSomething(store, promises, random, clock);
        if (random(4) === 0) send(store, central, 1 + random(5));
        seen.operations += 1;
      }
    };
    work(1, 5 + random(20));
    store = keep(place, store);
    const kept = [...promises.saved];
    work(100, 5 + random(20));
    place.close();
    back(place);
    seen.faults += 1;
    store = place.open();
    work(200, 5);
    while (store.counts().unsent > 0) send(store, central, 50);
    // What doSomething settled went to nobody; what was sent here is central's.
    const settled = new Set(promises.settled);
    seen.lost += kept.filter((id) => !central.ids.has(id) && !settled.has(id)).length;
    seen.doubled += central.reused;
    expect(store.verifyLedger().brokenAt).toBeNull();
  }
  return seen;
}

test(`[D9] ${RESTORES} backups taken while writing are put back: all of them is there, and nothing is twice at central`, {
  timeout: 600_000,
}, () => {
  report('[D9] restored', putBack(RESTORES, BACKUP), { faults: RESTORES });
});

test(`[X4] ${OLDER_COPIES} older copies put back never use a number twice`, { timeout: 600_000 }, () => {
  report('[X4] older copies', putBack(OLDER_COPIES, OLDER_COPY), { faults: OLDER_COPIES });
});

test('[X4] canary: where the anchor is put back too, numbers are used twice, and this suite sees it', () => {
  expect(putBack(10, BOTH).doubled).toBeGreaterThan(0);
});

test('[D9] a backup is encrypted, never overwrites, and one that is damaged or of another key changes nothing', () => {
  using place = new DamagedStore();
  const store = place.open();
  doSomething(store, noPromises(), () => 0, 1);
  const file = `${place.folder}.backup`;
  expect(takeBackup(store, file, KEY)).toEqual({ ok: true });
  expect(readFileSync(file).includes('SQLite format 3')).toBe(false);
  expect(takeBackup(store, file, KEY)).toMatchObject({ ok: false, words: expect.stringContaining('never overwritten') });
  expect(takeBackup(store, join(place.folder, 'nowhere', 'a-file'), KEY)).toMatchObject({ ok: false });
  place.close();
  const before = place.bytes();
  expect(restoreBackup(file, place.folder, 'f'.repeat(64), NOW_MS)).toMatchObject({
    ok: false,
    words: expect.stringContaining('another key'),
  });
  const bytes = readFileSync(file);
  bytes[5_000] = (bytes[5_000] ?? 0) ^ 1;
  writeFileSync(`${file}.damaged`, bytes);
  expect(restoreBackup(`${file}.damaged`, place.folder, KEY, NOW_MS)).toMatchObject({ ok: false });
  expect(place.bytes().equals(before)).toBe(true);
  const restored = restoreBackup(file, place.folder, KEY, NOW_MS);
  expect(restored).toMatchObject({ ok: true, aside: expect.stringContaining('before-restore') });
  const aside = join(place.folder, '..', restored.ok ? (restored.aside ?? '') : '');
  expect(readFileSync(join(aside, STORE_FILE)).equals(before)).toBe(true);
  expect(readdirSync(place.folder)).toEqual([STORE_FILE]);
  rmSync(file);
  expect(existsSync(file)).toBe(false);
});

test('sotto backup and sotto restore say what they did, and stay away from a store that is in use', async () => {
  using place = new DamagedStore();
  const store = place.open();
  const promises = noPromises();
  doSomething(store, promises, () => 0, 1);
  const keyFile = `${place.folder}.key`;
  writeFileSync(keyFile, KEY);
  const file = `${place.folder}.backup`;
  const named = [file, '--store', place.folder, '--key', keyFile];
  expect(await runSotto(['backup', ...named])).toMatchObject({ code: 1, err: expect.stringContaining('another Sotto') });
  place.close();
  expect(await runSotto(['backup', ...named])).toMatchObject({
    code: 0,
    out: expect.stringContaining('2 records, 2 of them not sent yet'),
  });
  const running = place.open();
  expect(await runSotto(['restore', ...named])).toMatchObject({ code: 1, err: expect.stringContaining('another Sotto') });
  doSomething(running, promises, () => 0, 2);
  place.close();
  const restored = await runSotto(['restore', ...named]);
  expect(restored).toMatchObject({ code: 0, out: expect.stringMatching(/^2 records.*is now store\.before-restore-/) });
  const again = place.tryOpen();
  expect(again).toMatchObject({ ok: true, salvaged: { what: 'older-copy', saved: 2, lost: 2 } });
});
