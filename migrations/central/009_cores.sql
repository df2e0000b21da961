-- Every core that ever decided, by its hash: a record is decided again with the one it names. Never changed, never deleted, whoever asks.

create table cores (
  hash text primary key,
  source bytea not null,
  kept_at_ms bigint not null
);
create trigger cores_stay before update or delete or truncate on cores for each statement execute function refuse_change();
