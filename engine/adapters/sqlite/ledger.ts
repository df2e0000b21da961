/** The chained ledger, and the outbox that follows it: appending one entry is appending one outbox row. */
import { createHash } from 'node:crypto';
import type { OutboxItem } from '#contract/sync.ts';
import type { Database } from 'better-sqlite3';

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

export class Ledger {
  readonly #device;
  readonly #insert;
  readonly #enqueue;
  readonly #advance;
  readonly #walk;

  constructor(db: Database) {
    this.#device = db.prepare<[], DeviceRow>('select last_seq, clock, head from device');
    this.#insert = db.prepare('insert into ledger (kind, id, call_id, clock, body_hash, body, hash) values (?, ?, ?, ?, ?, ?, ?)');
    this.#enqueue = db.prepare('insert into outbox (seq, pos) values (?, ?)');
    this.#advance = db.prepare('update device set last_seq = ?, clock = max(clock, ?), head = ?');
    this.#walk = db.prepare<[], { pos: number; kind: string; id: string; body_hash: string; body: string; hash: string }>(
      'select pos, kind, id, body_hash, body, hash from ledger order by pos',
    );
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
