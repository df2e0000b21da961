-- Hot desks: the devices that may speak, and what each person needs to open their own store at each of them.

create table devices (
  -- Made from the key: a key has one name.
  device_id text primary key,
  -- Ed25519, SPKI in DER, base64.
  public_key text not null unique,
  enrolled_at_ms bigint not null,
  -- Null: it may speak. A revoked device stays, so that its key is never taken again.
  revoked_at_ms bigint
);

-- The person behind an agent's name: the name may change, the person does not.
alter table agents add column person_id text not null unique default gen_random_uuid()::text;

-- Without it the key of the person's store at that device cannot be unwrapped.
create table desk_secrets (
  person_id text not null references agents (person_id) on delete cascade,
  device_id text not null references devices,
  secret text not null,
  made_at_ms bigint not null,
  primary key (person_id, device_id)
);
