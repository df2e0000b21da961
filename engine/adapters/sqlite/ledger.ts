/** The chained ledger, and the outbox that follows it: appending one entry is appending one outbox row. */
import { createHash, randomBytes } from 'node:crypto';
import type { LedgerHead, LedgerLine } from '#contract/ledger.ts';
import type { OutboxItem } from '#contract/sync.ts';
import type { Statement } from 'better-sqlite3';
import type { Prepare } from './watched-statements.ts';

export interface Entry {
  readonly kind: OutboxItem['kind'];
  readonly id: string;
  readonly callId: string;
  readonly clock: number;
  /** Canonical JSON. */
  readonly body: string;
}

const SALT_BYTES = 32;

/** What the chain holds of a body: SHA-256 of salt and body. Once both are gone, the body cannot even be guessed. */
export const commitmentOf = (salt: Uint8Array, body: string): string => createHash('sha256').update(salt).update(body).digest('hex');

/** hash = SHA-256 of previous hash, kind, id and commitment, joined by line feeds. */
const chainHash = (previous: string, kind: string, id: string, commitment: string): string =>
  createHash('sha256').update(`${previous}\n${kind}\n${id}\n${commitment}`).digest('hex');

interface DeviceRow {
  readonly last_seq: number;
  readonly clock: number;
  readonly head: string;
}

/** Where the ledger stands, as the anchor keeps it. */
export interface LedgerState {
  readonly epoch: string;
  readonly lastSeq: number;
  readonly clock: number;
  readonly head: string;
  readonly entries: number;
  readonly unsent: number;
}

export class Ledger {
  readonly #device;
  readonly #insert;
  readonly #insertBody;
  readonly #enqueue;
  readonly #advance;
  readonly #state: Statement<[], LedgerState>;
  readonly #hashAt: Statement<[number], { readonly hash: string }>;
  readonly #walk;

  constructor(db: Prepare) {
    this.#device = db.prepare<[], DeviceRow>('select last_seq, clock, head from device');
    this.#insert = db.prepare('insert into ledger (kind, id, call_id, clock, commitment, hash) values (?, ?, ?, ?, ?, ?)');
    this.#insertBody = db.prepare(
      'insert into ledger_body (pos, salt, body) select ?, seal(secret, ?), seal(secret, ?) from call_secret where call_id = ?',
    );
    this.#enqueue = db.prepare('insert into outbox (seq, pos) values (?, ?)');
    this.#advance = db.prepare('update device set last_seq = ?, clock = max(clock, ?), head = ?');
    this.#state = db.prepare(
      'select epoch, last_seq as lastSeq, clock, head, (select coalesce(max(pos), 0) from ledger) as entries, (select count(*) from outbox) as unsent from device',
    );
    this.#hashAt = db.prepare('select hash from ledger where pos = ?');
    this.#walk = db.prepare<[], LedgerLine>(
      `select pos, kind, id, commitment, unseal(secret, salt) as salt, unseal(secret, body) as body, hash
       from ledger left join ledger_body using (pos) left join call_secret using (call_id) order by pos`,
    );
  }

  /** Must run inside a transaction, and after the call has its key. */
  append(entry: Entry): void {
    const device = this.#device.get();
    if (!device) throw new Error('the store has no device row');
    const salt = randomBytes(SALT_BYTES);
    const commitment = commitmentOf(salt, entry.body);
    const hash = chainHash(device.head, entry.kind, entry.id, commitment);
    const { lastInsertRowid } = this.#insert.run(entry.kind, entry.id, entry.callId, entry.clock, commitment, hash);
    this.#insertBody.run(lastInsertRowid, salt.toString('hex'), entry.body, entry.callId);
    this.#enqueue.run(device.last_seq + 1, lastInsertRowid);
    this.#advance.run(device.last_seq + 1, entry.clock, hash);
  }

  lastClock(): number {
    return this.#device.get()?.clock ?? 0;
  }

  /** Null before the store has its epoch. */
  state(): LedgerState | null {
    return this.#state.get() ?? null;
  }

  /** Whether the chain passed through this hash at this position. */
  contains(entries: number, head: string): boolean {
    return entries === 0 || this.#hashAt.get(entries)?.hash === head;
  }

  head(): LedgerHead {
    const state = this.state();
    if (state === null) throw new Error('the store has no device row');
    return { entries: state.entries, hash: state.head };
  }

  /** Every entry, oldest first, read as it is asked for. */
  *lines(): Generator<LedgerLine, void> {
    yield* this.#walk.iterate();
  }

  verify(): { readonly entries: number; readonly brokenAt: number | null } {
    let head = '0'.repeat(64);
    let entries = 0;
    for (const row of this.#walk.iterate()) {
      const { pos, kind, id, commitment, salt, body } = row;
      const isCommitted = salt === null || body === null || commitmentOf(Buffer.from(salt, 'hex'), body) === commitment;
      if (!isCommitted || pos !== entries + 1 || chainHash(head, kind, id, commitment) !== row.hash) return { entries, brokenAt: pos };
      head = row.hash;
      entries += 1;
    }
    return { entries, brokenAt: this.#device.get()?.head === head ? null : entries + 1 };
  }
}
