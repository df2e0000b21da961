-- Old nodes go on meanwhile: they raise nothing. Alerts as they were raised on calls, from when to when.

create table raised_alerts (
  raised_id text primary key default gen_random_uuid()::text,
  rule_id text not null references alert_rules,
  call_id text not null,
  agent_id text not null,
  -- Since when it was so, and when it was seen.
  since_ms bigint not null,
  raised_at_ms bigint not null,
  ended_at_ms bigint,
  -- Its place in the log of what began and what is over.
  tx xid8 not null default pg_current_xact_id(),
  pos bigserial,
  check (ended_at_ms >= raised_at_ms)
);
-- Raised once, however many nodes look.
create unique index raised_alerts_going on raised_alerts (call_id, rule_id) where ended_at_ms is null;
create index raised_alerts_log on raised_alerts (tx, pos);
create index raised_alerts_by_time on raised_alerts (raised_at_ms);
