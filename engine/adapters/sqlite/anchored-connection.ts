/**
 * The one way a store writes: a transaction, with the anchor before or after it.
 *
 *   what only grows     commit ─► anchor        an anchor that is behind is no contradiction
 *   what falls          anchor ─► commit
 *   what opens a gate   anchor {old, new}, synced ─► commit ─► anchor {new}
 */
import { isAbsolute } from 'node:path';
import type { Written } from '#ports/store.ts';
import type { Database } from 'better-sqlite3';
import type { Anchor, AnchorState } from './anchor.ts';
import { AFTER_COMMIT_MS, AFTER_DELETION_MS, type After, CheckpointTimer } from './checkpoint-timer.ts';
import type { DiskReserve } from './disk-reserve.ts';
import type { GateRows } from './gate-rows.ts';
import { Ledger } from './ledger.ts';
import { attempt, faultOf, refused } from './sqlite-fault.ts';
import { type Prepare, watched } from './watched-statements.ts';

interface Parts {
  readonly db: Database;
  readonly anchor: Anchor;
  readonly gates: GateRows;
  readonly reserve: DiskReserve;
  readonly after: After;
  readonly onFault: (words: string) => void;
}

export class AnchoredConnection {
  readonly db: Database;
  /** What reads and writes are prepared with. */
  readonly statements: Prepare;
  readonly ledger: Ledger;
  readonly gates: GateRows;
  readonly #anchor: Anchor;
  readonly #reserve: DiskReserve;
  readonly #timer: CheckpointTimer;
  readonly #onFault: (words: string) => void;
  /** Met once, it stays: what a failed sync left behind cannot be known, and is never tried again. */
  #fault: 'io' | 'corrupt' | null = null;

  /** Takes over an open, unlocked, migrated connection and the anchor it agrees with. */
  constructor({ db, anchor, gates, reserve, after, onFault }: Parts) {
    this.db = db;
    this.#anchor = anchor;
    this.gates = gates;
    this.#reserve = reserve;
    this.#timer = new CheckpointTimer(after, () => this.checkpoint());
    this.#onFault = onFault;
    this.statements = watched(db, (error) => this.#meet(error));
    this.ledger = new Ledger(this.statements);
  }

  get known(): AnchorState {
    const { state } = this.#anchor;
    if (state === null) throw new Error('an open store has an anchor');
    return state;
  }

  /** `grown` is what the anchor learns with it. */
  write(work: () => void, grown: Partial<AnchorState> = {}): Written {
    return this.#attempt(() => {
      this.#commit(work);
      this.#follow(grown);
    });
  }

  /** `fallen` is on its way before the commit. */
  writeFalling(work: () => void, fallen: Partial<AnchorState>): Written {
    return this.#attempt(() => {
      this.#tell(fallen, 'soon');
      this.#commit(work);
      this.#follow({});
    });
  }

  /** Takes things away: goes on when the disk is full, out of the reserve, and leaves the log soon. */
  writeFreeing(work: () => void): Written {
    return this.#free(() => {
      this.#commit(work);
      this.#follow({});
    });
  }

  writeGate(row: string, body: string, work: () => void): Written {
    return this.#attempt(() => {
      this.#tell({ gates: this.gates.digest, gatesNext: this.gates.digestWith(row, body) }, 'synced');
      this.#commit(work);
      this.gates.put(row, body);
      this.#follow({ gates: this.gates.digest, gatesNext: null });
    });
  }

  /** `fallen` is on the disk before the commit, as is what the gates will be. */
  dropGates(rows: readonly string[], work: () => void, fallen: Partial<AnchorState> = {}): Written {
    return this.#free(() => {
      this.#tell({ ...fallen, gates: this.gates.digest, gatesNext: this.gates.digestWithout(rows) }, 'synced');
      this.#commit(work);
      this.gates.drop(rows);
      this.#follow({ gates: this.gates.digest, gatesNext: null });
    });
  }

  /** Only the anchor, whose room on the disk was taken when it was made. */
  note(what: Partial<AnchorState>, when: 'synced' | 'soon'): Written {
    return this.#attempt(() => this.#tell(what, when), true);
  }

  /** Moves the log into the database and leaves it empty; the anchor is on the disk afterwards. Tried again later where the disk is full. */
  checkpoint(): void {
    const done = this.#attempt(() => {
      try {
        this.db.pragma('wal_checkpoint(TRUNCATE)');
      } catch (error) {
        this.#meet(error);
        throw error;
      }
      this.#tell({}, 'synced');
      this.#reserve.fill();
    }, true);
    if (!done.ok && done.reason === 'disk-full') this.#timer.within(AFTER_COMMIT_MS);
  }

  /** Writes the whole database to a file that is not there yet, under the same key. `file` must be absolute. */
  copyTo(file: string): Written {
    return this.#attempt(() => {
      if (!isAbsolute(file)) throw new Error('a copy is written to an absolute path');
      this.db.prepare<[string]>('vacuum into ?').run(file);
    });
  }

  /** What was read is not what was written last. */
  distrust(): void {
    this.#break('corrupt');
  }

  close(): void {
    this.#timer.stop();
    this.db.close();
    this.#anchor.close();
  }

  #free(work: () => void): Written {
    const both = (): void => {
      work();
      this.#timer.within(AFTER_DELETION_MS);
    };
    const first = this.#attempt(both, true);
    if (first.ok || first.reason !== 'disk-full' || !this.#reserve.release()) return first;
    return this.#attempt(both, true);
  }

  /** While the reserve is spent, only what it is for may be written. */
  #attempt(work: () => void, isReserved = false): Written {
    if (!this.db.open) return refused('closed');
    if (this.#fault !== null) return refused(this.#fault);
    if (!isReserved && !this.#reserve.fill()) return refused('disk-full');
    return attempt(work);
  }

  /** Immediate, so that it cannot fail half-way for want of the write lock. */
  #commit(work: () => void): void {
    try {
      this.db.transaction(work).immediate();
    } catch (error) {
      this.#meet(error);
      throw error;
    }
    this.#timer.within(AFTER_COMMIT_MS);
  }

  #tell(what: Partial<AnchorState>, when: 'synced' | 'soon'): void {
    try {
      this.#anchor.write({ ...this.known, ...what }, when);
    } catch (error) {
      this.#meet(error);
      throw error;
    }
  }

  /** What was just committed is durable whatever becomes of the anchor. */
  #follow(grown: Partial<AnchorState>): void {
    const ledger = this.ledger.state();
    if (ledger === null) throw new Error('an open store has a device row');
    try {
      this.#anchor.write({ ...this.known, ...ledger, ...grown }, 'soon');
    } catch (error) {
      if (faultOf(error) === null) throw error;
      this.#meet(error);
    }
  }

  #meet(error: unknown): void {
    const reason = faultOf(error);
    if (reason === 'io' || reason === 'corrupt') this.#break(reason);
  }

  /** Tells once that the store has to be closed and opened again; that one then looks whether it is damaged. */
  #break(reason: 'io' | 'corrupt'): void {
    if (this.#fault !== null) return;
    this.#fault = reason;
    try {
      this.#anchor.write({ ...this.known, isSuspect: true }, 'synced');
    } catch (anchorError) {
      // A disk that does not take this either: the next open meets the damage as this one did.
      if (faultOf(anchorError) === null) throw anchorError;
    } finally {
      this.#onFault(refused(reason).words);
    }
  }
}
