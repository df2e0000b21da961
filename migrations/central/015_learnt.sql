-- Old nodes go on meanwhile. What was learnt from the outcomes, as it was published. Manifests stay, because records name them; states of the last few.
create table learnt_models (
  hash text primary key,
  reward text not null check (reward in ('agent', 'customer')),
  version integer not null check (version > 0),
  manifest jsonb not null,
  -- Byte for byte what its hash is of.
  state text,
  signed jsonb not null,
  at_ms bigint not null,
  unique (reward, version)
);

-- The last answer of an agent at a desk, also of the kinds that take nothing of what is scarce.
create index outcomes_answered_at_desk on outcomes (device_id, agent_id, tx desc, clock desc)
  where kind in ('accepted', 'overridden', 'retracted', 'rejected', 'expired');
drop index outcomes_of_desk;
