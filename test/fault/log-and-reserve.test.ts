/** What is committed leaves the log in time, and a full disk never says yes, goes on sending, and heals by itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { after } from '#adapters/system/system-clock.ts';
import { decision, T0 } from '../conformance/samples.ts';
import { KEY, MIGRATIONS, NOW_MS } from '../conformance/sqlite-scratch.ts';
import { counts } from './counts.ts';
import { DamagedStore, unsentIds } from './damaged-store.ts';
import { randomFrom } from './random-from.ts';
import { report } from './report.ts';

const RESERVE_BYTES = 8 * 1_048_576;
const FILLS = counts(10, 200);

function openIn(folder: string, more: object = {}): SqliteStore {
  const opened = openSqliteStore({ folder, keyHex: KEY, migrations: MIGRATIONS, nowMs: NOW_MS, ...more });
  if (!opened.ok) throw new Error(opened.words);
  return opened.store;
}

const large = (clock: number, bytes: number) => {
  const entry = decision(clock, { cards: [], outcomes: [] });
  return { ...entry, recordJson: JSON.stringify({ id: entry.id, text: 'x'.repeat(bytes) }) };
};

test('a checkpoint follows a commit within 30 s and a deletion within 5 s', () => {
  using place = new DamagedStore();
  vi.useFakeTimers();
  try {
    const store = openIn(place.folder, { after });
    const log = (): number => statSync(`${place.file}-wal`).size;
    store.recordDecision(decision(1));
    vi.advanceTimersByTime(29_000);
    expect(log()).toBeGreaterThan(0);
    vi.advanceTimersByTime(1_000);
    expect(log()).toBe(0);
    store.recordDecision(decision(2));
    vi.advanceTimersByTime(20_000);
    const batch = store.takeBatch('device-1', { items: 10, bytes: 100_000 });
    if (batch === null) throw new Error('nothing to send');
    store.settleBatch(batch, { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })) }, T0);
    expect(log()).toBeGreaterThan(0);
    vi.advanceTimersByTime(5_000);
    expect(log()).toBe(0);
    store.close();
  } finally {
    vi.useRealTimers();
  }
});

test('the log stays below 16 MB, whatever is written and however large', () => {
  using place = new DamagedStore();
  const store = openIn(place.folder);
  let longest = 0;
  for (let clock = 1; clock <= 1_000; clock++) {
    store.recordDecision(large(clock, clock % 100 === 0 ? 4_000_000 : 8_000));
    longest = Math.max(longest, statSync(`${place.file}-wal`).size);
  }
  store.close();
  expect(longest).toBeGreaterThan(1_000_000);
  expect(longest).toBeLessThan(16 * 1_048_576);
});

const asRoot = (command: 'mount' | 'umount', args: readonly string[]) => execFileSync(command, args, { stdio: 'pipe' });

/** A file system of its own that can be full. */
class SmallDisk implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-full-'));

  constructor(megabytes: number) {
    asRoot('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.folder]);
  }

  resize(megabytes: number): void {
    asRoot('mount', ['-o', `remount,size=${megabytes}m`, this.folder]);
  }

  [Symbol.dispose](): void {
    // Lazily: where a test failed its store is still open.
    asRoot('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true });
  }
}

function canMount(): boolean {
  try {
    new SmallDisk(1)[Symbol.dispose]();
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    console.warn('[D5] SKIPPED: no tmpfs can be mounted here. Run as root to try a full disk.');
    return false;
  }
}

test.skipIf(!canMount())(
  `[D5] ${FILLS} times the disk fills: no false yes, sending and settling go on, and it heals by itself`,
  {
    timeout: 600_000,
  },
  () => {
    const random = randomFrom(5);
    const seen = { operations: 0, faults: 0, lost: 0, doubled: 0, phantom: 0 };
    let lostByCanary = 0;
    let spent = 0;
    for (let fill = 0; fill < FILLS; fill++) {
      using disk = new SmallDisk(32);
      const folder = join(disk.folder, 'store');
      mkdirSync(folder);
      let store = openIn(folder, { reserveBytes: RESERVE_BYTES });
      const acknowledged = new Set<string>();
      const refused = new Set<string>();
      const write = (clock: number): boolean => {
        const entry = large(clock, 1_000 + random(60_000));
        seen.operations += 1;
        const written = store.recordDecision(entry);
        if (!written.ok) expect(written).toMatchObject({ reason: 'disk-full', words: expect.stringContaining('Free some space') });
        (written.ok ? acknowledged : refused).add(entry.id);
        return written.ok;
      };
      for (let clock = 1; clock <= 5; clock++) write(clock);
      // All but a little of the disk belongs to somebody else.
      writeFileSync(join(disk.folder, 'somebody'), Buffer.alloc(22 * 1_048_576 - random(2_000_000)));
      let clock = 6;
      while (write(clock)) clock += 1;
      seen.faults += 1;
      // What is unsent leaves all the same, out of the reserve, and nothing else uses it up.
      let unsent = unsentIds(store).length;
      expect(unsent).toBe(acknowledged.size);
      while (unsent > 3) {
        const batch = store.takeBatch('device-1', { items: 1 + random(10), bytes: 256_000 });
        if (batch === null) throw new Error('nothing is taken while the disk is full');
        const receipt = { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })) };
        expect(store.settleBatch(batch, receipt, T0)).toEqual({ ok: true });
        unsent -= batch.items.length;
        const isSpent = !existsSync(join(folder, 'reserve'));
        const isWritten = write((clock += 1));
        if (isWritten) unsent += 1;
        if (isSpent) spent += 1;
        expect(isSpent && isWritten, 'saved out of the reserve').toBe(false);
      }
      // A restart on the full disk changes nothing.
      if (fill % 2 === 0) {
        store.close();
        store = openIn(folder, { reserveBytes: RESERVE_BYTES });
      }
      disk.resize(64);
      for (let count = 0; count < 5; count++) expect(write((clock += 1)), 'it heals by itself').toBe(true);
      expect(statSync(join(folder, 'reserve')).size).toBe(RESERVE_BYTES);
      store.close();
      store = openIn(folder, { reserveBytes: RESERVE_BYTES });
      seen.lost += [...acknowledged].filter((id) => store.decisionRecord(id) === null).length;
      seen.phantom += [...refused].filter((id) => store.decisionRecord(id) !== null).length;
      lostByCanary += [...refused].filter((id) => store.decisionRecord(id) === null).length;
      expect(store.verifyLedger()).toEqual({ entries: acknowledged.size, brokenAt: null });
      expect(unsentIds(store)).toHaveLength(unsent + 5);
      store.close();
      expect(readdirSync(disk.folder).filter((name) => name.includes('damaged'))).toEqual([]);
      expect(existsSync(folder)).toBe(true);
    }
    expect(spent, 'the reserve was needed').toBeGreaterThan(0);
    report('[D5] full disk', seen, { faults: FILLS });
    expect(lostByCanary, 'canary: a store that says yes before it commits would have lost these').toBeGreaterThanOrEqual(FILLS);
  },
);
