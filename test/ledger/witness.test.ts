/** [A5] One signed head covers all desks: whatever is done to central's log, or to one of two centrals, is found and its first record named. */
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SigningKey } from '#central/access/signing-key.ts';
import { CentralHeads, signHead, witnessLines } from '#central/records/central-heads.ts';
import type { Store } from '#central/store/open-store.ts';
import {
  type CentralHead,
  centralHeadText,
  type LedgerStanding,
  standingText,
  WITNESS_FIRST_LINE,
  type WitnessLine,
} from '#contract/central-head.ts';
import { type GivenHead, readCentralHeads, tellWitness, verifyWitness, type WitnessVerdict } from '#main/verify/verify-witness.mjs';
import { onPostgres } from '../central/engines.ts';
import { counts } from '../fault/counts.ts';
import { randomFrom } from '../fault/random-from.ts';
import { report } from '../fault/report.ts';

const ATTACKS = counts(250, 5_000);
const DESKS = 6;
const HEADS = 8;
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 5);

const pair = generateKeyPairSync('ed25519');
const key = new SigningKey(pair.privateKey);
const publicKey = createPublicKey(pair.privateKey);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const isHead = (line: WitnessLine): line is CentralHead => 'seq' in line;

async function allLines(of: Store): Promise<readonly WitnessLine[]> {
  const all: WitnessLine[] = [];
  for await (const line of witnessLines(of.db, 0)) all.push(line);
  return all;
}

/** What desks come to say of their ledgers in a day; `word` makes two histories of the same desks differ. */
async function aDay(of: Store, day: number, word: string): Promise<void> {
  for (let desk = 0; desk < DESKS; desk++) {
    if ((day + desk) % 3 === 0) continue;
    const entries = (day + 1) * 10 + desk;
    const row = { device_id: `desk-${desk}`, epoch: `e${Math.floor(day / 5)}`, entries, hash: sha256(`${desk} ${entries} ${word}`) };
    await of.db
      .insertInto('ledger_heads')
      .values({ ...row, at_ms: START_MS, key_id: key.id, signature: 'unused here' })
      .execute();
  }
  const signed = await signHead(of, key, START_MS + day * DAY_MS);
  expect(signed.ok).toBe(true);
}

const headsOf = (all: readonly WitnessLine[]): readonly GivenHead[] => all.filter(isHead);

/** Everything from a line on made anew: numbers, chain, heads; signed with the key where it was stolen. */
function resealed(all: readonly WitnessLine[], isSigned: boolean): readonly WitnessLine[] {
  const made: WitnessLine[] = [];
  let [n, seq, chain, before] = [0, 0, '0'.repeat(64), '0'.repeat(64)];
  for (const line of all) {
    if (isHead(line)) {
      seq += 1;
      const text = { seq, before, atMs: line.atMs, n, chain };
      before = sha256(centralHeadText(text));
      const ed25519 = isSigned ? key.sign(Buffer.from(centralHeadText(text))) : line.ed25519;
      made.push({ ...text, hash: before, keyId: line.keyId, ed25519 });
    } else {
      n += 1;
      chain = sha256(standingText(chain, line));
      made.push({ n, deviceId: line.deviceId, epoch: line.epoch, entries: line.entries, hash: line.hash, chain });
    }
  }
  return made;
}

type Where = { readonly standing?: number; readonly head?: number; readonly deviceId?: string | null };
interface Attack {
  readonly kind: string;
  readonly lines: readonly WitnessLine[];
  readonly expected: Where;
}

const KINDS = [
  'edit',
  'delete',
  'insert',
  'swap',
  'truncate',
  'fork without the key',
  'fork with the key',
  'rollback',
  'two centrals',
] as const;

/** Whether the place named is the first that is not as it was. */
function names({ bad }: WitnessVerdict, expected: Where): boolean {
  if (bad === null) return false;
  if (expected.head !== undefined) return bad.head === expected.head;
  return bad.standing === expected.standing && (expected.deviceId === undefined || bad.deviceId === expected.deviceId);
}

onPostgres((engine) => {
  let folder: string;
  let store: Store;
  let other: Store;
  let lines: readonly WitnessLine[];
  let otherLines: readonly WitnessLine[];
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'sotto-witness-'));
    store = await engine.open();
    other = await engine.open();
    for (let day = 0; day < HEADS; day++) {
      await aDay(store, day, 'said');
      await aDay(other, day, day < HEADS / 2 ? 'said' : 'said to others');
    }
    lines = await allLines(store);
    otherLines = await allLines(other);
  });
  afterAll(async () => {
    await store.close();
    await other.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const written = (all: readonly WitnessLine[], name = 'file.jsonl'): string => {
    const file = path.join(folder, name);
    writeFileSync(file, [WITNESS_FIRST_LINE, ...all.map((line) => JSON.stringify(line))].map((line) => `${line}\n`).join(''));
    return file;
  };
  function attack(kind: (typeof KINDS)[number], pick: (below: number) => number): Attack {
    const places = lines.flatMap((line, index) => (isHead(line) ? [] : [index]));
    const at = places[pick(places.length)] ?? 0;
    const standing = lines[at] as LedgerStanding;
    const changed = { ...standing, ...[{ entries: standing.entries + 1 }, { hash: sha256('another') }, { deviceId: 'desk-x' }][pick(3)] };
    const cut = (count: number): readonly WitnessLine[] => lines.slice(0, count);
    switch (kind) {
      case 'edit':
        return { kind, lines: lines.with(at, changed), expected: { standing: standing.n, deviceId: changed.deviceId } };
      case 'delete': {
        const next = lines[at + 1];
        const expected = next === undefined || isHead(next) ? { head: next?.seq ?? 0 } : { standing: standing.n, deviceId: next.deviceId };
        return { kind, lines: lines.toSpliced(at, 1), expected };
      }
      case 'insert':
        return {
          kind,
          lines: lines.toSpliced(at, 0, { ...changed, deviceId: 'desk-new' }),
          expected: { standing: standing.n, deviceId: 'desk-new' },
        };
      case 'swap': {
        const second = places[(places.indexOf(at) + 1 + pick(places.length - 1)) % places.length] ?? 0;
        const [low, high] = [Math.min(at, second), Math.max(at, second)];
        const moved = lines[high] as LedgerStanding;
        return {
          kind,
          lines: lines.with(low, moved).with(high, lines[low] as LedgerStanding),
          expected: { standing: (lines[low] as LedgerStanding).n, deviceId: moved.deviceId },
        };
      }
      case 'truncate': {
        const heads = cut(at).filter(isHead).length;
        const covered = cut(at).findLast(isHead)?.n ?? 0;
        return { kind, lines: cut(at), expected: standing.n - 1 > covered ? { standing: covered + 1 } : { head: heads + 1 } };
      }
      case 'fork without the key':
        return { kind, lines: resealed(lines.with(at, changed), false), expected: { standing: standing.n, deviceId: changed.deviceId } };
      case 'fork with the key':
        return { kind, lines: resealed(lines.with(at, changed), true), expected: { standing: standing.n, deviceId: changed.deviceId } };
      case 'rollback': {
        const seq = 1 + pick(HEADS - 1);
        return { kind, lines: cut(lines.findIndex((line) => isHead(line) && line.seq === seq) + 1), expected: { head: seq + 1 } };
      }
      case 'two centrals': {
        const first = otherLines.findIndex((line, index) => JSON.stringify(line) !== JSON.stringify(lines[index]));
        const differing = otherLines[first] as LedgerStanding;
        return { kind, lines: otherLines, expected: { standing: differing.n, deviceId: differing.deviceId } };
      }
    }
  }

  test('the log holds as it is, and says how far it is confirmed', () => {
    expect(headsOf(lines)).toHaveLength(HEADS);
    const standings = lines.length - HEADS;
    expect(standings).toBeGreaterThan(20);
    const verdict = verifyWitness(written(lines), readCentralHeads(written(lines.slice(0, -9), 'earlier.jsonl'), publicKey), publicKey);
    expect(verdict).toMatchObject({ heads: HEADS, standings, untilMs: START_MS + (HEADS - 1) * DAY_MS, bad: null });
    expect(verdict.proven).toBeLessThan(HEADS);
    expect(tellWitness(verdict)).toMatch(/8 heads over \d+ standings .* No given head confirms those after \d\./);
  });

  test(`[A5] ${ATTACKS} times the log was edited, cut, forked, rolled back or told in two ways: each was found, and its first bad record named`, {
    timeout: 900_000,
  }, () => {
    const pick = randomFrom(20_261_123);
    const seen = new Map<string, number>();
    const missed: string[] = [];
    for (let made = 0; made < ATTACKS; made++) {
      const { kind, lines: attacked, expected } = attack(KINDS[made % KINDS.length] ?? 'edit', pick);
      const verdict = verifyWitness(written(attacked), lines, publicKey);
      if (!names(verdict, expected)) missed.push(`${kind}: ${JSON.stringify({ expected, bad: verdict.bad })}`);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    expect(missed.slice(0, 5)).toEqual([]);
    expect([...seen.keys()].toSorted()).toEqual([...KINDS].toSorted());
    report(
      '[A5] attacks on the log',
      { operations: ATTACKS * lines.length, faults: ATTACKS, lost: missed.length, doubled: 0, phantom: 0 },
      { faults: ATTACKS },
    );
  });

  test('[A5] with heads alone, kept elsewhere, a fork that was signed with the stolen key is found at the first head it changed', () => {
    const at = lines.findIndex((line) => !isHead(line) && line.n === 12);
    const forged = lines.with(at, { ...(lines[at] as LedgerStanding), hash: sha256('another') });
    const head = lines.slice(at).find(isHead)?.seq;
    expect(verifyWitness(written(resealed(forged, true)), headsOf(lines), publicKey).bad).toMatchObject({ head, reason: 'split' });
    expect(verifyWitness(written(resealed(forged, false)), [], publicKey).bad).toMatchObject({ head, reason: 'signature' });
  });

  test('[A5] canary: who has kept no head misses a fork with the key, a rollback and a second story', () => {
    const pick = randomFrom(7);
    for (const kind of ['fork with the key', 'rollback', 'two centrals'] as const)
      expect(verifyWitness(written(attack(kind, pick).lines), [], publicKey).bad, kind).toBeNull();
  });

  test('central signs nothing over tables that know less than it signed, once a day otherwise, and the rows refuse to be changed', async () => {
    const last = START_MS + (HEADS - 1) * DAY_MS;
    let nowMs = last + DAY_MS - 1;
    const alarms: string[] = [];
    const heads = new CentralHeads({ store: other, key, nowMs: () => nowMs, alarm: (words) => alarms.push(words) });
    await heads.look();
    expect(heads.last?.seq).toBe(HEADS);
    nowMs += 1;
    await heads.look();
    expect(heads.last).toMatchObject({ seq: HEADS + 1, n: otherLines.length - HEADS });
    for (const table of ['central_heads', 'ledger_standings', 'ledger_heads'] as const) {
      await expect(other.db.deleteFrom(table).execute(), table).rejects.toThrow(/never changed or deleted/);
      await expect(other.script(`update ${table} set hash = 'x'`), table).rejects.toThrow(/never changed or deleted/);
    }
    // Whoever may change the schema can: then central refuses to sign.
    await other.script(
      'alter table ledger_heads disable trigger all; delete from ledger_heads where device_id = $$desk-1$$ and entries > 60',
    );
    expect(await signHead(other, key, last + 2 * DAY_MS)).toMatchObject({ ok: false, reason: 'went-back', ledger: { deviceId: 'desk-1' } });
    await heads.sign();
    expect(alarms).toEqual([expect.stringMatching(/ALARM central's tables no longer hold .* desk-1/)]);
    expect(await other.db.selectFrom('central_heads').select('seq').execute()).toHaveLength(HEADS + 1);
  });
});
