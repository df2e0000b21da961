/** [A4] Whatever is done to an exported ledger is found, and named by its first record. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tell, verifyLedger } from '#main/verify/verify.mjs';
import { readCanonical } from '#core';
import { writeLedger } from '#main/cli/ledger/write-ledger.ts';
import { sha256 } from '../conformance/samples.ts';
import { counts } from '../fault/counts.ts';
import { randomFrom } from '../fault/random-from.ts';
import { runSotto } from '../cli/run-sotto.ts';
import { type Attack, attack, KINDS } from './attacks.ts';
import { FilledLedger, type LedgerText, readLedger } from './filled-ledger.ts';

const CALLS = 8;
const ATTACKS = counts(250, 5_000);
/** Heads are noted down every so many records, and at the end. */
const EVERY = 10;
const VERIFIER = path.join(import.meta.dirname, '..', '..', 'main', 'verify', 'verify.mjs');

let filled: FilledLedger;
let ledger: LedgerText;
let older: LedgerText;
beforeAll(async () => {
  filled = await FilledLedger.of(CALLS);
  ledger = readLedger(filled.file);
  older = readLedger(filled.older);
});
afterAll(() => filled[Symbol.dispose]());

const headsOf = ({ lines }: LedgerText, every: number): ReadonlyMap<number, string> =>
  new Map(lines.filter(({ pos }) => pos % every === 0 || pos === lines.length).map(({ pos, hash }) => [pos, hash]));
const newest = ({ first }: LedgerText): string => `${first.entries}:${first.head}`;

/** The same attacks each time. */
function* attacks(): Generator<Attack> {
  const pick = randomFrom(20_261_123);
  for (let made = 0; made < ATTACKS; made++) yield attack(KINDS[made % KINDS.length] ?? 'edit', ledger, older, pick);
}

/** Writes a ledger of records of 3 kB; returns its head. */
function writeLong(file: string, records: number): string {
  const body = 'b'.repeat(3_000);
  const commitment = sha256(body);
  let head = '0'.repeat(64);
  const lines = Array.from({ length: records }, (_, index) => {
    head = sha256(`${head}\ndecision\nd-${index}\n${commitment}`);
    return { pos: index + 1, kind: 'decision', id: `d-${index}`, commitment, salt: '', body, hash: head } as const;
  });
  writeLedger(file, { head: { entries: records, hash: head }, countersigned: null, lines });
  return head;
}

/** The most memory that verifying so many records took. */
function memoryKb(records: number): number {
  const file = path.join(filled.folder, `long-${records}.jsonl`);
  const head = writeLong(file, records);
  const script = `import { verifyLedger } from ${JSON.stringify(VERIFIER)};
    const { entries, bad } = verifyLedger(process.argv[1], new Map([[${records}, '${head}']]));
    if (entries !== ${records} || bad !== null) throw new Error(JSON.stringify(bad));
    process.stdout.write(String(process.resourceUsage().maxRSS));`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script, file], { encoding: 'utf8' }));
}

const attacked = (text: string): string => {
  const file = path.join(filled.folder, 'attacked.jsonl');
  writeFileSync(file, text);
  return file;
};

test('the base is a ledger of the real engine, long enough, and holds', () => {
  expect(ledger.lines.length).toBeGreaterThanOrEqual(80);
  expect(older.lines.length).toBeGreaterThanOrEqual(30);
  expect(new Set(ledger.lines.map(({ kind }) => kind))).toEqual(new Set(['decision', 'repeat', 'outcome']));
  expect(verifyLedger(filled.file, headsOf(ledger, EVERY))).toEqual({
    entries: ledger.lines.length,
    proven: ledger.lines.length,
    countersigned: null,
    bad: null,
  });
  for (const { body } of ledger.lines) readCanonical(body ?? '');
  // A longer file than the head knows of holds too, and says how far it is confirmed.
  expect(verifyLedger(filled.file, headsOf(older, 1_000))).toMatchObject({ proven: older.lines.length, bad: null });
  expect(tell(verifyLedger(filled.file, headsOf(older, 1_000)))).toContain('only follow from each other');
});

test('[A4] every edit, deletion, insertion, swap, cut, fork and rollback is found and its first record named', { timeout: 600_000 }, () => {
  const seen = new Map<string, number>();
  const heads = headsOf(ledger, EVERY);
  const everyHead = headsOf(ledger, 1);
  let wrong = 0;
  for (const { kind, form, text, record, isResealed } of attacks()) {
    const file = attacked(text);
    const what = `${kind}, ${form}, at ${record}`;
    const { bad } = verifyLedger(file, heads);
    if (bad === null) throw new Error(`not found: ${what}`);
    if (isResealed) {
      // Between the last head before it and the first head from it on; and exactly, where every head is known.
      const before = Math.floor((record - 1) / EVERY) * EVERY;
      const next = Math.min(before + EVERY, ledger.lines.length);
      expect([bad.since, bad.record >= record && bad.record <= next], what).toEqual([before + 1, true]);
      expect(verifyLedger(file, everyHead).bad, what).toMatchObject({ record, since: record });
    } else if (bad.record !== record) {
      wrong += 1;
      console.log(`${what}: named ${bad.record} (${bad.reason})`);
    }
    seen.set(`${kind}, ${form}`, (seen.get(`${kind}, ${form}`) ?? 0) + 1);
  }
  const total = [...seen.values()].reduce((sum, one) => sum + one, 0);
  console.log(
    `[A4]: ${total} attacks of ${KINDS.length} kinds in ${seen.size} forms on ${ledger.lines.length} records, ${total} found, ${wrong} named wrongly`,
  );
  expect(wrong).toBe(0);
  expect(total).toBe(ATTACKS);
  expect(seen.size).toBeGreaterThanOrEqual(26);
});

test('[A4] canary: a verifier that trusts the hashes in the file misses every fork and rollback that was made with care', () => {
  let tried = 0;
  let missed = 0;
  for (const { kind, form, text } of attacks()) {
    if (kind !== 'rollback' && !(kind === 'fork' && form !== 'for a while')) continue;
    const file = attacked(text);
    tried += 1;
    if (verifyLedger(file, headsOf(readLedger(file), EVERY)).bad === null) missed += 1;
  }
  expect(tried).toBeGreaterThan(ATTACKS / 10);
  expect(missed).toBe(tried);
});

test('verify.mjs runs alone in an empty folder, and imports nothing but crypto and fs', () => {
  const source = readFileSync(VERIFIER, 'utf8');
  const imported = [...source.matchAll(/\bfrom '([^']+)'|\bimport\(|\brequire\(/g)].map(([, name]) => name);
  expect(imported).toEqual(['node:crypto', 'node:fs']);
  const folder = path.join(filled.folder, 'empty');
  mkdirSync(folder);
  copyFileSync(VERIFIER, path.join(folder, 'verify.mjs'));
  copyFileSync(filled.file, path.join(folder, 'ledger.jsonl'));
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['verify.mjs', ...args], { cwd: folder, env: {}, encoding: 'utf8' });
    return { status, out: stdout + stderr };
  };
  const { length } = ledger.lines;
  expect(run('ledger.jsonl', '--head', newest(ledger))).toEqual({
    status: 0,
    out: `${length} records, each following from the one before; ${length} confirmed by a given head.\n`,
  });
  writeFileSync(path.join(folder, 'heads'), `${newest(older)}\n${newest(ledger)}\n`);
  expect(run('ledger.jsonl', '--head', 'heads', '--json').out).toBe(
    `{"entries":${length},"proven":${length},"countersigned":null,"bad":null}\n`,
  );
  writeFileSync(path.join(folder, 'other.jsonl'), readFileSync(filled.file, 'utf8').replace('"pos":7,', '"pos":8,'));
  expect(run('other.jsonl', '--head', newest(ledger))).toMatchObject({
    status: 1,
    out: expect.stringContaining('record 7 stands in another place'),
  });
  expect(run('ledger.jsonl', '--head', `${length}:${'0'.repeat(64)}`)).toMatchObject({
    status: 1,
    out: expect.stringContaining('may begin at record 1'),
  });
  for (const wrong of [
    ['ledger.jsonl'],
    ['--head', 'x'],
    ['ledger.jsonl', '--head', 'x'],
    ['nothing', '--head', newest(ledger)],
    ['a', 'b', '--head', newest(ledger)],
  ]) {
    expect(run(...wrong).status, wrong.join(' ')).toBe(2);
  }
});

test('its memory does not grow with the file', () => {
  const short = memoryKb(1_000);
  expect(short).toBeGreaterThan(10_000);
  // Sixty megabytes more to read.
  expect(memoryKb(21_000) - short).toBeLessThan(30_000);
});

test('sotto verify says what verify.mjs says, and sotto ledger export leaves nothing half-written', async () => {
  const verified = await runSotto(['verify', filled.file, '--head', newest(ledger), '--json']);
  expect(verified).toMatchObject({
    code: 0,
    out: `{"entries":${ledger.lines.length},"proven":${ledger.lines.length},"countersigned":null,"bad":null}\n`,
  });
  expect(await runSotto(['verify', filled.older, '--head', newest(ledger)])).toMatchObject({
    code: 1,
    out: expect.stringContaining(`record ${older.lines.length + 1} is missing`),
  });
  expect((await runSotto(['verify', filled.file, '--head', 'nothing'])).code).toBe(2);
  await expect(filled.export(path.join(filled.folder, 'no-such-folder', 'file'))).rejects.toThrow('is not there');
  expect(readdirSync(filled.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
});
