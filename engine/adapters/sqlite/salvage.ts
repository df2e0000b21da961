/**
 * Saves from a damaged database what exists nowhere else: the entries central does not have, and the answers of the
 * calls under way. Everything else central has, and it is asked again. Row by row: a damaged page costs its own rows.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OutboxItem } from '#contract/sync.ts';
import { Outcome } from '#contract/outcome.ts';
import Database, { type Database as Connection } from 'better-sqlite3';
import { unlock } from './connection-settings.ts';
import { commitmentOf, type Entry } from './ledger.ts';
import { readStored } from './read-stored.ts';
import { copyReadable } from './set-aside.ts';
import { isDamage } from './sqlite-fault.ts';

export interface Saved {
  /** Oldest first. */
  readonly unsent: readonly Entry[];
  /** Of calls that are not over, the unsent ones included. */
  readonly outcomes: readonly { readonly value: Outcome; readonly json: string }[];
  /** Unsent entries that could not be read, at most. */
  readonly lost: number;
}

interface LedgerRow {
  readonly kind: string;
  readonly id: string;
  readonly call_id: string;
  readonly clock: number;
  readonly commitment: string;
  /** In hexadecimal. Null, as the body is, where its key cannot be read any more. */
  readonly salt: string | null;
  readonly body: string | null;
  /** What is sent in its place. */
  readonly instead?: string | null;
}

/** What is damaged may never have been brought to the newest schema: by a table it has, the newest first. */
const ENTRY = [
  [
    'erased_person',
    `select kind, id, call_id, clock, commitment, unseal(secret, salt) as salt, unseal(secret, ledger_body.body) as body, outbox.body as instead
     from ledger left join ledger_body using (pos) left join outbox using (pos) left join call_secret using (call_id) where pos = ?`,
  ],
  [
    'call_key',
    `select kind, id, call_id, clock, commitment, unseal(secret, salt) as salt, unseal(secret, body) as body
     from ledger join ledger_body using (pos) left join call_secret using (call_id) where pos = ?`,
  ],
  [
    'ledger_body',
    'select kind, id, call_id, clock, commitment, hex(salt) as salt, body from ledger join ledger_body using (pos) where pos = ?',
  ],
  ['ledger', "select kind, id, call_id, clock, body_hash as commitment, '' as salt, body from ledger where pos = ?"],
] as const;
const ANSWERS = [
  ['call_key', 'select unseal(secret, body) as body from outcome left join call_secret using (call_id) where call_id = ?'],
  ['outcome', 'select body from outcome where call_id = ?'],
] as const;

/** Reads a copy, because opening a database writes to it. `unsent` is how many there should be. */
export function salvage(aside: string, storeFile: string, keyHex: string, unsent: number): Saved {
  if (!existsSync(join(aside, storeFile))) return { unsent: [], outcomes: [], lost: unsent };
  const folder = mkdtempSync(`${aside}-reading-`);
  let db: Connection | undefined;
  try {
    for (const suffix of ['', '-wal']) copyReadable(join(aside, `${storeFile}${suffix}`), join(folder, `${storeFile}${suffix}`));
    db = new Database(join(folder, storeFile), { timeout: 0 });
    unlock(db, keyHex);
    db.pragma('locking_mode = EXCLUSIVE');
    const entries = unsentEntries(db, unsent);
    return { ...entries, outcomes: outcomesUnderWay(db) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { unsent: [], outcomes: [], lost: unsent };
  } finally {
    db?.close();
    rmSync(folder, { recursive: true });
  }
}

/**
 * The outbox names what is unsent. Where it cannot be read whole, every entry of the ledger counts as unsent: central
 * stores each once, however often it comes.
 */
function unsentEntries(db: Connection, unsent: number): Pick<Saved, 'unsent' | 'lost'> {
  const named = orDamaged(() => db.prepare<[], { pos: number }>('select pos from outbox order by seq').all(), null);
  const positions = named === null || named.length < unsent ? everyPosition(db) : named.map(({ pos }) => pos);
  const row = orDamaged(() => db.prepare<[number], LedgerRow>(fitting(db, ENTRY)), null);
  const entries = row === null ? [] : positions.map((pos) => orDamaged(() => entryOf(row.get(pos)), null));
  const saved = entries.filter((entry) => entry !== null);
  const unread = row === null ? unsent : positions.length - saved.length;
  return { unsent: saved, lost: Math.min(unsent, unread) };
}

/** The statement for the tables that are there. */
function fitting(db: Connection, forms: readonly (readonly [table: string, sql: string])[]): string {
  const has = db.prepare<[string]>("select 1 from sqlite_schema where type = 'table' and name = ?");
  return forms.find(([table]) => has.get(table) !== undefined)?.[1] ?? '';
}

function everyPosition(db: Connection): readonly number[] {
  const last = orDamaged(() => db.prepare('select max(pos) from ledger').pluck().get(), null);
  const head = orDamaged(() => db.prepare('select last_seq from device').pluck().get(), null);
  const length = Math.max(Number(last ?? 0), Number(head ?? 0));
  return Array.from({ length }, (_, index) => index + 1);
}

function entryOf(row: LedgerRow | undefined): Entry | null {
  const body = row === undefined ? null : (row.instead ?? committed(row));
  if (row === undefined || body === null) return null;
  const kind = OutboxItem.shape.kind.safeParse(row.kind);
  return kind.success ? { kind: kind.data, id: row.id, callId: row.call_id, clock: row.clock, body } : null;
}

/** Null where the body is not what the chain commits to, or cannot be read any more. */
function committed({ salt, body, commitment }: LedgerRow): string | null {
  return salt !== null && body !== null && commitmentOf(Buffer.from(salt, 'hex'), body) === commitment ? body : null;
}

function outcomesUnderWay(db: Connection): Saved['outcomes'] {
  const calls = orDamaged(() => db.prepare<[], { call_id: string }>('select call_id from call where finished_at_ms is null').all(), []);
  const ofCall = orDamaged(() => db.prepare<[string], { body: string | null }>(fitting(db, ANSWERS)), null);
  if (ofCall === null) return [];
  const bodies = calls.flatMap(({ call_id }) => orDamaged(() => ofCall.all(call_id), []));
  // One whose key cannot be read any more is lost like one whose page cannot.
  const read = bodies.flatMap(({ body }) => body || []);
  return read.map((body) => ({ value: readStored(Outcome, 'outcome', body), json: body }));
}

function orDamaged<T, Else>(read: () => T, otherwise: Else): T | Else {
  try {
    return read();
  } catch (error) {
    if (isDamage(error)) return otherwise;
    throw error;
  }
}
