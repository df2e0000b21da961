-- People apart from their accounts: somebody with two accounts is one person, and cannot stand for two. An agent is the name that
-- telephony has for a person at a desk; what anybody may do is in person_roles, and is read there each time.

create table people (
  person_id text primary key default gen_random_uuid()::text,
  name text not null,
  level text not null default 'standard' check (level in ('guided', 'standard', 'minimal')),
  language text not null default 'en',
  active boolean not null default true
);
insert into people (person_id, name, level, language, active) select person_id, name, level, language, active from agents;

-- Who an identity provider's account belongs to. `subject` is the provider's own, never an address that somebody else may get later.
create table accounts (
  issuer text not null,
  subject text not null,
  person_id text not null references people on delete cascade,
  primary key (issuer, subject)
);
create index accounts_of_person on accounts (person_id);
insert into accounts (issuer, subject, person_id) select 'urn:sotto:development', agent_id, person_id from agents;

create table person_roles (
  person_id text not null references people on delete cascade,
  role text not null check (role in ('agent', 'supervisor', 'approver', 'council', 'huddle', 'analyst', 'privacy', 'operator')),
  granted_at_ms bigint not null,
  -- Null: with the organisation's own list, or by whoever set central up.
  granted_by text references people,
  primary key (person_id, role),
  -- Nobody gives themselves a role.
  check (granted_by <> person_id)
);
create index person_roles_of_role on person_roles (role);
insert into person_roles (person_id, role, granted_at_ms)
  select person_id, role, 0 from agents, unnest(roles) as role where role in ('agent', 'supervisor', 'analyst');

create table teams (
  team_id text primary key,
  name text not null
);

-- Agents work in a team; supervisors and approvers see what is of theirs.
create table team_members (
  team_id text not null references teams on delete cascade,
  person_id text not null references people on delete cascade,
  primary key (team_id, person_id)
);
create index team_members_of_person on team_members (person_id);

alter table desk_secrets drop constraint desk_secrets_person_id_fkey;
alter table agents
  drop column name,
  drop column level,
  drop column language,
  drop column roles,
  drop column active,
  alter column person_id drop default,
  add foreign key (person_id) references people on delete cascade;
alter table desk_secrets add foreign key (person_id) references people on delete cascade;

-- Where the token of a program comes from, when it is not the development issuer's.
alter table integrations
  add column issuer text,
  add column subject text,
  add check ((issuer is null) = (subject is null)),
  add unique (issuer, subject);

-- Who enrolled a computer; null: the development issuer.
alter table devices add column enrolled_by text references people;

-- Grows with every change that may take something away from somebody, whoever makes it and however: nodes look at this one row and
-- then ask anew for everybody who is connected.
create table access_version (
  only_row boolean primary key default true check (only_row),
  version bigint not null
);
insert into access_version (version) values (1);
create function note_access_change() returns trigger language plpgsql as $$
begin
  update access_version set version = version + 1;
  return null;
end $$;
create trigger people_changed after update or delete on people for each statement execute function note_access_change();
create trigger accounts_changed after update or delete on accounts for each statement execute function note_access_change();
create trigger person_roles_changed after update or delete on person_roles for each statement execute function note_access_change();
create trigger team_members_changed after insert or update or delete on team_members for each statement execute function note_access_change();
create trigger agents_changed after update or delete on agents for each statement execute function note_access_change();
create trigger integrations_changed after update or delete on integrations for each statement execute function note_access_change();
create trigger devices_changed after update or delete on devices for each statement execute function note_access_change();

-- Challenges that a device has answered: each is good once, at whichever node. Old ones are deleted.
create table spent_challenges (
  challenge text primary key,
  until_ms bigint not null
);
