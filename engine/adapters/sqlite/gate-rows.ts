/**
 * The rows that can open a gate: customers' profiles with their consents, which policy and model are current or were
 * last good, and what of a scarce action is used up. An authenticated page cannot be forged, but an older one can be
 * put back; so the digest of all of them is kept in the anchor, and each row's in memory for as long as the store is open.
 */
import { createHash } from 'node:crypto';
import type { SettingName } from '#ports/store.ts';
import type { Database } from 'better-sqlite3';
import type { Prepare } from './watched-statements.ts';

/** Of these an older value would permit what a newer one forbade. */
const GATE_SETTINGS: readonly SettingName[] = ['versions', 'usage', 'slots'];

const DIGEST_BYTES = 32;

export const profileRow = (customerId: string): string => `profile ${customerId}`;
export const settingRow = (name: SettingName): string => `setting ${name}`;
export const isGateSetting = (name: SettingName): boolean => GATE_SETTINGS.includes(name);

const digestOf = (row: string, body: string): Buffer => createHash('sha256').update(`${row.length} ${row}${body}`).digest();

function combine(a: Buffer, b: Buffer): Buffer {
  const both = Buffer.alloc(DIGEST_BYTES);
  for (let i = 0; i < DIGEST_BYTES; i++) both[i] = (a[i] ?? 0) ^ (b[i] ?? 0);
  return both;
}

export class GateRows {
  readonly #digests = new Map<string, Buffer>();
  #combined: Buffer = Buffer.alloc(DIGEST_BYTES);

  /** Reads and unseals them all: 400 ms for ten thousand. */
  constructor(db: Prepare) {
    for (const { row, body } of everyRow(db)) this.put(row, body);
  }

  /** Whoever cannot make pages of their own cannot choose what is combined, so combining may be this simple. */
  get digest(): string {
    return this.#combined.toString('hex');
  }

  /** What `digest` will be once the row holds this. */
  digestWith(row: string, body: string): string {
    return combine(this.#without(row), digestOf(row, body)).toString('hex');
  }

  /** What `digest` will be once these rows are gone. */
  digestWithout(rows: readonly string[]): string {
    const left = rows.flatMap((row) => this.#digests.get(row) ?? []);
    return left.reduce((combined, digest) => combine(combined, digest), this.#combined).toString('hex');
  }

  drop(rows: readonly string[]): void {
    for (const row of rows) {
      this.#combined = this.#without(row);
      this.#digests.delete(row);
    }
  }

  put(row: string, body: string): void {
    const digest = digestOf(row, body);
    this.#combined = combine(this.#without(row), digest);
    this.#digests.set(row, digest);
  }

  /** Whether this is what was put there last. */
  holds(row: string, body: string): boolean {
    return this.#digests.get(row)?.equals(digestOf(row, body)) ?? false;
  }

  #without(row: string): Buffer {
    const known = this.#digests.get(row);
    return known === undefined ? this.#combined : combine(this.#combined, known);
  }
}

function* everyRow(db: Prepare): Iterable<{ readonly row: string; readonly body: string }> {
  const profiles = db.prepare<[], { customer_id: string; body: string }>(
    'select unseal(wrapped, customer_id) as customer_id, unseal(wrapped, body) as body from profile join person_key using (person)',
  );
  for (const { customer_id, body } of profiles.iterate()) yield { row: profileRow(customer_id), body };
  const setting = db.prepare<[string], { value: string }>('select value from setting where name = ?');
  for (const name of GATE_SETTINGS) {
    const body = setting.get(name)?.value;
    if (body !== undefined) yield { row: settingRow(name), body };
  }
}

/** Closes every gate: central is asked again for all of it. Must run inside a transaction. */
export function dropGates(db: Database): void {
  db.prepare('delete from profile').run();
  const drop = db.prepare<[string]>('delete from setting where name = ?');
  for (const name of GATE_SETTINGS) drop.run(name);
}
