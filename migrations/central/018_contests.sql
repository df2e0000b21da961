-- A customer contests a decision about them (GDPR Art. 22(3)): what was decided is frozen as it was, their words are taken, and a person
-- who neither decided nor approved it looks at it in time. Nothing that ran out was ever confirmed, and an answer changes nothing by itself.
--
--   decisions ─(frozen)─► contests ◄─ contest_answers
--                            ▲
--                     contest_events (written by the tables)

create table contests (
  contest_id text primary key default gen_random_uuid()::text,
  decision_id text not null,
  call_id text not null,
  -- Null, as record and words: erased.
  customer_id text,
  agent_id text not null,
  -- Whose call it was; null: nobody is known by the agent's name.
  agent_person text references people,
  policy text not null,
  record text,
  record_hash text not null,
  words text check (length(words) between 1 and 4000),
  taken_by text not null references people,
  -- Who looks at it, by level: [{role, withinMs}]; `roles` are those of the levels.
  levels jsonb not null,
  roles text[] not null check (cardinality(roles) between 1 and 4 and roles <@ array['supervisor', 'council', 'huddle']),
  level integer not null default 0,
  state text not null default 'received' check (state in ('received', 'assigned', 'escalated', 'answered', 'expired', 'withdrawn')),
  assignee text references people,
  received_at_ms bigint not null,
  deadline_at_ms bigint not null,
  expires_at_ms bigint not null,
  changed_at_ms bigint not null,
  ended_at_ms bigint,
  -- Of a withdrawal: who was told so; null: the customer was erased.
  withdrawn_by text references people,
  check (record is null or hash_of(record) = record_hash),
  check ((ended_at_ms is null) = (state in ('received', 'assigned', 'escalated'))),
  check (level >= 0 and level < cardinality(roles)),
  check (expires_at_ms > received_at_ms),
  check (words is not null or ended_at_ms is not null)
);
create unique index contests_open_of_decision on contests (decision_id) where ended_at_ms is null;
create index contests_of_decision on contests (decision_id);
create index contests_open on contests (deadline_at_ms) where ended_at_ms is null;
create index contests_of_customer on contests (customer_id) where customer_id is not null;

create table contest_answers (
  contest_id text primary key references contests on delete cascade,
  reviewer text not null references people,
  finding text not null check (finding in ('stands', 'set-aside')),
  -- Null: erased with the customer.
  reasons text check (length(reasons) between 10 and 4000),
  -- What is done about it, by whom that is for.
  remedy text check (length(remedy) between 10 and 2000),
  at_ms bigint not null
);

create table contest_events (
  pos bigint generated always as identity primary key,
  contest_id text not null references contests on delete cascade,
  state text not null,
  level integer not null,
  assignee text,
  at_ms bigint not null
);
create index contest_events_of_contest on contest_events (contest_id, pos);

-- Whether this person had a part in the decision: the agent, whoever answered or asked for what came of it, approved or declined that, broke
-- the glass for it, or answered when it was contested before.
create function took_part(who text, decision text) returns boolean language sql stable as $$
  select exists (select from decisions d join agents a using (agent_id) where d.id = decision and a.person_id = who)
    or exists (select from contests c where c.decision_id = decision and c.agent_person = who)
    or exists (select from outcomes o join agents a using (agent_id) where o.decision_id = decision and a.person_id = who)
    or exists (select from approval_requests q join outcomes o on o.id = q.outcome_id where o.decision_id = decision and (q.requester = who
      or exists (select from approval_verdicts v where v.approval_id = q.approval_id and v.approver = who)
      or exists (select from approval_breaks b where b.approval_id = q.approval_id and b.broken_by = who)))
    or exists (select from contest_answers r join contests c using (contest_id) where c.decision_id = decision and r.reviewer = who)
$$;

create function may_review(who text, contested contests, up_to integer) returns boolean language plpgsql as $$
begin
  return may_decide(who, contested.agent_person, contested.roles[1:up_to + 1]) and not took_part(who, contested.decision_id);
end $$;

create function check_contest() returns trigger language plpgsql as $$
begin
  if new.state <> 'received' or new.level <> 0 or new.assignee is not null then perform refuse_review('a contest begins as received'); end if;
  if new.roles is distinct from array(select one ->> 'role' from jsonb_array_elements(new.levels) as one) then
    perform refuse_review('the roles are those of the levels');
  end if;
  if not exists (select from decisions d where d.id = new.decision_id and d.customer_id = new.customer_id and d.agent_id = new.agent_id
    and d.body = new.record and d.hash = new.record_hash) then
    perform refuse_review('what is frozen is not the record of a decision about this customer');
  end if;
  if new.agent_person is distinct from (select person_id from agents where agent_id = new.agent_id) then
    perform refuse_review('the agent is another person');
  end if;
  if not coalesce((select until_ms >= new.expires_at_ms from data_orders where kind = 'hold' and customer_id = new.customer_id
    order by seq desc limit 1), false) then
    perform refuse_review('what is contested is held first');
  end if;
  return new;
end $$;
create trigger contest_checked before insert on contests for each row execute function check_contest();

create function check_contest_change() returns trigger language plpgsql as $$
begin
  if (new.contest_id, new.decision_id, new.call_id, new.agent_id, new.agent_person, new.policy, new.record_hash, new.taken_by, new.levels, new.roles,
      new.received_at_ms, new.expires_at_ms)
    is distinct from (old.contest_id, old.decision_id, old.call_id, old.agent_id, old.agent_person, old.policy, old.record_hash, old.taken_by,
      old.levels, old.roles, old.received_at_ms, old.expires_at_ms)
    or new.record is distinct from old.record and new.record is not null
    or new.words is distinct from old.words and new.words is not null
    or new.customer_id is distinct from old.customer_id and new.customer_id is not null then
    perform refuse_review('what was contested stays as it was');
  end if;
  if old.ended_at_ms is not null and (new.state, new.level, new.ended_at_ms, new.withdrawn_by)
    is distinct from (old.state, old.level, old.ended_at_ms, old.withdrawn_by) then
    perform refuse_review('it is over');
  end if;
  if new.level not in (old.level, old.level + 1) then perform refuse_review('it goes up one level at a time'); end if;
  if new.assignee is not null and new.assignee is distinct from old.assignee and not may_review(new.assignee, new, new.level) then
    perform refuse_review('this person may not look at it');
  end if;
  if new.state = old.state then return new; end if;
  if new.state = 'answered' and not exists (select from contest_answers a where a.contest_id = new.contest_id) then
    perform refuse_review('nobody answered it');
  end if;
  if new.state = 'expired' and central_now(new.changed_at_ms) < new.expires_at_ms then perform refuse_review('there is time left'); end if;
  if new.state = 'withdrawn' and new.customer_id is not null and not coalesce(may_review(new.withdrawn_by, new, new.level), false) then
    perform refuse_review('whoever decided does not say that it was withdrawn');
  end if;
  return new;
end $$;
create trigger contest_change_checked before update on contests for each row execute function check_contest_change();

create function check_contest_answer() returns trigger language plpgsql as $$
declare contested contests;
begin
  select * into contested from contests where contest_id = new.contest_id for update;
  new.at_ms := central_now(new.at_ms);
  if contested.state is null or contested.ended_at_ms is not null then perform refuse_review('it is not open'); end if;
  if new.at_ms >= contested.expires_at_ms then perform refuse_review('its time is over'); end if;
  if new.reasons is null then perform refuse_review('an answer has reasons'); end if;
  if new.finding = 'set-aside' and new.remedy is null then perform refuse_review('what is set aside has a remedy'); end if;
  if not may_review(new.reviewer, contested, contested.level) then perform refuse_review('this person may not look at it'); end if;
  return new;
end $$;
create trigger contest_answer_checked before insert on contest_answers for each row execute function check_contest_answer();
create function end_contest() returns trigger language plpgsql as $$
begin
  update contests set state = 'answered', changed_at_ms = new.at_ms, ended_at_ms = new.at_ms where contest_id = new.contest_id;
  return null;
end $$;
create trigger contest_answered after insert on contest_answers for each row execute function end_contest();

create function keep_contest_answer() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if exists (select from contests where contest_id = old.contest_id) then perform refuse_review('what was answered stays'); end if;
    return old;
  end if;
  if (new.contest_id, new.reviewer, new.finding, new.at_ms) is distinct from (old.contest_id, old.reviewer, old.finding, old.at_ms)
    or new.reasons is not null and new.reasons is distinct from old.reasons
    or new.remedy is not null and new.remedy is distinct from old.remedy then
    perform refuse_review('what was answered stays');
  end if;
  return new;
end $$;
create trigger contest_answers_kept before update or delete on contest_answers for each row execute function keep_contest_answer();

create function note_contest() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.state, new.level, new.assignee) is not distinct from (old.state, old.level, old.assignee) then return null; end if;
  insert into contest_events (contest_id, state, level, assignee, at_ms)
    values (new.contest_id, new.state, new.level, new.assignee, new.changed_at_ms);
  return null;
end $$;
create trigger contest_noted after insert or update on contests for each row execute function note_contest();
create function keep_contest_event() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and not exists (select from contests where contest_id = old.contest_id) then return old; end if;
  perform refuse_review('what was written down stays');
  return null;
end $$;
create trigger contest_events_stay before update or delete on contest_events for each row execute function keep_contest_event();
