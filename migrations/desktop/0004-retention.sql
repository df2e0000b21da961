-- Nothing is kept longer than its kind is: engine/contract/retention.ts says how long that is.

-- Calls somebody still needs, and until when: nothing of them goes before.
create table legal_hold (
  call_id text primary key,
  until_ms integer not null
) strict, without rowid;

-- When central last knew a profile to be so; in its body too, which may be sealed. One that does not say is past its time.
alter table profile add column as_of_ms integer not null default 0;
update profile set as_of_ms = coalesce(cast(json_extract(body, '$.asOfMs') as integer), 0) where json_valid(body);
