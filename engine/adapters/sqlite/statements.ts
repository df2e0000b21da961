/** Every statement of the store, prepared once per connection. What is personal goes in by `seal` and comes out by `unseal` (vault.ts). */
import type { Prepare } from './watched-statements.ts';

interface Body {
  readonly body: string;
}

// The shape is this function's; writing it out again would be the same list twice.
export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: Prepare) {
  return {
    addCall: db.prepare<[string]>('insert into call (call_id) values (?) on conflict do nothing'),
    /** Where there is a key already, none is made. */
    addCallKey: db.prepare<[string]>(
      'insert into call_key (call_id, wrapped) select call_id, new_key(null) from call_secret where call_id = ? and secret is null',
    ),
    addPersonKey: db.prepare<[string]>(`
      insert into person_key (person, wrapped) select person, new_key(null) from (select person(?) as person)
      where person not in (select person from person_key)`),
    addCallPerson: db.prepare<[string, string]>('insert into call_person (call_id, person) values (?, person(?)) on conflict do nothing'),
    /** From now on the call is read with the person's key. */
    rewrapCall: db.prepare<[string, string]>(`
      update call_key set person = person_key.person, wrapped = rewrap(secret, person_key.wrapped)
      from person_key, call_secret
      where person_key.person = person(?) and call_secret.call_id = call_key.call_id and call_key.call_id = ?`),
    call: db.prepare<[string], { quiet: number; finished_at_ms: number | null; complete: number | null }>(
      'select quiet, finished_at_ms, complete from call left join call_context using (call_id) where call_id = ?',
    ),
    /** Of a call that nothing is known of yet, the first event tells. */
    unfinished: db.prepare<[], { call_id: string }>(
      'select call_id from call where finished_at_ms is null and exists (select 1 from call_event where call_event.call_id = call.call_id)',
    ),
    finish: db.prepare<[number, string]>('update call set finished_at_ms = ? where call_id = ? and finished_at_ms is null'),
    open: db.prepare<[], { call_id: string }>('select call_id from call where finished_at_ms is null'),
    lastEvent: db.prepare<[string], Body>(
      'select unseal(secret, body) as body from call_event join call_secret using (call_id) where call_id = ? order by seq desc limit 1',
    ),
    lastOutcomeMs: db.prepare<[string], { at_ms: number | null }>('select max(at_ms) as at_ms from outcome where call_id = ?'),
    holdCall: db.prepare<[string, number]>(
      'insert into legal_hold (call_id, until_ms) values (?, ?) on conflict (call_id) do update set until_ms = excluded.until_ms',
    ),
    holdPerson: db.prepare<[string, number]>(
      'insert into person_hold (person, until_ms) values (person(?), ?) on conflict (person) do update set until_ms = excluded.until_ms',
    ),
    setQuiet: db.prepare<[number, string]>('update call set quiet = ? where call_id = ?'),
    setContext: db.prepare<[string, number]>(
      'insert into call_context (call_id, complete) values (?, ?) on conflict (call_id) do update set complete = excluded.complete',
    ),

    eventId: db.prepare<[string, number], { event_id: string }>('select event_id from call_event where call_id = ? and seq = ?'),
    addEvent: db.prepare<[number, string, string, string]>(
      'insert into call_event (call_id, seq, event_id, body) select call_id, ?, ?, seal(secret, ?) from call_secret where call_id = ?',
    ),
    eventCount: db.prepare<[string], { events: number }>('select count(*) as events from call_event where call_id = ?'),
    eventsOfCall: db.prepare<[string], Body & { seq: number }>(
      'select seq, unseal(secret, body) as body from call_event join call_secret using (call_id) where call_id = ? order by seq',
    ),
    /** The number before the first one missing: where a row's rank stops being its number. */
    offsets: db.prepare<[], { call_id: string; seq: number }>(`
      select call_id, coalesce(max(seq) filter (where seq = rank), 0) as seq
      from (
        select call_id, seq, row_number() over (partition by call_id order by seq) as rank
        from call_event join call using (call_id) where finished_at_ms is null
      )
      group by call_id order by call_id`),

    setLastDecision: db.prepare<[string, string, string]>(
      `insert into last_decision (call_id, decision_id, fingerprint) values (?, ?, ?)
       on conflict (call_id) do update set decision_id = excluded.decision_id, fingerprint = excluded.fingerprint`,
    ),
    lastDecision: db.prepare<[string], { decision_id: string; fingerprint: string }>(
      'select decision_id, fingerprint from last_decision where call_id = ?',
    ),
    record: db.prepare<[string], Body>(`
      select unseal(secret, body) as body from ledger join ledger_body using (pos) join call_secret using (call_id)
      where id = ? and kind = 'decision'`),
    addCard: db.prepare<[string, string, string, string]>(
      'insert into display (decision_id, action_id, call_id, body) select ?, ?, call_id, seal(secret, ?) from call_secret where call_id = ?',
    ),
    cardsOfCall: db.prepare<[string], Body>(
      'select unseal(secret, body) as body from display join call_secret using (call_id) where call_id = ?',
    ),

    addOutcome: db.prepare<[string, string | null, number, string, string]>(`
      insert into outcome (id, call_id, person, at_ms, body) select ?, call_id, person(?), ?, seal(secret, ?)
      from call_secret where call_id = ? on conflict do nothing`),
    outcomesOfCall: db.prepare<[string], Body>(
      'select unseal(secret, body) as body from outcome join call_secret using (call_id) where call_id = ?',
    ),
    outcomesOfCustomer: db.prepare<[string, string, number], Body>(`
      select unseal(secret, outcome.body) as body from outcome join call_secret using (call_id)
      where person = person(?) and call_id <> ?
        and (at_ms > ? or exists (select 1 from ledger join outbox using (pos) where ledger.id = outcome.id))
      order by at_ms, id`),

    epoch: db.prepare<[], { epoch: string }>('select epoch from device'),
    oldestUnsent: db.prepare<[number], Body & { seq: number; kind: 'decision' | 'repeat' | 'outcome'; id: string }>(
      `select seq, kind, id, coalesce(outbox.body, unseal(secret, ledger_body.body)) as body
       from outbox join ledger using (pos) left join ledger_body using (pos) left join call_secret using (call_id) order by seq limit ?`,
    ),
    settle: db.prepare<[number]>('delete from outbox where seq = ?'),
    addDeadLetter: db.prepare<[string, number, number]>(
      // What went without its person may be refused because it once went with them: central's own stays.
      'insert into dead_letter (pos, seq, reason, at_ms) select pos, seq, ?, ? from outbox where seq = ? and body is null',
    ),
    counts: db.prepare<[], { unsent: number; refused: number; ledger: number }>(
      'select (select count(*) from outbox) as unsent, (select count(*) from dead_letter) as refused, (select coalesce(max(pos), 0) from ledger) as ledger',
    ),

    profile: db.prepare<[string], Body>(
      'select unseal(wrapped, body) as body from profile join person_key using (person) where person = person(?)',
    ),
    saveProfile: db.prepare<[number, number, string, string, string]>(`
      insert into profile (person, version, as_of_ms, customer_id, body)
      select person, ?, ?, seal(wrapped, ?), seal(wrapped, ?) from person_key where person = person(?)
      on conflict (person) do update set version = excluded.version, as_of_ms = excluded.as_of_ms, body = excluded.body`),
    revision: db.prepare<[string], Body>('select body from revision where hash = ?'),
    saveRevision: db.prepare<[string, string]>(
      'insert into revision (hash, body) values (?, ?) on conflict do update set body = excluded.body',
    ),
    dropRevisions: db.prepare<[string]>('delete from revision where hash not in (select value from json_each(?))'),
    model: db.prepare<[string], Body>('select body from model where hash = ?'),
    saveModel: db.prepare<[string, string]>('insert into model (hash, body) values (?, ?) on conflict do update set body = excluded.body'),
    dropModels: db.prepare<[string]>('delete from model where hash not in (select value from json_each(?))'),
    setting: db.prepare<[string], { value: string }>('select value from setting where name = ?'),
    saveSetting: db.prepare<[string, string]>(
      'insert into setting (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
    ),
  };
}
