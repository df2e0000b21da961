/** The chained ledger, and the outbox that follows it: appending one entry is appending one outbox row. */
import { createHash } from 'node:crypto';
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

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** hash = SHA-256 of previous hash, kind, id and SHA-256 of body, joined by line feeds. */
export const chainHash = (previous: string, kind: string, id: string, bodyHash: string): string =>
  sha256(`${previous}\n${kind}\n${id}\n${bodyHash}`);

interface DeviceRow {
  readonly last_seq: number;
  readonly clock: number;
  readonly head: string;
}

interface Row extends Pick<LedgerLine, 'pos' | 'kind' | 'id' | 'hash'> {
  readonly body_hash: string;
  readonly body: string;
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
  readonly #enqueue;
  readonly #advance;
  readonly #state: Statement<[], LedgerState>;
  readonly #hashAt: Statement<[number], { readonly hash: string }>;
  readonly #walk;

  constructor(db: Prepare) {
    this.#device = db.prepare<[], DeviceRow>('select last_seq, clock, head from device');
    this.#insert = db.prepare('insert into ledger (kind, id, call_id, clock, body_hash, body, hash) values (?, ?, ?, ?, ?, ?, ?)');
    this.#enqueue = db.prepare('insert into outbox (seq, pos) values (?, ?)');
    this.#advance = db.prepare('update device set last_seq = ?, clock = max(clock, ?), head = ?');
    this.#state = db.prepare(
      'select epoch, last_seq as lastSeq, clock, head, (select coalesce(max(pos), 0) from ledger) as entries, (select count(*) from outbox) as unsent from device',
    );
    this.#hashAt = db.prepare('select hash from ledger where pos = ?');
    this.#walk = db.prepare<[], Row>('select pos, kind, id, body_hash, body, hash from ledger order by pos');
  }

  /** Must run inside a transaction. */
  append(entry: Entry): void {
    const device = this.#device.get();
    if (!device) throw new Error('the store has no device row');
    const bodyHash = sha256(entry.body);
    const hash = chainHash(device.head, entry.kind, entry.id, bodyHash);
    const { lastInsertRowid } = this.#insert.run(entry.kind, entry.id, entry.callId, entry.clock, bodyHash, entry.body, hash);
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
    for (const { pos, kind, id, body_hash, body, hash } of this.#walk.iterate()) {
      yield { pos, kind, id, commitment: body_hash, salt: '', body, hash };
    }
  }

  verify(): { readonly entries: number; readonly brokenAt: number | null } {
    let head = '0'.repeat(64);
    let entries = 0;
    for (const row of this.#walk.iterate()) {
      const bodyHash = sha256(row.body);
      if (bodyHash !== row.body_hash || chainHash(head, row.kind, row.id, bodyHash) !== row.hash) return { entries, brokenAt: row.pos };
      head = row.hash;
      entries += 1;
    }
    return { entries, brokenAt: this.#device.get()?.head === head ? null : entries + 1 };
  }
}
