/** [A4] Central countersigns where a desk's ledger stands: what is done to it afterwards, before that place, is found with central's key alone. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CentralHttp } from '#adapters/socket/central-http.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { verifyEd25519 } from '#adapters/system/ed25519.ts';
import { SystemClock } from '#adapters/system/system-clock.ts';
import { systemRandomness } from '#adapters/system/system-randomness.ts';
import type { CountersignedHead } from '#contract/ledger.ts';
import type { TrustedKeys } from '#contract/signature.ts';
import { OutboxLoop } from '#engine';
import { writeLedger } from '#main/cli/ledger/write-ledger.ts';
import { readHeads, tell, verifyLedger } from '#main/verify/verify.mjs';
import { runSotto } from '../cli/run-sotto.ts';
import { canonical, outcome } from '../conformance/samples.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { TRUSTED } from '../engine/signing.ts';
import { counts } from '../fault/counts.ts';
import { randomFrom } from '../fault/random-from.ts';
import { attack, KINDS } from '../ledger/attacks.ts';
import { type LedgerText, readLedger } from '../ledger/filled-ledger.ts';
import { deviceToken } from './device.ts';
import { onPostgres } from './engines.ts';
import { batch, item, type Opened, openCentral, producerToken, sha256 } from './fixture.ts';

const DEVICE = 'dev-ann';
const ATTACKS = counts(210, 2_100);

/** A desk's store, and the loop that sends what is in it. */
class Sender {
  readonly logs: string[] = [];
  readonly scratch = new Scratch();
  readonly #token: string;
  readonly #opened: Opened;
  readonly #trust: TrustedKeys;
  store: SqliteStore = this.scratch.open();

  private constructor(opened: Opened, token: string, trust: TrustedKeys) {
    this.#opened = opened;
    this.#token = token;
    this.#trust = trust;
  }

  static async of(opened: Opened, trust: TrustedKeys = opened.central.trusted): Promise<Sender> {
    return new Sender(opened, await deviceToken(opened.central, DEVICE), trust);
  }

  #clock = 0;
  answer(times: number): void {
    for (let time = 0; time < times; time++)
      this.store.recordOutcomes([canonical(outcome((this.#clock += 1), { deviceId: DEVICE, agentId: 'ann' }))]);
  }

  async send(): Promise<void> {
    const token = (): string => this.#token;
    const http = new CentralHttp(this.#opened.central.url, { agent: token, device: token }, () => this.logs.push('token refused'));
    const loop = new OutboxLoop({
      store: this.store,
      link: { sendBatch: (sent) => http.postBatch(sent) },
      clock: new SystemClock(),
      random: systemRandomness,
      deviceId: DEVICE,
      trust: { keys: this.#trust, verify: verifyEd25519 },
      onSettled: () => undefined,
      onNotWritten: ({ words }) => this.logs.push(words),
      onLog: (level, text) => this.logs.push(`${level}: ${text}`),
    });
    await loop.flush(20_000);
    await loop.close();
    http.close();
  }

  export(name: string): LedgerText & { readonly file: string } {
    const file = path.join(this.home, name);
    writeLedger(file, this.store.exportLedger());
    return { file, ...readLedger(file) };
  }

  get home(): string {
    return path.dirname(this.scratch.folder);
  }

  /** Store and anchor, as whoever has the disk can take and put them back. */
  copyTo(folder: string): void {
    cpSync(this.home, folder, { recursive: true });
  }
  putBack(folder: string): void {
    this.store.close();
    rmSync(this.home, { recursive: true });
    cpSync(folder, this.home, { recursive: true });
    rmSync(folder, { recursive: true });
    this.store = this.scratch.open();
  }
}

/** Ten answers are sent, the store and its anchor are copied, ten more are sent, and the copy is put back. */
async function putBackInTheMiddle(desk: Sender): Promise<void> {
  desk.answer(10);
  await desk.send();
  const copy = `${desk.home}.copy`;
  desk.store.close();
  desk.copyTo(copy);
  desk.store = desk.scratch.open();
  desk.answer(10);
  await desk.send();
  desk.putBack(copy);
}

onPostgres((engine) => {
  let opened: Opened;
  let key: KeyObject;
  beforeAll(async () => {
    opened = await openCentral(await engine.open());
    key = createPublicKey(opened.central.publicKeyPem);
  });
  afterAll(() => opened.close());

  const heads = async (): Promise<string> => {
    const url = new URL(`/api/ledger-heads?device=${DEVICE}`, opened.central.url);
    const response = await fetch(url, { headers: { authorization: `Bearer ${await producerToken(opened.central)}` } });
    expect(response.status).toBe(200);
    return response.text();
  };

  test('[A4] what was sent is countersigned; the desk keeps it, the export holds it, central tells it, and both verifiers take it', async () => {
    const desk = await Sender.of(opened);
    using _ = desk.scratch;
    desk.answer(30);
    await desk.send();
    desk.answer(5);
    const head = desk.store.countersigned();
    expect(head).toMatchObject({ deviceId: DEVICE, entries: 30, hash: desk.export('once').lines[29]?.hash });
    const { file } = desk.export('ledger.jsonl');
    const verdict = verifyLedger(file, new Map(), key);
    expect(verdict).toEqual({ entries: 35, proven: 30, countersigned: { deviceId: DEVICE, entries: 30, atMs: head?.atMs }, bad: null });
    expect(tell(verdict)).toMatch(/Central countersigned 30 of dev-ann at 20\d\d-.* Records 31 to 35 only follow from each other/);
    const pem = path.join(desk.home, 'central.pem');
    writeFileSync(pem, opened.central.publicKeyPem);
    expect(await runSotto(['verify', file, '--key', pem])).toMatchObject({ code: 0, out: expect.stringContaining('countersigned 30') });
    const told = path.join(desk.home, 'heads');
    writeFileSync(told, await heads());
    expect([...readHeads(told, key)]).toContainEqual([30, head?.hash]);
    expect(await runSotto(['verify', file, '--head', told])).toMatchObject({ code: 2 });
    expect(await runSotto(['verify', file])).toMatchObject({ code: 2 });
    expect(desk.logs).toEqual([]);
  });

  test('[A4] with central’s key alone everything that was changed before the countersigned head is found, and nothing after it', async () => {
    const desk = await Sender.of(opened);
    using _ = desk.scratch;
    desk.answer(20);
    await desk.send();
    const older = desk.export('older.jsonl');
    desk.answer(40);
    await desk.send();
    desk.answer(10);
    const ledger = desk.export('ledger.jsonl');
    const signedTo = ledger.first.countersigned?.entries ?? 0;
    expect([older.first.countersigned?.entries, signedTo]).toEqual([20, 60]);
    const newest = path.join(desk.home, 'heads');
    writeFileSync(newest, `${JSON.stringify(ledger.first.countersigned)}\n`);

    const pick = randomFrom(20_261_124);
    const file = path.join(desk.home, 'attacked.jsonl');
    const found = { before: 0, after: 0, missed: 0, older: 0 };
    for (let made = 0; made < ATTACKS; made++) {
      const { kind, form, text, record, isResealed } = attack(KINDS[made % KINDS.length] ?? 'edit', ledger, older, pick);
      writeFileSync(file, text);
      const what = `${kind}, ${form}, at ${record}`;
      const { bad } = verifyLedger(file, new Map(), key);
      if (kind === 'rollback' && form === 'a real one') {
        // It is what it was when it was exported. Only a newer head shows that it is not the newest.
        expect(bad, what).toBeNull();
        expect(verifyLedger(file, readHeads(newest, key), key).bad, what).toMatchObject({ record: 21, reason: 'short' });
        found.older += 1;
      } else if (record <= signedTo) {
        if (bad === null) throw new Error(`not found: ${what}`);
        if (isResealed) expect([bad.since, bad.record >= record], what).toEqual([1, true]);
        else expect(bad.record, what).toBe(record);
        found.before += 1;
      } else if (bad === null) found.missed += 1;
      else found.after += 1;
    }
    console.log(
      `[A4] on ${engine.name}: ${ATTACKS} attacks, all ${found.before} up to the countersigned head found; of those after it ${found.after} contradict themselves and ${found.missed} are beyond it; ${found.older} older exports found by a newer head`,
    );
    expect(found.before).toBeGreaterThan(ATTACKS / 2);
    expect(Math.min(found.missed, found.older)).toBeGreaterThan(0);
  });

  test('[A4] a countersignature that was taken out, altered or made by another is not believed', async () => {
    const desk = await Sender.of(opened);
    using _ = desk.scratch;
    desk.answer(10);
    await desk.send();
    const { file, first, lines } = desk.export('ledger.jsonl');
    const head = first.countersigned;
    if (head === null) throw new Error('nothing was countersigned');
    const write = (countersigned: CountersignedHead | null): void =>
      writeLedger(file, { head: { entries: first.entries, hash: first.head }, countersigned, lines });
    const changes: readonly Partial<CountersignedHead>[] = [
      { deviceId: 'dev-bob' },
      { epoch: 'another' },
      { entries: 9 },
      { hash: sha256('another') },
      { atMs: head.atMs - 1 },
      { ed25519: `${head.ed25519.startsWith('A') ? 'B' : 'A'}${head.ed25519.slice(1)}` },
    ];
    for (const change of [...changes, null]) {
      write(change === null ? null : { ...head, ...change });
      expect(verifyLedger(file, new Map(), key).bad, JSON.stringify(change)).toEqual({ record: 0, since: 0, reason: 'countersignature' });
    }
    write(head);
    expect(verifyLedger(file, new Map(), key).bad).toBeNull();
    const stranger = createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(TRUSTED.keys[0]?.publicKey ?? '', 'base64')]),
      format: 'der',
      type: 'spki',
    });
    expect(verifyLedger(file, new Map(), stranger).bad).toMatchObject({ reason: 'countersignature' });
    // Canary: who looks at no signature takes all of them.
    write({ ...head, ed25519: `A${head.ed25519.slice(1)}` });
    expect(verifyLedger(file, new Map()).bad).toBeNull();
  });

  test('a desk keeps no countersignature of a key it does not trust', async () => {
    const desk = await Sender.of(opened, TRUSTED);
    using _ = desk.scratch;
    desk.answer(3);
    await desk.send();
    expect(desk.store.countersigned()).toBeNull();
    expect(desk.store.counts().unsent).toBe(0);
    expect(desk.logs).toEqual([expect.stringContaining('not one of a trusted key')]);
  });

  test('[A4] store and anchor put back together are found at the next word with central, by the desk and by its export', async () => {
    const desk = await Sender.of(opened);
    using _ = desk.scratch;
    await putBackInTheMiddle(desk);
    expect(desk.store.countersigned()?.entries).toBe(10);
    desk.answer(3);
    await desk.send();
    expect(desk.logs).toEqual([expect.stringMatching(/^error: The ledger on this computer is not the one .* up to entry 20/)]);
    // The proof is kept, and exported; nothing more of this ledger is signed.
    desk.answer(20);
    await desk.send();
    expect(desk.store.countersigned()?.entries).toBe(20);
    expect(verifyLedger(desk.export('back.jsonl').file, new Map(), key).bad).toMatchObject({ record: 20, since: 1, reason: 'fork' });
    expect(desk.logs).toHaveLength(1);
  });

  test('[A4] it is found too when the store put back is longer by then than it was', async () => {
    const desk = await Sender.of(opened);
    using _ = desk.scratch;
    await putBackInTheMiddle(desk);
    desk.answer(30);
    await desk.send();
    expect(desk.logs).toEqual([expect.stringMatching(/^error: The ledger on this computer is not the one .* up to entry 20/)]);
    expect(verifyLedger(desk.export('longer.jsonl').file, new Map(), key).bad).toMatchObject({ reason: 'fork' });
  });

  test('[A4] a desk that lies about what it has is found by all the heads central has countersigned', async () => {
    const desk = await Sender.of(opened);
    using _ = desk.scratch;
    desk.answer(10);
    await desk.send();
    const first = desk.store.countersigned();
    desk.answer(10);
    const ledger = desk.export('ledger.jsonl');
    await desk.send();
    // All hashes made anew from the fifth record on, and sent on as if they had always been so.
    const forged = attack('fork', ledger, ledger, (below) => (below === 4 ? 0 : 4));
    expect(forged).toMatchObject({ form: 'to the end', record: 5 });
    const file = path.join(desk.home, 'forged.jsonl');
    writeFileSync(file, forged.text);
    const all = path.join(desk.home, 'heads');
    writeFileSync(
      all,
      (await heads())
        .split('\n')
        .filter((line) => line.includes(first?.epoch ?? '?'))
        .join('\n'),
    );
    expect(readHeads(all, key).size).toBe(2);
    expect(verifyLedger(file, readHeads(all, key), key).bad).toMatchObject({ record: 10, since: 1, reason: 'fork' });
  });

  test('the first head said of a position stays; another one is on record, and one that was overtaken gets the latest', async () => {
    const token = await deviceToken(opened.central, DEVICE);
    const http = new CentralHttp(opened.central.url, { agent: () => token, device: () => token }, () => undefined);
    let seq = 0;
    const say = async (entries: number, hash: string, after: number) => {
      const made = outcome((seq += 1), { deviceId: DEVICE, agentId: 'ann' });
      const sent = await http.postBatch({
        ...batch(DEVICE, [], 'e-heads'),
        protocol: 1,
        items: [item(seq, 'outcome', made)],
        head: { entries, hash, after },
      });
      return sent.ok ? sent.body.head : null;
    };
    const first = await say(10, sha256('ten'), 0);
    expect(first).toMatchObject({ entries: 10, hash: sha256('ten') });
    // Its receipt was lost: it is told once more what it must have, and goes on from there.
    expect(await say(20, sha256('twenty'), 0)).toEqual(first);
    const second = await say(20, sha256('twenty'), 10);
    expect(second).toMatchObject({ entries: 20, hash: sha256('twenty') });
    for (const [entries, hash, after] of [
      [20, 'twenty', 20],
      [10, 'ten', 0],
      [15, 'late', 10],
      [30, 'put back', 10],
      [20, 'other', 20],
    ] as const)
      expect(await say(entries, sha256(hash), after), hash).toEqual(second);
    const rows = await opened.central.store.db.selectFrom('dead_letters').selectAll().where('kind', '=', 'head').execute();
    expect(rows).toEqual([expect.objectContaining({ device_id: DEVICE, seq: 20, hash: sha256('other'), first_hash: sha256('twenty') })]);
    http.close();
  });
});
