/** What of a store is past its time, and taking it away: all of it in one transaction, bodies and rows, never the chain. */
import type { StoredKind } from '#contract/retention.ts';
import type { Retained } from '#ports/store.ts';
import type { Statement } from 'better-sqlite3';
import type { AnchoredConnection } from './anchored-connection.ts';
import { profileRow } from './gate-rows.ts';

const DAY_MS = 86_400_000;

type RowKind = Exclude<StoredKind, 'profile'>;

/** `cutoff`: what ended by then goes; `now`: holds that end by then no longer count. */
type Times = [{ readonly cutoff: number; readonly now: number }];

const HELD_PERSONS = 'select person from person_hold where until_ms > @now';
const HELD = `select call_id from legal_hold where until_ms > @now union select call_id from call_person where person in (${HELD_PERSONS})`;
const OVER = `select call_id from call where finished_at_ms <= @cutoff and call_id not in (${HELD})`;
/** What central does not have yet is kept until it has. */
const UNSENT = 'select pos from outbox';

/** In this order: a dead letter keeps its body for as long as it is there itself. */
const PAST: Readonly<Record<RowKind, readonly [from: string, where: string]>> = {
  transcript: ['call_event', `call_id in (${OVER})`],
  card: ['display', `call_id in (${OVER})`],
  outcome: ['outcome', `call_id in (${OVER}) and not exists (select 1 from ledger join outbox using (pos) where ledger.id = outcome.id)`],
  'dead-letter': ['dead_letter', `at_ms <= @cutoff and pos not in (select pos from ledger where call_id in (${HELD}))`],
  record: [
    'ledger_body',
    `pos in (select pos from ledger where pos >= (select min(pos) from ledger_body) and call_id in (${OVER})) and pos not in (${UNSENT}) and pos not in (select pos from dead_letter)`,
  ],
  salvage: ['salvage', 'at_ms <= @cutoff'],
};
/** Keys that seal nothing any more, and whom calls without a key were with. */
const UNUSED = [
  `delete from call_key where call_id in (select call_id from call where finished_at_ms is not null)
     and call_id not in (select call_id from call_event union select call_id from display union select call_id from outcome
                         union select call_id from ledger_body join ledger using (pos))`,
  'delete from call_person where call_id not in (select call_id from call_key)',
  `delete from person_key where person not in (select person from profile)
     and person not in (select person from call_key where person is not null)`,
] as const;
const ROW_KINDS = Object.keys(PAST) as readonly RowKind[];

export class Retention {
  readonly #connection: AnchoredConnection;
  readonly #drop: readonly (readonly [RowKind, Statement<Times, unknown>])[];
  readonly #dropOfCalls: readonly Statement<Times, unknown>[];
  readonly #profiles: Statement<Times, { readonly customer_id: string }>;
  readonly #dropProfile: Statement<[string], unknown>;
  readonly #dropHolds: readonly Statement<[number], unknown>[];
  readonly #dropKeys: readonly Statement<[], unknown>[];

  constructor(connection: AnchoredConnection) {
    this.#connection = connection;
    const db = connection.statements;
    this.#drop = ROW_KINDS.map((kind) => {
      const [from, where] = PAST[kind];
      return [kind, db.prepare(`delete from ${from} where ${where}`)];
    });
    this.#dropOfCalls = ['last_decision', 'call_context'].map((from) => db.prepare(`delete from ${from} where call_id in (${OVER})`));
    // A profile that a call under way works with stays until that is over.
    this.#profiles = db.prepare(
      `select unseal(wrapped, customer_id) as customer_id from profile join person_key using (person) where as_of_ms <= @cutoff and person not in
         (select person from outcome join call using (call_id) where finished_at_ms is null and person is not null)
         and person not in (${HELD_PERSONS})`,
    );
    this.#dropProfile = db.prepare('delete from profile where person = person(?)');
    this.#dropHolds = ['legal_hold', 'person_hold'].map((from) => db.prepare(`delete from ${from} where until_ms <= ?`));
    this.#dropKeys = UNUSED.map((sql) => db.prepare(sql));
  }

  /** 40 ms with a year’s ledger of 260,000 entries. */
  run(nowMs: number, days: Readonly<Record<StoredKind, number>>): Retained {
    const timesOf = (kind: StoredKind): Times[0] => ({ cutoff: nowMs - days[kind] * DAY_MS, now: nowMs });
    const gone: Partial<Record<StoredKind, number>> = {};
    const dropped = this.#connection.writeFreeing(() => {
      for (const [kind, statement] of this.#drop) gone[kind] = statement.run(timesOf(kind)).changes;
      for (const statement of this.#dropOfCalls) statement.run(timesOf('transcript'));
      for (const statement of this.#dropHolds) statement.run(nowMs);
    });
    if (!dropped.ok) return dropped;
    const customers = this.#profiles.all(timesOf('profile')).map(({ customer_id }) => customer_id);
    if (customers.length > 0) {
      const written = this.#connection.dropGates(customers.map(profileRow), () => {
        for (const customer of customers) this.#dropProfile.run(customer);
      });
      if (!written.ok) return written;
    }
    const cleared = this.#connection.writeFreeing(() => {
      for (const statement of this.#dropKeys) statement.run();
    });
    return cleared.ok ? { ok: true, gone: { ...gone, profile: customers.length } } : cleared;
  }
}
