/** What may lie where a store should be: told in words, never deleted, never written to; the other way round, a folder nobody may write to. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anchorFile, type Opened, openSqliteStore, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { decision } from '../conformance/samples.ts';
import { KEY, MIGRATIONS, NOW_MS } from '../conformance/sqlite-scratch.ts';
import { DamagedStore } from './damaged-store.ts';

const opening = (folder: string, keyHex = KEY): Opened => openSqliteStore({ folder, keyHex, migrations: MIGRATIONS, nowMs: NOW_MS });

function filled(): DamagedStore {
  const made = new DamagedStore();
  made.open().recordDecision(decision(1));
  made.close();
  return made;
}

const KEPT: Readonly<Record<string, Buffer>> = {
  'a text': Buffer.from('Dear Sotto, this is not a database.\n'.repeat(200)),
  'a picture': Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(9_000, 7)]),
  zeros: Buffer.alloc(8_192),
  'a plain SQLite file': Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8_176)]),
};

test.each(Object.entries(KEPT))(
  '%s in place of a store, where no anchor proves the key, is told in words and left as it is',
  (_, bytes) => {
    using place = new DamagedStore();
    writeFileSync(place.file, bytes);
    expect(opening(place.folder)).toMatchObject({ ok: false, reason: 'unreadable', words: expect.stringContaining('left as it is') });
    expect(place.bytes().equals(bytes)).toBe(true);
    expect(place.aside()).toEqual([]);
  },
);

test.each(Object.entries(KEPT))(
  '%s in place of a store whose anchor is there is set aside whole, and what is lost is counted',
  (_, bytes) => {
    using place = filled();
    writeFileSync(place.file, bytes);
    const opened = place.tryOpen();
    expect(opened).toMatchObject({ ok: true, salvaged: { what: 'damaged' } });
    const [aside = ''] = place.aside();
    expect(readFileSync(join(aside, STORE_FILE)).equals(bytes)).toBe(true);
    if (opened.ok) expect((opened.salvaged?.saved ?? 0) + (opened.salvaged?.lost ?? 0)).toBeGreaterThan(0);
  },
);

test('a folder in place of the file is told in words', () => {
  using place = new DamagedStore();
  mkdirSync(place.file);
  expect(opening(place.folder)).toMatchObject({ ok: false, reason: 'unreachable' });
});

test('a link to another person’s store opens nothing of theirs and changes nothing there', () => {
  using theirs = filled();
  using place = filled();
  const before = theirs.bytes();
  unlinkSync(place.file);
  symlinkSync(theirs.file, place.file);
  rmSync(anchorFile(place.folder));
  expect(opening(place.folder, 'f'.repeat(64))).toMatchObject({ ok: false, reason: 'unreadable' });
  expect(theirs.bytes().equals(before)).toBe(true);
});

test('a link that leads nowhere is told in words, and nothing is made at its end', () => {
  using place = new DamagedStore();
  symlinkSync('/nowhere/at/all/sotto.db', place.file);
  expect(opening(place.folder)).toMatchObject({ ok: false, reason: 'unreachable' });
});

const asRoot = (command: 'mount' | 'umount', args: readonly string[]) => execFileSync(command, args, { stdio: 'pipe' });

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-mount-'));
  try {
    asRoot('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
    asRoot('umount', ['-l', folder]);
    return true;
  } catch {
    console.warn('SKIPPED: no tmpfs can be mounted here. Run as root to try a disk that cannot be written to.');
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.skipIf(!canMount())('a disk that can only be read is told in words; written to again, everything is there', () => {
  const home = mkdtempSync(join(tmpdir(), 'sotto-read-only-'));
  asRoot('mount', ['-t', 'tmpfs', 'tmpfs', home]);
  try {
    const folder = join(home, 'store');
    mkdirSync(folder);
    const first = opening(folder);
    if (!first.ok) throw new Error(first.words);
    first.store.recordDecision(decision(1));
    first.store.close();
    asRoot('mount', ['-o', 'remount,ro', home]);
    expect(opening(folder)).toMatchObject({ ok: false, reason: 'unreachable', words: expect.stringContaining('may be written to') });
    asRoot('mount', ['-o', 'remount,rw', home]);
    const again = opening(folder);
    expect(again).toMatchObject({ ok: true, salvaged: null });
    if (!again.ok) return;
    expect(again.store.counts().unsent).toBeGreaterThan(0);
    again.store.close();
  } finally {
    asRoot('umount', ['-l', home]);
    rmSync(home, { recursive: true, force: true });
  }
});
