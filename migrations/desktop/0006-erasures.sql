-- Persons that were erased, by keyed hash: nothing of them is taken again, whatever comes later.
create table erased_person (
  person text primary key,
  at_ms integer not null
) strict, without rowid;

-- Of a call with an erased person only this is left, and its entries in the chain.
alter table call add column erased integer not null default 0 check (erased in (0, 1));

-- What is sent in the place of an entry whose person was erased.
alter table outbox add column body text;

-- Customers of whom nothing goes by its age, and until when.
create table person_hold (
  person text primary key,
  until_ms integer not null
) strict, without rowid;
