/**
 * Decides who this database is to central before anything is read from it: the one the anchor knows, a new one, one
 * that takes the place of a damaged one, or an older copy. All but the first begin an epoch, in which nothing is
 * numbered yet.
 */
import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Anchor, AnchorState } from './anchor.ts';
import { dropGates, GateRows } from './gate-rows.ts';
import { Ledger, type LedgerState } from './ledger.ts';
import { type Saved, salvage } from './salvage.ts';
import { asidePath } from './set-aside.ts';
import { prepareStatements } from './statements.ts';
import { addOutcome, beginCall } from './write-rows.ts';

/** What was saved of a database that was damaged or put back from an older copy. */
export interface Salvaged {
  readonly what: 'damaged' | 'older-copy';
  readonly atMs: number;
  /** Unsent entries that go on. */
  readonly saved: number;
  /** Unsent entries that could not be read, at most. */
  readonly lost: number;
}

/** The database contradicts itself: it is to be set aside. */
export class Damaged extends Error {}

interface Place {
  readonly folder: string;
  readonly storeFile: string;
  readonly keyHex: string;
  readonly nowMs: number;
}

const GENESIS = '0'.repeat(64);

/** Returns the rows that may open gates, as they are now. */
export function beginEpoch(db: Database, anchor: Anchor, place: Place): GateRows {
  const ledger = new Ledger(db);
  const found = ledger.state();
  const known = anchor.state;
  let gates: GateRows | null = null;
  if (found === null) replace(db, ledger, known, place);
  // Otherwise the anchor was not told yet that the new database is complete.
  else if (known === null || known.setAside === null) {
    gates = new GateRows(db);
    const isAsKnown = known !== null && agrees(ledger, found, known) && known.events <= eventsUnderWay(db);
    if (isAsKnown && (gates.digest === known.gates || gates.digest === known.gatesNext)) return gates;
    if (known !== null) assertWhole(db);
    renumber(db, found, known, place);
  }
  const now = ledger.state();
  if (now === null) throw new Error('an epoch began without a device row');
  gates = new GateRows(db);
  anchor.write(
    {
      ...now,
      sentSeq: 0,
      events: eventsUnderWay(db),
      gates: gates.digest,
      gatesNext: null,
      latestMs: known?.latestMs ?? 0,
      isSuspect: false,
      setAside: null,
    },
    'synced',
  );
  return gates;
}

function eventsUnderWay(db: Database): number {
  return Number(db.prepare('select count(*) from call_event join call using (call_id) where finished_at_ms is null').pluck().get());
}

/** The anchor may be behind what was committed last, never ahead of it. */
function agrees(ledger: Ledger, found: LedgerState, known: AnchorState): boolean {
  return found.epoch === known.epoch && known.sentSeq <= found.lastSeq && ledger.contains(known.entries, known.head);
}

/** Throws Damaged when a page or the chain is not what it was. */
export function assertWhole(db: Database): void {
  const hasLedger = db.prepare("select 1 from sqlite_schema where name = 'ledger'").get() !== undefined;
  if (!hasLedger) return;
  const faults = db.pragma('integrity_check(1)', { simple: true });
  if (faults !== 'ok') throw new Damaged(`integrity check: ${String(faults)}`);
  const { brokenAt } = new Ledger(db).verify();
  if (brokenAt !== null) throw new Damaged(`the ledger is broken at entry ${brokenAt}`);
}

/** An empty database: the first, or in the place of one that was set aside or has vanished. */
function replace(db: Database, ledger: Ledger, known: AnchorState | null, place: Place): void {
  const saved: Saved =
    known === null
      ? { unsent: [], outcomes: [], lost: 0 }
      : known.setAside === null
        ? { unsent: [], outcomes: [], lost: known.unsent }
        : salvage(asidePath(place.folder, known.setAside), place.storeFile, place.keyHex, known.unsent);
  const sql = prepareStatements(db);
  db.transaction(() => {
    const epoch = randomUUID();
    // The logical clock goes on: what is recorded next comes after what was lost.
    db.prepare('insert into device (id, epoch, last_seq, clock, head) values (1, ?, 0, ?, ?)').run(epoch, known?.clock ?? 0, GENESIS);
    for (const { value, json } of saved.outcomes) {
      beginCall(sql, value.callId);
      addOutcome(sql, value, json);
    }
    for (const entry of saved.unsent) {
      beginCall(sql, entry.callId);
      ledger.append(entry);
    }
    if (known === null || (known.setAside === null && known.entries === 0)) return;
    const what = known.setAside === null ? 'older-copy' : 'damaged';
    note(db, known.setAside ?? epoch, { what, atMs: place.nowMs, saved: saved.unsent.length, lost: saved.lost });
  }).immediate();
}

/** An older copy or an older page was put back, or the anchor is gone: no number central may know is used again, and nothing old opens a gate. */
function renumber(db: Database, found: LedgerState, known: AnchorState | null, place: Place): void {
  db.transaction(() => {
    const epoch = randomUUID();
    const unsent = db.prepare<[], { pos: number; body: string | null }>('select pos, body from outbox order by seq').all();
    db.prepare('delete from outbox').run();
    const insert = db.prepare('insert into outbox (seq, pos, body) values (?, ?, ?)');
    unsent.forEach(({ pos, body }, index) => insert.run(index + 1, pos, body));
    dropGates(db);
    // What was heard last on a call may be missing, a withdrawal with it: central sends the calls under way again.
    db.prepare('delete from call_event where call_id in (select call_id from call where finished_at_ms is null)').run();
    const clock = Math.max(found.clock, known?.clock ?? 0);
    db.prepare('update device set epoch = ?, last_seq = ?, clock = ?').run(epoch, unsent.length, clock);
    if (known === null) return;
    const lost = Math.min(known.unsent, Math.max(0, known.entries - found.entries));
    note(db, epoch, { what: 'older-copy', atMs: place.nowMs, saved: unsent.length, lost });
  }).immediate();
}

function note(db: Database, name: string, { what, atMs, saved, lost }: Salvaged): void {
  db.prepare('insert into salvage (name, what, at_ms, saved, lost) values (?, ?, ?, ?, ?)').run(name, what, atMs, saved, lost);
}

/** The last there was since `sinceMs`. */
export function lastSalvage(db: Database, sinceMs: number): Salvaged | null {
  const row = db
    .prepare<[number], { what: Salvaged['what']; at_ms: number; saved: number; lost: number }>(
      'select what, at_ms, saved, lost from salvage where at_ms > ? order by at_ms desc limit 1',
    )
    .get(sinceMs);
  return row === undefined ? null : { what: row.what, atMs: row.at_ms, saved: row.saved, lost: row.lost };
}
