-- What central had learnt from answers, as it came. Of former bases the manifest stays, because records name it.
create table learnt (
  hash text primary key,
  -- Logical clock at the last own answer that is in it.
  covers integer not null,
  installed_at_ms integer not null,
  manifest text not null,
  signed text,
  -- Of the last few.
  state text
) strict, without rowid;

create index ledger_outcomes on ledger (clock) where kind = 'outcome';
