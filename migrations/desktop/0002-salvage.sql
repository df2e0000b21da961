-- What became of a database that was damaged or behind what was known of it, newest last. For the agent to read.
create table salvage (
  -- The folder that was set aside; of an older copy, the epoch that began.
  name text primary key,
  what text not null check (what in ('damaged', 'older-copy')),
  at_ms integer not null,
  -- Unsent entries that go on.
  saved integer not null,
  -- Unsent entries that could not be read, at most.
  lost integer not null
) strict, without rowid;
