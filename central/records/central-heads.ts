/**
 * One log of how far all desks' ledgers had come, and signed heads over it. Each head follows from the one before and is never taken back,
 * so whoever was given one, a witness outside or a desk, can tell later whether central still says the same.
 */
import { sql } from 'kysely';
import { createHash } from 'node:crypto';
import { type CentralHead, centralHeadText, type LedgerStanding, standingText, type WitnessLine } from '#contract/central-head.ts';
import type { SigningKey } from '../access/signing-key.ts';
import type { Query, Store, Tx } from '../store/open-store.ts';
import type { Tables } from '../store/tables.ts';

const START = '0'.repeat(64);
const DAY_MS = 86_400_000;
/** Rows read or written at a time. */
const PAGE = 500;

type Ledger = Pick<LedgerStanding, 'deviceId' | 'epoch' | 'entries' | 'hash'>;

export type HeadSigned =
  | { readonly ok: true; readonly head: CentralHead; readonly standings: readonly LedgerStanding[] }
  /** What central knows of a ledger is less than, or not, what a head says already: somebody changed the tables. Nothing was signed. */
  | { readonly ok: false; readonly reason: 'went-back'; readonly ledger: Ledger };

/** What to say of a ledger of which central's tables know less than was signed. */
export const wentBack = ({ deviceId, epoch, entries }: Ledger): string =>
  `central's tables no longer hold what was signed of the ledger of ${deviceId} (epoch ${epoch}, entry ${entries}): somebody changed them, or an older copy was put back. No head is signed until that is mended; keep the witness file.`;

interface Settings {
  readonly store: Store;
  readonly key: SigningKey;
  readonly nowMs: () => number;
  readonly alarm: (words: string) => void;
}

/** Signs once a day and when asked, and knows the last head for desks to keep. */
export class CentralHeads {
  readonly #settings: Settings;
  #last: CentralHead | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** As last looked or signed at this node; another may have signed one since. */
  get last(): CentralHead | null {
    return this.#last;
  }

  async sign(): Promise<HeadSigned> {
    const { store, key, nowMs, alarm } = this.#settings;
    const signed = await signHead(store, key, nowMs());
    if (signed.ok) this.#last = signed.head;
    else alarm(`ALARM ${wentBack(signed.ledger)}`);
    return signed;
  }

  /** Reads the last, and signs one where that is a day old or there is none. */
  async look(): Promise<void> {
    this.#last = await lastHead(this.#settings.store.db);
    if (this.#last === null || this.#settings.nowMs() - this.#last.atMs >= DAY_MS) await this.sign();
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const nameOf = ({ deviceId, epoch }: Ledger): string => `${deviceId} ${epoch}`;

/** Signs a head over all that is known now, also when nothing has changed since the last: that central was there is told by it too. */
export function signHead(store: Store, key: SigningKey, nowMs: number): Promise<HeadSigned> {
  return store.transaction(async (tx) => {
    await sql`lock table central_heads in share row exclusive mode`.execute(tx);
    const last = await lastHead(tx);
    const told = new Map((await furthest(tx, 'ledger_standings')).map((one) => [nameOf(one), one]));
    const known = await furthest(tx, 'ledger_heads');
    const names = new Set(known.map(nameOf));
    for (const ledger of told.values()) if (!names.has(nameOf(ledger))) return { ok: false, reason: 'went-back', ledger };
    const grown: Ledger[] = [];
    for (const now of known) {
      const then = told.get(nameOf(now));
      if (then !== undefined && (now.entries < then.entries || (now.entries === then.entries && now.hash !== then.hash)))
        return { ok: false, reason: 'went-back', ledger: then };
      if (then === undefined || now.entries > then.entries) grown.push(now);
    }
    const { n = 0, chain = START } = last ?? {};
    const standings = chained(grown, n, chain);
    const text = {
      seq: (last?.seq ?? 0) + 1,
      before: last?.hash ?? START,
      atMs: nowMs,
      n: n + standings.length,
      chain: standings.at(-1)?.chain ?? chain,
    };
    const signedText = centralHeadText(text);
    const head = { ...text, hash: sha256(signedText), keyId: key.id, ed25519: key.sign(Buffer.from(signedText, 'utf8')) };
    await keep(tx, head, standings);
    return { ok: true, head, standings };
  });
}

async function lastHead(db: Query): Promise<CentralHead | null> {
  const row = await db.selectFrom('central_heads').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? null : headOf(row);
}

/** Heads after this one, each behind the standings it is the first to cover. All of them after a first line are a witness file. */
export async function* witnessLines(db: Query, afterSeq: number): AsyncGenerator<WitnessLine> {
  const before = await db.selectFrom('central_heads').select('n').where('seq', '=', afterSeq).executeTakeFirst();
  let n = before?.n ?? 0;
  for (let seq = afterSeq; ; ) {
    const heads = await db.selectFrom('central_heads').selectAll().where('seq', '>', seq).orderBy('seq').limit(PAGE).execute();
    for (const row of heads) {
      while (n < row.n) {
        const rows = await db
          .selectFrom('ledger_standings')
          .selectAll()
          .where('n', '>', n)
          .where('n', '<=', row.n)
          .orderBy('n')
          .limit(PAGE)
          .execute();
        if (rows.length === 0) break;
        for (const { device_id: deviceId, epoch, entries, hash, chain, n: place } of rows)
          yield { n: place, deviceId, epoch, entries, hash, chain };
        n = rows.at(-1)?.n ?? row.n;
      }
      yield headOf(row);
      seq = row.seq;
    }
    if (heads.length < PAGE) return;
  }
}

function chained(ledgers: readonly Ledger[], from: number, before: string): readonly LedgerStanding[] {
  let chain = before;
  return ledgers.map(({ deviceId, epoch, entries, hash }, index) => {
    chain = sha256(standingText(chain, { deviceId, epoch, entries, hash }));
    return { n: from + index + 1, deviceId, epoch, entries, hash, chain };
  });
}

async function keep(tx: Tx, head: CentralHead, standings: readonly LedgerStanding[]): Promise<void> {
  for (let from = 0; from < standings.length; from += PAGE)
    await tx
      .insertInto('ledger_standings')
      .values(standings.slice(from, from + PAGE).map(({ deviceId, ...one }) => ({ device_id: deviceId, ...one })))
      .execute();
  const { seq, before, atMs, n, chain, hash, keyId, ed25519 } = head;
  await tx.insertInto('central_heads').values({ seq, before, at_ms: atMs, n, chain, hash, key_id: keyId, signature: ed25519 }).execute();
}

/** The furthest of each ledger, by device and epoch in the order of their bytes. */
async function furthest(db: Query, table: 'ledger_heads' | 'ledger_standings'): Promise<readonly Ledger[]> {
  const { rows } = await sql<Ledger>`
    select distinct on (device_id collate "C", epoch collate "C") device_id as "deviceId", epoch, entries, hash
    from ${sql.table(table)} order by device_id collate "C", epoch collate "C", entries desc`.execute(db);
  return rows;
}

const headOf = (row: Tables['central_heads']): CentralHead => ({
  seq: row.seq,
  before: row.before,
  atMs: row.at_ms,
  n: row.n,
  chain: row.chain,
  hash: row.hash,
  keyId: row.key_id,
  ed25519: row.signature,
});
