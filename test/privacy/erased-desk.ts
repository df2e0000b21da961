/** A store with persons in it of whom everything carries words of their own, and the search for those words and for their keys. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeBackup } from '#adapters/sqlite/backup.ts';
import { unlock } from '#adapters/sqlite/connection-settings.ts';
import { type OpenOptions, openSqliteStore, STORE_FILE } from '#adapters/sqlite/open-store.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import Database from 'better-sqlite3';
import { canonical, card, decision, delivery, event, outcome, T0 } from '../conformance/samples.ts';
import { KEY, MIGRATIONS, NOW_MS } from '../conformance/sqlite-scratch.ts';
import { rawPages } from './raw-pages.ts';

export interface Planted {
  readonly customerId: string;
  /** Words nothing else contains. */
  readonly words: readonly string[];
  readonly callIds: readonly string[];
  readonly decisionIds: readonly string[];
  /** Answers central does not have yet. */
  readonly unsent: readonly string[];
}

const MEMORY = '/dev/shm';
const LIMITS = { items: 50, bytes: 10_000_000 };

/** Nothing else contains it. */
const word = (n: number, what: string): string => `canary-${what}-${n}-x`;

export class ErasedDesk implements Disposable {
  readonly home = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'sotto-erased-'));
  readonly folder = join(this.home, 'store');
  readonly persons: Planted[] = [];
  /** Waits asked for, and what is to be done after them. */
  readonly timers: { readonly ms: number; readonly call: () => void }[] = [];
  operations = 0;
  #clock = 0;
  #store: SqliteStore | null = null;

  constructor() {
    mkdirSync(this.folder);
  }

  get store(): SqliteStore {
    return this.#store ?? this.open();
  }

  open(more: Partial<OpenOptions> = {}): SqliteStore {
    const after: OpenOptions['after'] = (ms, call) => {
      this.timers.push({ ms, call });
      return () => undefined;
    };
    const opened = openSqliteStore({ folder: this.folder, keyHex: KEY, migrations: MIGRATIONS, nowMs: NOW_MS, after, ...more });
    if (!opened.ok) throw new Error(opened.words);
    this.#store = opened.store;
    return opened.store;
  }

  close(): void {
    this.#store?.close();
    this.#store = null;
  }

  /** Two calls each: of a caller who becomes known, sent or refused but for its last answer; of a known caller, unsent. */
  plant(persons: number): void {
    const numbers = Array.from({ length: persons }, (_, n) => n);
    const first = numbers.map((n) => this.#call(n, 0));
    this.#settle(new Set(first.filter((_, n) => n % 5 === 0).map(({ decisionId }) => decisionId)));
    const second = numbers.map((n) => this.#call(n, 1));
    for (const n of numbers) {
      const customerId = word(n, 'id');
      const calls = [first[n], second[n]].filter((call) => call !== undefined);
      const last = calls.map(({ callId }) => this.#answer(n, callId));
      this.store.recordOutcomes(last.map(canonical));
      if (n % 2 === 0) for (const { callId } of calls) this.store.finishCall(callId, T0);
      this.store.saveProfile({
        customerId,
        version: 1,
        asOfMs: NOW_MS,
        displayName: word(n, 'name'),
        language: 'en',
        fields: { town: word(n, 'town') },
        consents: [],
        history: [],
      });
      this.persons.push({
        customerId,
        words: ['id', 'said', 'fact', 'card', 'note', 'name', 'town'].map((what) => word(n, what)),
        callIds: calls.map(({ callId }) => callId),
        decisionIds: calls.map(({ decisionId }) => decisionId),
        unsent: [...calls.slice(1).map(({ offeredId }) => offeredId), ...last.map(({ id }) => id)],
      });
      this.operations += 4;
    }
  }

  backup(): string {
    const file = join(this.home, 'copy.sottobackup');
    const taken = takeBackup(this.store, file, KEY);
    if (!taken.ok) throw new Error(taken.words);
    return file;
  }

  /** The wrapped keys of these persons and of their calls, as they lie in the table; the store must be closed. */
  keysOf(persons: readonly Planted[]): readonly Buffer[] {
    const db = new Database(join(this.folder, STORE_FILE), { readonly: true });
    try {
      unlock(db, KEY);
      const ofPerson = db.prepare<[string], { wrapped: Buffer }>('select wrapped from person_key where person = person(?)');
      const ofCall = db.prepare<[string], { wrapped: Buffer }>('select wrapped from call_key where call_id = ?');
      return persons.flatMap(({ customerId, callIds }) =>
        [...ofPerson.all(customerId), ...callIds.flatMap((id) => ofCall.all(id))].map(({ wrapped }) => wrapped),
      );
    } finally {
      db.close();
    }
  }

  /** Everything the desk has on the disk: the database and its log decrypted, everything else as it is. */
  bytes(): Buffer {
    const files = readdirSync(this.home, { recursive: true, encoding: 'utf8' }).map((name) => join(this.home, name));
    const others = files.filter((file) => statSync(file).isFile() && !file.includes(STORE_FILE) && !file.endsWith('.sottobackup'));
    return Buffer.concat([rawPages(join(this.folder, STORE_FILE), KEY), ...others.map((file) => readFileSync(file))]);
  }

  #call(n: number, index: 0 | 1): { readonly callId: string; readonly decisionId: string; readonly offeredId: string } {
    const { store } = this;
    const callId = `call-${n}-${index}`;
    const customerId = word(n, 'id');
    const isKnown = index === 1;
    const offered = { agentId: 'ann', direction: 'inbound' as const, queue: 'q', ...(isKnown ? { customerId } : {}) };
    const identity = isKnown ? 'asserted' : 'unknown';
    store.journalDelivery({ callId, seq: 1, event: event('sotto.call.offered', { ...offered, identity }, T0, callId) });
    store.journalDelivery(delivery(2, `I am ${word(n, 'said')}`, callId));
    const identified = event('sotto.call.identified', { customerId, identity: 'verified' }, T0, callId);
    if (!isKnown) store.journalDelivery({ callId, seq: 3, event: identified });
    const entry = decision((this.#clock += 1), { callId });
    const offer = this.#answer(n, callId);
    store.recordDecision({
      ...entry,
      recordJson: JSON.stringify({ facts: [word(n, 'fact')], id: entry.id }),
      cards: [card(entry.id, { name: word(n, 'card') })],
      outcomes: [canonical(offer)],
    });
    this.operations += 4;
    return { callId, decisionId: entry.id, offeredId: offer.id };
  }

  #answer(n: number, callId: string): ReturnType<typeof outcome> {
    return outcome((this.#clock += 1), { callId, customerId: word(n, 'id'), note: word(n, 'note') });
  }

  /** Central takes everything but what it refuses. */
  #settle(refused: ReadonlySet<string>): void {
    for (let batch = this.store.takeBatch('device-1', LIMITS); batch !== null; batch = this.store.takeBatch('device-1', LIMITS)) {
      const items = batch.items.map(({ id }) => ({ id, result: refused.has(id) ? ('refused' as const) : ('stored' as const) }));
      this.store.settleBatch(batch, { items }, NOW_MS);
    }
  }

  [Symbol.dispose](): void {
    this.close();
    rmSync(this.home, { recursive: true });
  }
}

/** How many of the needles are in it, in one pass over it, because both may be many. */
export function hits(hay: Buffer, needles: Iterable<string | Buffer>): number {
  const byStart = new Map<number, Buffer[]>();
  const mayStart = new Uint8Array(65_536);
  for (const needle of needles) {
    const bytes = Buffer.from(needle);
    const start = bytes.readUInt32BE(0);
    const others = byStart.get(start);
    if (others === undefined) byStart.set(start, [bytes]);
    else others.push(bytes);
    mayStart[bytes.readUInt16BE(0)] = 1;
  }
  const found = new Set<Buffer>();
  for (let at = 0; at + 4 <= hay.length; at++) {
    if (mayStart[((hay[at] ?? 0) << 8) | (hay[at + 1] ?? 0)] === 0) continue;
    for (const needle of byStart.get(hay.readUInt32BE(at)) ?? [])
      if (hay.subarray(at, at + needle.length).equals(needle)) found.add(needle);
  }
  return found.size;
}
