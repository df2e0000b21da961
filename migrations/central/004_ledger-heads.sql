-- Where the ledger of each desk stood, as central countersigned it. Never changed and never deleted: what a ledger is held against later.

create table ledger_heads (
  device_id text not null,
  -- Of the store the ledger is in; another store, or an older copy of one, begins another.
  epoch text not null,
  entries bigint not null check (entries >= 0),
  hash text not null,
  at_ms bigint not null,
  key_id text not null,
  -- Ed25519, base64.
  signature text not null,
  primary key (device_id, epoch, entries)
);
