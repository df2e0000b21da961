/**
 * Erasing a person: their keys are destroyed, and with them whatever was sealed; the rows go too. What stays is that they
 * were erased, by a keyed hash, the chain's commitments, and answers central does not have yet, without the person.
 */
import { OutboxItem } from '#contract/sync.ts';
import type { Written } from '#ports/store.ts';
import type { Statement } from 'better-sqlite3';
import type { AnchoredConnection } from './anchored-connection.ts';
import { profileRow } from './gate-rows.ts';
import { parseStored } from './read-stored.ts';

type OfPerson = [{ readonly customer: string; readonly now: number }];

const CALLS = 'select call_id from call_person where person = person(@customer)';
const ENTRIES = `select pos from ledger where call_id in (${CALLS})`;

/** In this order: nothing refers to what is gone already. */
const GOES: readonly string[] = [
  `delete from outbox where pos in (${ENTRIES}) and body is null`,
  `delete from dead_letter where pos in (${ENTRIES})`,
  `delete from ledger_body where pos in (${ENTRIES})`,
  ...['call_event', 'display', 'outcome', 'last_decision', 'call_context', 'legal_hold', 'call_key'].map(
    (table) => `delete from ${table} where call_id in (${CALLS})`,
  ),
  `update call set erased = 1, quiet = 0, finished_at_ms = coalesce(finished_at_ms, @now) where call_id in (${CALLS})`,
  'delete from profile where person = person(@customer)',
  'delete from person_hold where person = person(@customer)',
  // Other calls' keys never lie under this one: a call that is wrapped by a person's key is a call of theirs.
  'delete from person_key where person = person(@customer)',
  'delete from call_person where person = person(@customer)',
  'insert into erased_person (person, at_ms) values (person(@customer), @now)',
];

export class Erasure {
  readonly #connection: AnchoredConnection;
  readonly #isErased: Statement<[string], unknown>;
  readonly #isErasedCall: Statement<[string], unknown>;
  readonly #isErasedDecision: Statement<[string], unknown>;
  readonly #unsent: Statement<[string], { readonly seq: number; readonly kind: string; readonly body: string }>;
  readonly #sendInstead: Statement<[string, number], unknown>;
  readonly #events: Statement<[string], { readonly events: number }>;
  readonly #goes: readonly Statement<OfPerson, unknown>[];
  readonly #forgetKeys: Statement<[], unknown>;

  constructor(connection: AnchoredConnection) {
    this.#connection = connection;
    const db = connection.statements;
    this.#isErased = db.prepare('select 1 from erased_person where person = person(?)');
    this.#isErasedCall = db.prepare('select 1 from call where call_id = ? and erased = 1');
    this.#isErasedDecision = db.prepare('select 1 from ledger join call using (call_id) where id = ? and erased = 1');
    this.#unsent = db.prepare(`
      select seq, kind, unseal(secret, ledger_body.body) as body
      from call_person join ledger using (call_id) join outbox using (pos) join ledger_body using (pos) join call_secret using (call_id)
      where person = person(?)`);
    this.#sendInstead = db.prepare('update outbox set body = ? where seq = ?');
    this.#events = db.prepare(`
      select count(*) as events from call_person join call using (call_id) join call_event using (call_id)
      where person = person(?) and finished_at_ms is null`);
    this.#goes = GOES.map((sql) => db.prepare(sql));
    this.#forgetKeys = db.prepare('select forget_keys()');
  }

  isErased(what: { readonly customerId: string } | { readonly callId: string } | { readonly decisionId: string }): boolean {
    if ('customerId' in what) return this.#isErased.get(what.customerId) !== undefined;
    if ('callId' in what) return this.#isErasedCall.get(what.callId) !== undefined;
    return this.#isErasedDecision.get(what.decisionId) !== undefined;
  }

  /** One transaction a person; who is erased already stays so. Goes on when the disk is full. */
  erase(customerIds: readonly string[], nowMs: number): Written {
    for (const customer of customerIds) {
      if (this.isErased({ customerId: customer })) continue;
      const events = Math.max(0, this.#connection.known.events - (this.#events.get(customer)?.events ?? 0));
      const written = this.#connection.dropGates([profileRow(customer)], () => this.#erase(customer, nowMs), { events });
      if (!written.ok) return written;
      this.#forgetKeys.get();
    }
    return { ok: true };
  }

  #erase(customer: string, nowMs: number): void {
    for (const { seq, kind, body } of this.#unsent.all(customer))
      if (OutboxItem.shape.kind.parse(kind) === 'outcome') this.#sendInstead.run(withoutPerson(body), seq);
    for (const statement of this.#goes) statement.run({ customer, now: nowMs });
  }
}

/** Canonical JSON stays so: members are set and left out, and none changes its place. */
export function withoutPerson(outcomeJson: string): string {
  const { note: _, ...outcome } = parseStored('outcome', outcomeJson) as Readonly<Record<string, unknown>>;
  return JSON.stringify({ ...outcome, customerId: null });
}
