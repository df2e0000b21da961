/** [D7] A database that is damaged behind our back: found before anything uses it, kept, and what only it had is saved or counted. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { anchorFile, type Opened, openSqliteStore, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { decision } from '../conformance/samples.ts';
import { KEY, MIGRATIONS, NOW_MS } from '../conformance/sqlite-scratch.ts';
import { counts } from './counts.ts';
import { DamagedStore, filledStore, unsentIds, walk } from './damaged-store.ts';
import { randomFrom } from './random-from.ts';
import { report } from './report.ts';

const PAGE = 4_096;
const FAULTS = counts(200, 10_000);

const whole = filledStore();
afterAll(() => whole[Symbol.dispose]());
const before = new DamagedStore(whole);
const wholeStore = before.open();
const wholeWalk = walk(wholeStore);
const wholeUnsent = new Set(unsentIds(wholeStore));
before[Symbol.dispose]();

const KINDS = ['bit', 'zeroed page', 'swapped pages', 'cut'] as const;

/** Damages a copy; its bytes afterwards. */
function damage(copy: DamagedStore, kind: (typeof KINDS)[number], random: (below: number) => number): Buffer {
  const bytes = copy.bytes();
  const pages = bytes.length / PAGE;
  const page = random(pages);
  switch (kind) {
    case 'bit': {
      const at = random(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      break;
    }
    case 'zeroed page':
      bytes.fill(0, page * PAGE, (page + 1) * PAGE);
      break;
    case 'swapped pages': {
      const other = (page + 1 + random(pages - 1)) % pages;
      const kept = Buffer.from(bytes.subarray(page * PAGE, (page + 1) * PAGE));
      bytes.copy(bytes, page * PAGE, other * PAGE, (other + 1) * PAGE);
      kept.copy(bytes, other * PAGE);
      break;
    }
    case 'cut': {
      const size = random(bytes.length - 1) + 1;
      truncateSync(copy.file, size);
      return readFileSync(copy.file);
    }
  }
  writeFileSync(copy.file, bytes);
  return bytes;
}

/** Opens and reads everything, starting again when told to, as the engine process does. */
function settle(copy: DamagedStore): { readonly opened: Extract<Opened, { ok: true }>; readonly seen: string } {
  for (let start = 0; start < 3; start++) {
    const opened = copy.tryOpen();
    if (!opened.ok) throw new Error(opened.words);
    const told = copy.told.length;
    let seen = '';
    try {
      seen = walk(opened.store);
    } catch (error) {
      if (copy.told.length === told) throw error;
    }
    if (copy.told.length === told) return { opened, seen };
    copy.close();
  }
  throw new Error('damage was met three times running');
}

test(`[D7] ${FAULTS} flips, zeroed, swapped and cut pages: found before anything uses them, kept, and the unsent saved or counted`, {
  timeout: 3_000_000,
}, () => {
  const random = randomFrom(7);
  const seenOf = { 'set aside': 0, 'nothing that is read': 0, 'older copy': 0 };
  let lost = 0;
  let counted = 0;
  let phantom = 0;
  for (let fault = 0; fault < FAULTS; fault++) {
    using copy = new DamagedStore(whole);
    const kind = KINDS[fault % KINDS.length] ?? 'bit';
    const damaged = damage(copy, kind, random);
    const { opened, seen } = settle(copy);
    if (opened.salvaged === null) {
      // Never another value: either what was there, or damage that was met.
      expect(seen, `${kind}, fault ${fault}`).toBe(wholeWalk);
      seenOf['nothing that is read'] += 1;
      continue;
    }
    seenOf[opened.salvaged.what === 'damaged' ? 'set aside' : 'older copy'] += 1;
    const [aside, ...more] = copy.aside();
    expect(more).toEqual([]);
    if (opened.salvaged.what === 'damaged') expect(readFileSync(join(aside ?? '', STORE_FILE)).equals(damaged), kind).toBe(true);
    const unsent = new Set(unsentIds(opened.store));
    const missing = [...wholeUnsent].filter((id) => !unsent.has(id)).length;
    counted += missing;
    // Not there and not counted.
    lost += Math.max(0, missing - opened.salvaged.lost);
    phantom += [...unsent].filter((id) => !wholeUnsent.has(id) && !wholeWalk.includes(id)).length;
    expect(opened.store.recordDecision(decision(10_000 + fault)), 'the desk goes on').toEqual({ ok: true });
    expect(opened.store.verifyLedger().brokenAt).toBeNull();
  }
  console.log(`[D7] ${JSON.stringify(seenOf)}, unsent entries that could not be read and were counted: ${counted}`);
  report('[D7] damage', { operations: FAULTS * wholeUnsent.size, faults: FAULTS, lost, doubled: 0, phantom }, { faults: FAULTS });
  expect(seenOf['set aside']).toBeGreaterThan(FAULTS / 3);
});

test('another key is told in words and never sets a store aside, damaged or not', () => {
  using copy = new DamagedStore(whole);
  const opening = (keyHex: string): Opened => openSqliteStore({ folder: copy.folder, keyHex, migrations: MIGRATIONS, nowMs: NOW_MS });
  const bytes = copy.bytes();
  expect(opening('f'.repeat(64))).toMatchObject({ ok: false, reason: 'unreadable', words: expect.stringContaining('another key') });
  bytes.fill(0, 0, PAGE);
  writeFileSync(copy.file, bytes);
  expect(opening('f'.repeat(64))).toMatchObject({ ok: false, reason: 'unreadable' });
  expect(copy.aside()).toEqual([]);
  expect(copy.bytes().equals(bytes)).toBe(true);
  expect(opening(KEY)).toMatchObject({ ok: true, salvaged: { what: 'damaged' } });
});

test('canary: without its anchor nothing proves the key, and a damaged store stops the desk', () => {
  using copy = new DamagedStore(whole);
  rmSync(anchorFile(copy.folder));
  const bytes = copy.bytes();
  bytes.fill(0, 0, PAGE);
  writeFileSync(copy.file, bytes);
  expect(copy.tryOpen()).toMatchObject({ ok: false, reason: 'unreadable' });
  expect(copy.aside()).toEqual([]);
});

test('what was saved goes on under a new epoch, is told for a day, and is not saved twice', () => {
  using copy = new DamagedStore(whole);
  const bytes = copy.bytes();
  bytes.fill(0, 0, PAGE);
  writeFileSync(copy.file, bytes);
  copy.tryOpen();
  copy.close();
  const again = copy.tryOpen();
  if (!again.ok) throw new Error(again.words);
  expect(again.salvaged).toMatchObject({ what: 'damaged' });
  expect(copy.aside()).toHaveLength(1);
  copy.close();
  const later = openSqliteStore({ folder: copy.folder, keyHex: KEY, migrations: MIGRATIONS, nowMs: NOW_MS + 2 * 24 * 3_600_000 });
  if (!later.ok) throw new Error(later.words);
  expect(later.salvaged).toBeNull();
  later.store.close();
});
