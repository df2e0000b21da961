-- One log of how far each desk's ledger had come, and heads over it for witnesses outside. Never changed, never deleted, whoever asks.

create table central_heads (
  seq bigint primary key check (seq > 0),
  -- The hash of the head before; 64 zeros before the first.
  before text not null,
  at_ms bigint not null,
  -- The last standing it covers and the log's chain there; 0 and 64 zeros where there is none yet.
  n bigint not null check (n >= 0),
  chain text not null,
  hash text not null unique,
  key_id text not null,
  -- Ed25519, base64.
  signature text not null
);

-- A ledger that had grown since the head before, or is new. Of one head they are ordered by device and epoch.
create table ledger_standings (
  n bigint primary key check (n > 0),
  device_id text not null,
  epoch text not null,
  entries bigint not null check (entries >= 0),
  hash text not null,
  chain text not null
);
create index ledger_standings_of_ledger on ledger_standings (device_id, epoch, n desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed or deleted', tg_table_name;
end $$;
create trigger central_heads_stay before update or delete or truncate on central_heads for each statement execute function refuse_change();
create trigger ledger_standings_stay before update or delete or truncate on ledger_standings for each statement execute function refuse_change();
create trigger ledger_heads_stay before update or delete or truncate on ledger_heads for each statement execute function refuse_change();
