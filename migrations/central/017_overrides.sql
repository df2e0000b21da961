-- What agents did instead of what they were shown reaches a review: every override, and every Should or Must they rejected, with the record
-- of the decision as it was. What was seen stays as it was seen, and what was said of it stays said; who raised it does not judge it.
--
--   outcomes ◄─ override_cases ◄─ override_verdicts
--                     ▲
--     override_items ─┴ override_item_cases ─► override_notices (to whoever raised it)

create table override_cases (
  outcome_id text primary key references outcomes on delete cascade,
  kind text not null check (kind in ('overridden', 'rejected')),
  -- Null: the action is in no revision that is known here.
  urgency text check (urgency in ('must', 'should', 'could')),
  decision_id text not null,
  call_id text not null,
  customer_id text,
  agent_id text not null,
  -- Whose it is; null: nobody is known by the agent's name.
  person_id text references people,
  action_id text not null,
  chosen_action_id text,
  reason text,
  policy text,
  -- The decision's record as it came; null: it never came, was erased, or is past its time.
  record text,
  record_hash text,
  seen_at_ms bigint,
  at_ms bigint not null,
  received_at_ms bigint not null,
  check (record is null or (record_hash is not null and hash_of(record) = record_hash))
);
create index override_cases_by_time on override_cases (received_at_ms);
create index override_cases_of_group on override_cases (action_id, kind, reason);
create index override_cases_of_customer on override_cases (customer_id) where customer_id is not null;
create index override_cases_of_call on override_cases (call_id);
-- Figures ask for a stretch of time; outcomes come in its order.
create index outcomes_by_time on outcomes using brin (received_at_ms);

create function refuse_review(words text) returns void language plpgsql as $$
begin
  raise exception '%', words using errcode = 'check_violation';
end $$;

create function keep_case() returns trigger language plpgsql as $$
begin
  if (new.outcome_id, new.kind, new.urgency, new.decision_id, new.call_id, new.agent_id, new.person_id, new.action_id, new.chosen_action_id, new.reason,
      new.policy, new.record_hash, new.seen_at_ms, new.at_ms, new.received_at_ms)
    is distinct from (old.outcome_id, old.kind, old.urgency, old.decision_id, old.call_id, old.agent_id, old.person_id, old.action_id,
      old.chosen_action_id, old.reason, old.policy, old.record_hash, old.seen_at_ms, old.at_ms, old.received_at_ms)
    or new.record is distinct from old.record and new.record is not null
    or new.customer_id is distinct from old.customer_id and new.customer_id is not null then
    perform refuse_review('what the agent saw stays as it was');
  end if;
  return new;
end $$;
create trigger override_cases_kept before update on override_cases for each row execute function keep_case();
create function keep_case_there() returns trigger language plpgsql as $$
begin
  if exists (select from outcomes where id = old.outcome_id) then perform refuse_review('what the agent saw stays as it was'); end if;
  return old;
end $$;
create trigger override_cases_stay before delete on override_cases for each row execute function keep_case_there();

create table override_verdicts (
  outcome_id text not null references override_cases on delete cascade,
  reviewer text not null references people,
  verdict text not null check (verdict in ('agent-right', 'system-right', 'unclear')),
  -- Null: none was given, or it went with the customer.
  note text check (length(note) between 1 and 500),
  at_ms bigint not null,
  primary key (outcome_id, reviewer)
);

create function check_override_verdict() returns trigger language plpgsql as $$
declare seen override_cases;
begin
  select * into seen from override_cases where outcome_id = new.outcome_id for update;
  new.at_ms := central_now(new.at_ms);
  if new.reviewer = seen.person_id or not may_decide(new.reviewer, seen.person_id, array['supervisor', 'council']) then
    perform refuse_review('this person may not judge it');
  end if;
  if (select count(*) from override_verdicts v where v.outcome_id = new.outcome_id) >= 2 then
    perform refuse_review('two have judged it');
  end if;
  return new;
end $$;
create trigger override_verdict_checked before insert on override_verdicts for each row execute function check_override_verdict();
create function keep_override_verdict() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if exists (select from override_cases where outcome_id = old.outcome_id) then perform refuse_review('what was said of a case stays'); end if;
    return old;
  end if;
  if (new.outcome_id, new.reviewer, new.verdict, new.at_ms) is distinct from (old.outcome_id, old.reviewer, old.verdict, old.at_ms)
    or new.note is not null and new.note is distinct from old.note then
    perform refuse_review('what was said of a case stays');
  end if;
  return new;
end $$;
create trigger override_verdicts_kept before update or delete on override_verdicts for each row execute function keep_override_verdict();

-- Many of one kind are somebody's to look into.
create table override_items (
  item_id text primary key default gen_random_uuid()::text,
  action_id text not null,
  outcome_kind text not null check (outcome_kind in ('overridden', 'rejected')),
  reason text,
  fault text not null check (fault in ('policy', 'data', 'training')),
  owner text references people,
  state text not null default 'open' check (state in ('open', 'working', 'changed', 'left')),
  -- What those who raised it are told.
  words text check (length(words) between 10 and 1000),
  opened_at_ms bigint not null,
  changed_at_ms bigint not null,
  -- Null: central, when it opened it.
  changed_by text references people,
  ended_at_ms bigint,
  check ((ended_at_ms is null) = (state in ('open', 'working'))),
  check (state = 'open' or owner is not null),
  check (ended_at_ms is null or (words is not null and changed_by is not null))
);
create unique index override_items_open on override_items (action_id, outcome_kind, coalesce(reason, '')) where ended_at_ms is null;

create table override_item_cases (
  outcome_id text primary key references override_cases on delete cascade,
  item_id text not null references override_items
);
create index override_item_cases_of_item on override_item_cases (item_id);

create table override_item_events (
  pos bigint generated always as identity primary key,
  item_id text not null references override_items,
  state text not null,
  fault text not null,
  owner text,
  by text,
  at_ms bigint not null
);
create index override_item_events_of_item on override_item_events (item_id);

create table override_notices (
  item_id text not null references override_items,
  person_id text not null references people,
  at_ms bigint not null,
  seen_at_ms bigint,
  primary key (item_id, person_id)
);
create index override_notices_of_person on override_notices (person_id);

create function check_override_item() returns trigger language plpgsql as $$
begin
  if (new.item_id, new.action_id, new.outcome_kind, new.reason, new.opened_at_ms)
    is distinct from (old.item_id, old.action_id, old.outcome_kind, old.reason, old.opened_at_ms) then
    perform refuse_review('an item stays what it is about');
  end if;
  if old.ended_at_ms is not null then perform refuse_review('it is over'); end if;
  if new.owner is distinct from old.owner and new.owner is not null and not exists (
    select from people p join person_roles r using (person_id)
    where p.person_id = new.owner and p.active and r.role in ('supervisor', 'council', 'huddle', 'analyst', 'operator')) then
    perform refuse_review('this person cannot own it');
  end if;
  return new;
end $$;
create trigger override_item_checked before update on override_items for each row execute function check_override_item();
create function note_override_item() returns trigger language plpgsql as $$
begin
  insert into override_item_events (item_id, state, fault, owner, by, at_ms)
    values (new.item_id, new.state, new.fault, new.owner, new.changed_by, new.changed_at_ms);
  -- Whoever raised it sees what came of it.
  if new.ended_at_ms is not null then
    insert into override_notices (item_id, person_id, at_ms)
      select distinct new.item_id, c.person_id, new.ended_at_ms from override_item_cases i join override_cases c using (outcome_id)
      where i.item_id = new.item_id and c.person_id is not null;
  end if;
  return null;
end $$;
create trigger override_item_noted after insert or update on override_items for each row execute function note_override_item();
create function join_override_item() returns trigger language plpgsql as $$
begin
  if exists (select from override_items where item_id = new.item_id and ended_at_ms is not null) then perform refuse_review('it is over'); end if;
  return new;
end $$;
create trigger override_item_joined before insert on override_item_cases for each row execute function join_override_item();

-- Who looked at the figures of one agent, and why; written before they are read.
create table coaching_looks (
  pos bigint generated always as identity primary key,
  looked_by text not null references people,
  agent_id text not null,
  reason text not null check (length(reason) between 3 and 500),
  since_ms bigint not null,
  at_ms bigint not null
);
create index coaching_looks_of_agent on coaching_looks (agent_id, pos);
create function keep_review_log() returns trigger language plpgsql as $$
begin
  perform refuse_review('what was written down stays');
  return null;
end $$;
create trigger coaching_looks_stay before update or delete on coaching_looks for each row execute function keep_review_log();
create trigger override_item_events_stay before update or delete on override_item_events for each row execute function keep_review_log();
create trigger override_items_stay before delete on override_items for each row execute function keep_review_log();
