-- What is personal is sealed under keys that can be destroyed; engine/adapters/sqlite/vault.ts has the functions.

-- One key a person, of whom only a keyed hash is told. Wrapped by the store's key.
create table person_key (
  person text primary key,
  wrapped blob not null check (length(wrapped) = 60)
) strict, without rowid;

-- One key a call: wrapped by the store's key while the caller is unknown, then by the key of the person it is.
create table call_key (
  call_id text primary key references call,
  person text references person_key,
  wrapped blob not null check (length(wrapped) = 60)
) strict, without rowid;
create index call_key_of_person on call_key (person) where person is not null;

-- Everybody a call was ever taken to be with: a call that is found to be another person's was with both.
create table call_person (
  call_id text not null references call,
  person text not null,
  primary key (call_id, person)
) strict, without rowid;
create index call_of_person on call_person (person);

-- What opens what was sealed of a call: its key, behind the key it is wrapped by. Null once one of them is destroyed.
create view call_secret as
  select call_id, case when call_key.person is null then call_key.wrapped else cast(person_key.wrapped || call_key.wrapped as blob) end as secret
  from call left join call_key using (call_id) left join person_key using (person);

insert into call_person (call_id, person)
  select call_id, person(customer_id) from outcome where customer_id is not null
  union
  select call_id, person(json_extract(body, '$.data.customerId')) from call_event
  where json_valid(body) and json_extract(body, '$.type') in ('sotto.call.offered', 'sotto.call.identified')
    and json_extract(body, '$.data.customerId') is not null;
insert into person_key (person, wrapped)
  select person, new_key(null) from (select person from call_person union select person(customer_id) from profile);
insert into call_key (call_id, person, wrapped)
  select call_id, person, new_key(wrapped)
  from (select call_id, (select max(person) from call_person where call_person.call_id = call.call_id) as person from call)
  left join person_key using (person);

create table sealed_event (
  call_id text not null references call,
  seq integer not null check (seq >= 1),
  event_id text not null,
  body blob not null,
  primary key (call_id, seq)
) strict, without rowid;
insert into sealed_event select call_id, seq, event_id, seal(secret, body) from call_event join call_secret using (call_id);
drop table call_event;
alter table sealed_event rename to call_event;

create table sealed_body (
  pos integer primary key references ledger,
  -- In hexadecimal before it was sealed: 32 random bytes, or none.
  salt blob not null,
  body blob not null
) strict;
insert into sealed_body select pos, seal(secret, lower(hex(salt))), seal(secret, body)
  from ledger_body join ledger using (pos) join call_secret using (call_id);
drop table ledger_body;
alter table sealed_body rename to ledger_body;

create table sealed_outcome (
  id text primary key,
  call_id text not null references call,
  person text,
  at_ms integer not null,
  body blob not null
) strict, without rowid;
insert into sealed_outcome select id, call_id, person(customer_id), at_ms, seal(secret, body) from outcome join call_secret using (call_id);
drop table outcome;
alter table sealed_outcome rename to outcome;
create index outcome_of_call on outcome (call_id);
create index outcome_of_person on outcome (person, at_ms) where person is not null;

create table sealed_display (
  decision_id text not null references ledger (id),
  action_id text not null,
  call_id text not null references call,
  body blob not null,
  primary key (decision_id, action_id)
) strict, without rowid;
insert into sealed_display select decision_id, action_id, call_id, seal(secret, body) from display join call_secret using (call_id);
drop table display;
alter table sealed_display rename to display;
create index display_of_call on display (call_id);

create table sealed_profile (
  person text primary key references person_key,
  version integer not null,
  as_of_ms integer not null,
  customer_id blob not null,
  body blob not null
) strict, without rowid;
insert into sealed_profile select person, version, as_of_ms, seal(wrapped, customer_id), seal(wrapped, body)
  from profile join person_key on person = person(customer_id);
drop table profile;
alter table sealed_profile rename to profile;
