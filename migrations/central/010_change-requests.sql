-- Changes of policy and models: proposed by one person, reviewed by another, published by a third. The tables hold that, whatever the
-- code does. What is taken out in an emergency is taken out by one person, with an end, and looked at by another the next day.

create table change_requests (
  request_id text primary key default gen_random_uuid()::text,
  kind text not null check (kind in ('revision', 'model')),
  -- `revision`, or the model's id.
  name text not null,
  hash text not null,
  version integer not null check (version > 0),
  -- What was current when it was proposed, and what its effect was told against; null: nothing was.
  base_hash text,
  tier text not null check (tier in ('council', 'huddle')),
  title text not null,
  reason text not null,
  author text not null references people,
  -- What it would have done to decisions that were taken. No revision that replaces another is without.
  blast jsonb,
  -- Situations with what is wanted of them, and what came of each.
  personas jsonb not null,
  -- Signatures that came with a model.
  signed jsonb,
  proposed_at_ms bigint not null,
  unique (request_id, author),
  check (kind <> 'revision' or base_hash is null or blast is not null)
);

create table change_reviews (
  request_id text not null,
  author text not null,
  reviewer text not null references people,
  verdict text not null check (verdict in ('approved', 'declined')),
  reason text not null,
  at_ms bigint not null,
  primary key (request_id, reviewer),
  unique (request_id, author, reviewer, verdict),
  foreign key (request_id, author) references change_requests (request_id, author),
  check (reviewer <> author)
);

alter table publications
  -- loaded: by whoever sets central up, the first of its name. reviewed: a change request. rollback: published before, again.
  add column origin text not null default 'loaded' check (origin in ('loaded', 'reviewed', 'rollback')),
  add column request_id text unique,
  add column author text,
  add column reviewer text,
  add column verdict text,
  add column publisher text references people,
  add column reason text,
  add foreign key (request_id, author, reviewer, verdict) references change_reviews (request_id, author, reviewer, verdict),
  add check (origin <> 'loaded' or publisher is null),
  add check (origin <> 'reviewed' or (
    request_id is not null and author is not null and reviewer is not null and publisher is not null and verdict is not null
    and verdict = 'approved' and publisher <> author and publisher <> reviewer)),
  add check (origin <> 'rollback' or (publisher is not null and reason is not null and request_id is null));

-- Once somebody's word is needed, it stays needed: from then on nothing is published by loading it.
create table installation (
  only_row boolean primary key default true check (only_row),
  production boolean not null default false
);
insert into installation default values;

create function check_publication() returns trigger language plpgsql as $$
begin
  if new.origin = 'loaded' and (select production from installation)
    and exists (select from publications where kind = new.kind and name = new.name) then
    raise exception 'in production % % is published by a change request', new.kind, new.name using errcode = 'check_violation';
  end if;
  if new.origin = 'rollback' and not exists (
    select from publications where kind = new.kind and name = new.name and hash = new.hash) then
    raise exception '% % was never published: there is nothing to go back to', new.kind, new.hash using errcode = 'check_violation';
  end if;
  if new.origin = 'reviewed' and not exists (
    select from change_requests where request_id = new.request_id and kind = new.kind and name = new.name and hash = new.hash) then
    raise exception 'change request % is about something else', new.request_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger publication_checked before insert on publications for each row execute function check_publication();

create table emergency_exclusions (
  exclusion_id text primary key default gen_random_uuid()::text,
  action_id text not null,
  reason text not null,
  excluded_by text not null references people,
  from_ms bigint not null,
  until_ms bigint not null,
  lifted_by text references people,
  lifted_at_ms bigint,
  review_due_ms bigint not null,
  reviewed_by text references people,
  verdict text check (verdict in ('right', 'wrong', 'unclear')),
  review_reason text,
  reviewed_at_ms bigint,
  check (until_ms > from_ms and until_ms <= from_ms + 31::bigint * 86400000),
  check (reviewed_by <> excluded_by),
  check ((lifted_by is null) = (lifted_at_ms is null)),
  check ((reviewed_by is null) = (reviewed_at_ms is null) and (reviewed_by is null) = (verdict is null))
);
create index emergency_exclusions_by_end on emergency_exclusions (until_ms) where lifted_at_ms is null;

-- Grows with everything that is published or excluded: what nodes look at to tell their desks.
create table published_version (
  only_row boolean primary key default true check (only_row),
  version bigint not null
);
insert into published_version (version) values (1);
create function note_publication() returns trigger language plpgsql as $$
begin
  update published_version set version = version + 1;
  return null;
end $$;
create trigger publications_changed after insert on publications for each statement execute function note_publication();
create trigger exclusions_changed after insert or update on emergency_exclusions for each statement execute function note_publication();
