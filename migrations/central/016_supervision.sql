-- Old nodes go on meanwhile. Supervision: where desks are connected and what they show, alerts, words to an agent in a call, and who read along.

-- What is true for the moment only, and is said again by whoever is connected: not worth a log, and empty after a crash.
create unlogged table live_nodes (
  node text primary key,
  -- By the database's clock.
  seen_at_ms bigint not null
);
create unlogged table desk_seats (
  agent_id text not null,
  device_id text not null,
  node text not null,
  -- By the database's clock. Null: connected, as long as the node lives.
  left_at_ms bigint,
  primary key (agent_id, device_id)
);
create unlogged table desk_states (
  call_id text primary key,
  agent_id text not null,
  state jsonb not null,
  at_ms bigint not null
);

create table alert_rules (
  rule_id text primary key default gen_random_uuid()::text,
  name text not null,
  -- Null: the organisation's.
  team_id text references teams,
  kind text not null check (kind in ('call-longer', 'must-unanswered', 'approval-waiting', 'desk-offline', 'topic')),
  severity text not null check (severity in ('urgent', 'attention')),
  after_s integer check (after_s between 0 and 86400),
  topic text,
  made_by text not null references people,
  made_at_ms bigint not null,
  ended_by text references people,
  ended_at_ms bigint,
  check ((kind = 'topic') = (topic is not null)),
  check ((kind = 'topic') = (after_s is null)),
  check ((ended_by is null) = (ended_at_ms is null))
);
create index alert_rules_in_force on alert_rules (rule_id) where ended_at_ms is null;

create table coaching_notes (
  note_id text primary key default gen_random_uuid()::text,
  call_id text not null,
  agent_id text not null,
  author text not null references people,
  -- Null: erased, or past its time.
  text text,
  at_ms bigint not null,
  -- When the desk said that it is on the screen.
  shown_at_ms bigint
);
create index coaching_notes_of_call on coaching_notes (call_id, at_ms);
create index coaching_notes_to_show on coaching_notes (agent_id) where shown_at_ms is null;

create table transcript_reads (
  read_id text primary key default gen_random_uuid()::text,
  call_id text not null,
  agent_id text not null,
  reader text not null references people,
  from_ms bigint not null,
  -- Moved on while it goes on.
  until_ms bigint not null,
  shown_at_ms bigint,
  check (until_ms >= from_ms)
);
create index transcript_reads_of_call on transcript_reads (call_id, until_ms);
create index transcript_reads_by_end on transcript_reads (until_ms);

-- Who said what, and who read when, stays as it was; only the words may go.
create function keep_coaching() returns trigger language plpgsql as $$
begin
  if (new.note_id, new.call_id, new.agent_id, new.author, new.at_ms) is distinct from (old.note_id, old.call_id, old.agent_id, old.author, old.at_ms)
    or new.text is not null and new.text is distinct from old.text
    or old.shown_at_ms is not null and new.shown_at_ms is distinct from old.shown_at_ms then
    raise exception 'what was said to an agent stays as it was said' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger coaching_kept before update on coaching_notes for each row execute function keep_coaching();
create function keep_reading() returns trigger language plpgsql as $$
begin
  if (new.read_id, new.call_id, new.agent_id, new.reader, new.from_ms) is distinct from (old.read_id, old.call_id, old.agent_id, old.reader, old.from_ms)
    or new.until_ms < old.until_ms
    or old.shown_at_ms is not null and new.shown_at_ms is distinct from old.shown_at_ms then
    raise exception 'who read along, and when, stays as it was' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger reading_kept before update on transcript_reads for each row execute function keep_reading();
