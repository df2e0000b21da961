-- What grows with every call is divided by when it was received: what is past its time goes with its part, at once. Parts are made by
-- the running nodes (central/store/partitions.ts); what no part is for goes into the default one. Ids are known for good in tables of
-- their own: an answer that comes again after its record is gone is still the same answer.

create table item_ids (
  kind text not null check (kind in ('decision', 'repeat', 'outcome')),
  id text not null,
  hash text not null,
  primary key (kind, id)
);
insert into item_ids (kind, id, hash)
  select 'decision', id, hash from decisions
  union all select 'repeat', id, hash from decision_repeats
  union all select 'outcome', id, hash from outcomes;

create table event_ids (
  source text not null,
  event_id text not null,
  primary key (source, event_id)
);
insert into event_ids (source, event_id) select source, event_id from call_events;

create sequence decisions_in_order as bigint;
select setval('decisions_in_order', (select coalesce(max(pos), 0) + 1 from decisions), false);
alter table decisions rename to decisions_before;
create table decisions (
  id text not null,
  hash text not null,
  device_id text not null,
  agent_id text not null,
  call_id text not null,
  customer_id text,
  at_ms bigint not null,
  policy text not null,
  body text not null,
  received_at_ms bigint not null,
  tx xid8 not null default pg_current_xact_id(),
  pos bigint not null default nextval('decisions_in_order')
) partition by range (received_at_ms);
create table decisions_default partition of decisions default;
insert into decisions (id, hash, device_id, agent_id, call_id, customer_id, at_ms, policy, body, received_at_ms, tx, pos)
  select id, hash, device_id, agent_id, call_id, customer_id, at_ms, policy, body, received_at_ms, tx, pos from decisions_before;
drop table decisions_before;
create index decisions_by_id on decisions (id);
create index decisions_by_time on decisions (at_ms);
create index decisions_of_call on decisions (call_id);
create index decisions_of_customer on decisions (customer_id) where customer_id is not null;

alter table decision_repeats rename to decision_repeats_before;
create table decision_repeats (
  id text not null,
  hash text not null,
  device_id text not null,
  decision_id text not null,
  call_id text not null,
  at_ms bigint not null,
  body text not null,
  received_at_ms bigint not null
) partition by range (received_at_ms);
create table decision_repeats_default partition of decision_repeats default;
insert into decision_repeats select * from decision_repeats_before;
drop table decision_repeats_before;
create index decision_repeats_of_decision on decision_repeats (decision_id);

alter table call_events rename to call_events_before;
create table call_events (
  source text not null,
  event_id text not null,
  call_id text not null,
  seq integer check (seq > 0),
  type text not null,
  at_ms bigint not null,
  received_at_ms bigint not null,
  body jsonb not null
) partition by range (received_at_ms);
create table call_events_default partition of call_events default;
insert into call_events select * from call_events_before;
drop table call_events_before;
create index call_events_of_call on call_events (call_id, seq);

-- Erasing and holding ask for a customer's calls.
create index calls_of_customer on calls (customer_id) where customer_id is not null;
