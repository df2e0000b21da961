-- The device's own truth about one signed-in person's calls. Opened only through engine/adapters/sqlite.

-- One row: who this store is to central, and where its counters stand.
create table device (
  id integer primary key check (id = 1),
  -- Changes when the store was lost or rolled back; outbox numbers start again at 1 then.
  epoch text not null,
  last_seq integer not null,
  -- Logical clock: orders what this device did whatever the wall clock does.
  clock integer not null,
  -- Hash of the newest ledger entry; 64 zeros before the first.
  head text not null
) strict;

create table call (
  call_id text primary key,
  quiet integer not null default 0 check (quiet in (0, 1)),
  -- Ended and left behind: no longer loaded at start, its offset no longer asked for.
  finished_at_ms integer
) strict, without rowid;
create index call_unfinished on call (call_id) where finished_at_ms is null;

-- Journal: every event of a call that was taken, once, by its delivery number.
create table call_event (
  call_id text not null references call,
  seq integer not null check (seq >= 1),
  event_id text not null,
  body text not null,
  primary key (call_id, seq)
) strict, without rowid;

-- Append only. Every decision, repeat and outcome of this device, chained:
-- hash = SHA-256 of previous hash, kind, id and SHA-256 of body, joined by line feeds.
create table ledger (
  pos integer primary key,
  kind text not null check (kind in ('decision', 'repeat', 'outcome')),
  id text not null unique,
  call_id text not null references call,
  clock integer not null,
  body_hash text not null,
  body text not null,
  hash text not null
) strict;
create index ledger_decisions on ledger (call_id, pos) where kind = 'decision';

-- What of the ledger central has not acknowledged yet.
create table outbox (
  seq integer primary key,
  pos integer not null unique references ledger
) strict;

-- What central will never take; the thing itself stays in the ledger.
create table dead_letter (
  pos integer primary key references ledger,
  seq integer not null,
  reason text not null,
  at_ms integer not null
) strict;

-- Outcomes by call and customer: this device's own and those other devices had before.
create table outcome (
  id text primary key,
  call_id text not null references call,
  customer_id text,
  at_ms integer not null,
  body text not null
) strict, without rowid;
create index outcome_of_call on outcome (call_id);
create index outcome_of_customer on outcome (customer_id, at_ms) where customer_id is not null;

-- The last decision of a call, to recognise a repeat of it after a restart too.
create table last_decision (
  call_id text primary key references call,
  decision_id text not null,
  fingerprint text not null
) strict, without rowid;

-- Cards as they were put on screen.
create table display (
  decision_id text not null references ledger (id),
  action_id text not null,
  call_id text not null references call,
  body text not null,
  primary key (decision_id, action_id)
) strict, without rowid;
create index display_of_call on display (call_id);

create table profile (
  customer_id text primary key,
  version integer not null,
  body text not null
) strict, without rowid;

-- Which customer's profile central sent for a call, and whether the former desk's answers were all in.
create table call_context (
  call_id text primary key references call,
  complete integer not null check (complete in (0, 1))
) strict, without rowid;

create table revision (
  hash text primary key,
  body text not null
) strict, without rowid;

create table model (
  hash text primary key,
  body text not null
) strict, without rowid;

create table setting (
  name text primary key,
  value text not null
) strict, without rowid;
