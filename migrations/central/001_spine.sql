-- Central's first schema: who may speak, customers, calls and their events, what devices sent, what was asked of the
-- system of record, and what is published. Times are milliseconds since 1970.

create table agents (
  agent_id text primary key,
  name text not null,
  level text not null check (level in ('guided', 'standard', 'minimal')),
  language text not null,
  roles text[] not null,
  active boolean not null default true
);

create table integrations (
  name text primary key,
  roles text[] not null,
  active boolean not null default true
);

-- What was loaded as a whole, by the hash of its content: an unchanged organisation is not loaded again.
create table loads (
  name text primary key,
  hash text not null
);

create table customers (
  customer_id text primary key,
  -- Grows with every change of the slice, whoever caused it.
  version integer not null check (version > 0),
  -- The number the CRM gave its last update.
  source_version integer not null,
  display_name text not null,
  language text not null,
  fields jsonb not null
);

create table consents (
  customer_id text not null,
  purpose text not null,
  granted boolean not null,
  at_ms bigint not null,
  primary key (customer_id, purpose)
);

-- What counts to contact limits: a projection of outcomes and of contacts made elsewhere.
create table interactions (
  id text primary key,
  customer_id text not null,
  -- Null: known from elsewhere. A desk counts what happens on its own call itself.
  call_id text,
  kind text not null,
  channel text not null,
  at_ms bigint not null,
  action_id text,
  retracted boolean not null default false
);
create index interactions_of_customer on interactions (customer_id, at_ms);

-- One row a call. Its lock orders everything that is stored for the call, on every node.
create table calls (
  call_id text primary key,
  agent_id text not null,
  customer_id text,
  identity text not null,
  phase text not null check (phase in ('offered', 'active', 'held', 'ended', 'wrap-up', 'closed')),
  last_seq integer not null default 0,
  capture_paused boolean not null default false,
  offered_at_ms bigint not null,
  ended_at_ms bigint,
  closed_at_ms bigint,
  -- By central's clock.
  changed_at_ms bigint not null
);
create index calls_of_agent on calls (agent_id, changed_at_ms);

create table call_events (
  source text not null,
  event_id text not null,
  call_id text not null,
  -- The delivery number. Null: only its effect on a customer was kept, because the call is unknown or another customer's.
  seq integer check (seq > 0),
  type text not null,
  at_ms bigint not null,
  received_at_ms bigint not null,
  -- Redacted before it came here.
  body jsonb not null,
  primary key (source, event_id),
  unique (call_id, seq)
);

-- The producers' own numbers seen on a call; what is missing below the highest is a gap.
create table producer_positions (
  call_id text not null references calls,
  source text not null,
  seen int8multirange not null,
  primary key (call_id, source)
);

create table device_positions (
  device_id text not null,
  epoch text not null,
  seen int8multirange not null,
  primary key (device_id, epoch)
);

create table decisions (
  id text primary key,
  hash text not null,
  device_id text not null,
  agent_id text not null,
  call_id text not null,
  customer_id text,
  at_ms bigint not null,
  policy text not null,
  -- Byte for byte what the device sent.
  body text not null,
  received_at_ms bigint not null,
  tx xid8 not null default pg_current_xact_id(),
  pos bigint generated always as identity
);
create index decisions_by_time on decisions (at_ms);
create index decisions_of_call on decisions (call_id);

create table decision_repeats (
  id text primary key,
  hash text not null,
  device_id text not null,
  decision_id text not null,
  call_id text not null,
  at_ms bigint not null,
  body text not null,
  received_at_ms bigint not null
);

create table outcomes (
  id text primary key,
  hash text not null,
  kind text not null,
  decision_id text not null,
  call_id text not null,
  customer_id text,
  agent_id text not null,
  device_id text not null,
  action_id text not null,
  at_ms bigint not null,
  clock bigint not null,
  retracts text,
  body jsonb not null,
  received_at_ms bigint not null,
  tx xid8 not null default pg_current_xact_id(),
  pos bigint generated always as identity
);
-- The feed's cursor: a reader goes by (tx, pos) below the oldest running transaction, and so skips nothing.
create unique index outcomes_feed on outcomes (tx, pos);
create index outcomes_of_call on outcomes (call_id);
create index outcomes_of_decision on outcomes (decision_id);
create index outcomes_retracting on outcomes (retracts) where retracts is not null;

-- What was refused for good. With reason 'conflict' it is the audit row of the attempt: `hash` is what came, `first_hash` what stays.
create table dead_letters (
  pos bigint generated always as identity primary key,
  device_id text not null,
  epoch text not null,
  seq bigint not null,
  item_id text not null,
  kind text not null,
  hash text not null,
  reason text not null,
  detail text not null,
  first_hash text,
  at_ms bigint not null,
  unique (device_id, epoch, seq, item_id, hash)
);

create table action_requests (
  -- The idempotency key downstream.
  outcome_id text primary key references outcomes,
  decision_id text not null,
  call_id text not null,
  customer_id text,
  agent_id text not null,
  action_id text not null,
  kind text not null,
  amount double precision,
  significant boolean not null,
  approval_id text,
  state text not null check (state in ('waiting', 'pending', 'requested', 'acted', 'failed', 'expired', 'cancelled')),
  attempts integer not null default 0,
  -- By the wall clock, unlike expires_at_ms: retries go on whatever a demonstration's clock does.
  next_attempt_at_ms bigint not null,
  expires_at_ms bigint not null,
  answered_at_ms bigint,
  detail text,
  -- Nothing significant leaves without an approval, whatever the code does.
  check (not significant or approval_id is not null or state in ('waiting', 'expired', 'cancelled'))
);
create index action_requests_due on action_requests (next_attempt_at_ms) where state in ('waiting', 'pending', 'requested');
create index action_requests_of_agent on action_requests (agent_id, answered_at_ms);

create table revisions (
  hash text primary key,
  name text not null,
  version integer not null,
  files jsonb not null,
  published_at_ms bigint not null
);

create table models (
  hash text primary key,
  model_id text not null,
  manifest jsonb not null,
  onnx bytea not null,
  published_at_ms bigint not null
);

-- What is current: the last row of each (kind, name).
create table publications (
  pos bigint generated always as identity primary key,
  kind text not null check (kind in ('revision', 'model')),
  name text not null,
  hash text not null,
  at_ms bigint not null
);

-- How many events and items were taken or refused, and why. Nodes add to it.
create table counts (
  name text primary key,
  count bigint not null
);
