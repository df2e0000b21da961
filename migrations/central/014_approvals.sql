-- Significant decisions: what an agent proposes happens only when another person, who may, said so of exactly that. The tables hold
-- it, whatever the code does: who asks and who decides are people and not accounts, an approval is good once, for what was asked and
-- until its end, and whoever gave it must still hold the role in the moment in which it is used.
--
--   action_requests (waiting) ◄─ approval_requests ◄─ approval_looks ◄─ approval_verdicts
--            ▲                          ▲ ▲
--            └──── approval_executions ─┘ └── approval_breaks (break-glass)

-- By whose clock things end: the database's own, but for a demonstration whose time is moved by hand.
alter table installation
  add column clock text not null default 'system' check (clock in ('system', 'virtual')),
  add check (not production or clock = 'system');
create function central_now(given bigint) returns bigint language plpgsql as $$
begin
  if (select clock from installation) = 'virtual' then return given; end if;
  return floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
end $$;

-- Breaking the glass is a right of its own.
alter table person_roles
  drop constraint person_roles_role_check,
  add constraint person_roles_role_check
    check (role in ('agent', 'supervisor', 'approver', 'council', 'huddle', 'analyst', 'privacy', 'operator', 'break-glass'));

alter table action_requests
  drop constraint action_requests_state_check,
  drop constraint action_requests_check,
  add constraint action_requests_state_check
    check (state in ('waiting', 'pending', 'requested', 'acted', 'failed', 'expired', 'cancelled', 'declined', 'withdrawn')),
  -- Nothing significant leaves without an approval, whatever the code does.
  add constraint action_requests_check
    check (not significant or approval_id is not null or state in ('waiting', 'expired', 'cancelled', 'declined', 'withdrawn'));

create table approval_requests (
  approval_id text primary key default gen_random_uuid()::text,
  -- Null: a case that is known to be wrong, put there to see whether anybody notices. There is nothing it could execute.
  outcome_id text references action_requests on delete cascade,
  is_seeded boolean not null default false,
  -- The one it was changed from: what was said of that one does not count here.
  replaces text unique references approval_requests,
  call_id text not null,
  customer_id text,
  agent_id text not null,
  requester text not null references people,
  -- Canonical JSON of action, treatment, amount, customer and decision record; null: erased.
  asked text,
  asked_hash text not null,
  -- The purpose whose withdrawal ends it; null: it rests on none that can be withdrawn.
  consent_purpose text,
  ends_with_call boolean not null default true,
  -- Who decides, by level: [{role, goalMs, withinMs}]; `roles` are those of the levels.
  levels jsonb not null,
  roles text[] not null check (cardinality(roles) between 1 and 6 and roles <@ array['approver', 'supervisor', 'council', 'huddle']),
  level integer not null default 0,
  needed integer not null check (needed between 1 and 5),
  state text not null default 'requested' check (state in (
    'requested', 'assigned', 'approved', 'declined', 'changed', 'escalated', 'expired', 'withdrawn', 'executed')),
  assignee text references people,
  requested_at_ms bigint not null,
  goal_at_ms bigint not null,
  deadline_at_ms bigint not null,
  expires_at_ms bigint not null,
  changed_at_ms bigint not null,
  ended_at_ms bigint,
  end_reason text check (end_reason in (
    'declined', 'changed', 'time', 'agent', 'call-ended', 'consent-withdrawn', 'erased', 'known-wrong', 'executed')),
  -- What the agent is told of it.
  end_detail text check (length(end_detail) <= 200),
  unique (approval_id, asked_hash, requester),
  unique (approval_id, outcome_id, asked_hash),
  check (is_seeded = (outcome_id is null)),
  check (assignee <> requester),
  check (level >= 0 and level < cardinality(roles)),
  check (expires_at_ms > requested_at_ms),
  check ((ended_at_ms is null) = (state in ('requested', 'assigned', 'escalated', 'approved'))),
  check ((ended_at_ms is null) = (end_reason is null)),
  check (asked is not null or ended_at_ms is not null)
);
create unique index approval_requests_of_outcome on approval_requests (outcome_id) where state <> 'changed';
create index approval_requests_open on approval_requests (deadline_at_ms) where ended_at_ms is null;
create index approval_requests_of_call on approval_requests (call_id) where ended_at_ms is null;
create index approval_requests_of_assignee on approval_requests (assignee) where ended_at_ms is null;
create index approval_requests_of_agent on approval_requests (agent_id, changed_at_ms);
create index approval_requests_of_customer on approval_requests (customer_id) where customer_id is not null;

-- Who looked at it: what they opened, and what they thought before they were told what the engine recommends.
create table approval_looks (
  approval_id text not null references approval_requests on delete cascade,
  person_id text not null references people,
  opened_at_ms bigint not null,
  evidence text[] not null default '{}',
  judgement text check (judgement in ('for', 'against', 'unsure')),
  judged_at_ms bigint,
  primary key (approval_id, person_id),
  unique (approval_id, person_id, judgement),
  check ((judgement is null) = (judged_at_ms is null))
);

create table approval_verdicts (
  approval_id text not null,
  asked_hash text not null,
  requester text not null,
  approver text not null references people,
  -- Theirs of before the recommendation: without one there is no verdict.
  judgement text not null,
  verdict text not null check (verdict in ('approved', 'declined')),
  reason text,
  at_ms bigint not null,
  primary key (approval_id, approver),
  foreign key (approval_id, asked_hash, requester) references approval_requests (approval_id, asked_hash, requester) on delete cascade,
  foreign key (approval_id, approver, judgement) references approval_looks (approval_id, person_id, judgement) on delete cascade,
  check (approver <> requester),
  check (verdict <> 'declined' or length(reason) >= 3)
);

-- The glass was broken: one person alone, who says why, and another looks at it the next day.
create table approval_breaks (
  approval_id text primary key,
  asked_hash text not null,
  requester text not null,
  broken_by text not null references people,
  reason text not null check (length(reason) >= 10),
  at_ms bigint not null,
  review_due_ms bigint not null,
  reviewed_by text references people,
  verdict text check (verdict in ('right', 'wrong', 'unclear')),
  review_reason text,
  reviewed_at_ms bigint,
  foreign key (approval_id, asked_hash, requester) references approval_requests (approval_id, asked_hash, requester) on delete cascade,
  check (broken_by <> requester),
  check (reviewed_by <> broken_by and reviewed_by <> requester),
  check (review_due_ms <= at_ms + 2 * 86400000::bigint),
  check ((reviewed_by is null) = (reviewed_at_ms is null) and (reviewed_by is null) = (verdict is null))
);
create index approval_breaks_due on approval_breaks (review_due_ms) where reviewed_by is null;

-- Once each.
create table approval_executions (
  approval_id text primary key,
  outcome_id text not null unique references action_requests on delete cascade,
  asked_hash text not null,
  -- Whose word it was in that moment, written by the table.
  approved_by text[] not null default '{}',
  broken_by text,
  at_ms bigint not null,
  unique (approval_id, outcome_id),
  foreign key (approval_id, outcome_id, asked_hash) references approval_requests (approval_id, outcome_id, asked_hash) on delete cascade
);
alter table action_requests add foreign key (approval_id, outcome_id) references approval_executions (approval_id, outcome_id);

create table approval_messages (
  message_id text primary key default gen_random_uuid()::text,
  approval_id text not null references approval_requests on delete cascade,
  author text not null references people,
  -- Null: erased.
  text text,
  at_ms bigint not null
);
create index approval_messages_of_approval on approval_messages (approval_id, at_ms);

-- All that became of each, written by the tables themselves; nodes read on from where they are.
create table approval_events (
  tx xid8 not null default pg_current_xact_id(),
  pos bigint generated always as identity,
  approval_id text not null references approval_requests on delete cascade,
  kind text not null,
  level integer,
  assignee text,
  reason text,
  at_ms bigint not null,
  primary key (tx, pos)
);
create index approval_events_of_approval on approval_events (approval_id, pos);

-- Whether this person may decide what that one asks, by one of these roles; held so until the end of the transaction.
create function may_decide(who text, asker text, allowed text[]) returns boolean language plpgsql as $$
begin
  if who = asker then return false; end if;
  perform 1 from people p join person_roles r using (person_id)
    where p.person_id = who and p.active and r.role = any (allowed) order by r.role for share of p, r;
  if not found then return false; end if;
  return not exists (select from team_members where person_id = asker)
    or exists (select from team_members a join team_members b using (team_id) where a.person_id = asker and b.person_id = who)
    or exists (select from person_roles where person_id = who and role = any (allowed) and role in ('council', 'huddle', 'break-glass'));
end $$;

create function approvals_that_count(asked_for approval_requests) returns bigint language plpgsql as $$
begin
  return (
    select count(*) from approval_verdicts v
    where v.approval_id = asked_for.approval_id and v.asked_hash = asked_for.asked_hash and v.verdict = 'approved'
      and v.approver <> asked_for.requester and may_decide(v.approver, asked_for.requester, asked_for.roles[1:asked_for.level + 1]));
end $$;

-- Enough people who may say yes and none who said no, or the glass broken by somebody who may.
create function is_approved(asked_for approval_requests) returns boolean language plpgsql as $$
begin
  if exists (select from approval_breaks b where b.approval_id = asked_for.approval_id and b.asked_hash = asked_for.asked_hash
    and may_decide(b.broken_by, asked_for.requester, array['break-glass'])) then return true; end if;
  return not exists (select from approval_verdicts v where v.approval_id = asked_for.approval_id and v.verdict = 'declined')
    and approvals_that_count(asked_for) >= asked_for.needed;
end $$;

create function hash_of(asked text) returns text language sql immutable as $$
  select encode(sha256(convert_to(asked, 'UTF8')), 'hex')
$$;

-- Whether what was asked is what the request would do.
create function asked_fits(asked text, request action_requests) returns boolean language plpgsql as $$
declare a jsonb := asked::jsonb;
begin
  return request.significant
    and request.outcome_id is not distinct from a ->> 'outcomeId'
    and request.decision_id is not distinct from a ->> 'decisionId'
    and request.call_id is not distinct from a ->> 'callId'
    and request.action_id is not distinct from a ->> 'actionId'
    and request.kind is not distinct from a ->> 'kind'
    and request.customer_id is not distinct from a ->> 'customerId'
    and request.amount is not distinct from (a ->> 'amount')::double precision
    and (select o.body ->> 'treatmentId' from outcomes o where o.id = request.outcome_id) is not distinct from a ->> 'treatmentId'
    and (a ->> 'recordHash' is null
      or not exists (select from decisions d where d.id = request.decision_id and d.hash <> a ->> 'recordHash'));
end $$;

create function refuse_approval(words text) returns void language plpgsql as $$
begin
  raise exception '%', words using errcode = 'check_violation';
end $$;

create function check_approval_request() returns trigger language plpgsql as $$
declare request action_requests;
begin
  if new.state <> 'requested' or new.level <> 0 then perform refuse_approval('an approval begins as requested'); end if;
  if new.asked is null or hash_of(new.asked) <> new.asked_hash then perform refuse_approval('the hash is of something else than what is asked'); end if;
  if new.roles is distinct from array(select one ->> 'role' from jsonb_array_elements(new.levels) as one) then
    perform refuse_approval('the roles are those of the levels');
  end if;
  if new.requester is distinct from (select person_id from agents where agent_id = new.agent_id) then
    perform refuse_approval('who asks is the person of the agent whose call it is');
  end if;
  if new.outcome_id is null then return new; end if;
  select * into request from action_requests where outcome_id = new.outcome_id for update;
  if request.state is distinct from 'waiting' or request.agent_id is distinct from new.agent_id or request.call_id is distinct from new.call_id
    or not asked_fits(new.asked, request) then
    perform refuse_approval('what is asked is not what waits');
  end if;
  return new;
end $$;
create trigger approval_request_checked before insert on approval_requests for each row execute function check_approval_request();

create function check_approval_change() returns trigger language plpgsql as $$
begin
  if (new.approval_id, new.outcome_id, new.is_seeded, new.replaces, new.call_id, new.agent_id, new.requester, new.asked_hash, new.consent_purpose,
      new.ends_with_call, new.levels, new.roles, new.needed, new.requested_at_ms, new.expires_at_ms)
    is distinct from (old.approval_id, old.outcome_id, old.is_seeded, old.replaces, old.call_id, old.agent_id, old.requester, old.asked_hash,
      old.consent_purpose, old.ends_with_call, old.levels, old.roles, old.needed, old.requested_at_ms, old.expires_at_ms) then
    perform refuse_approval('what was asked stays as it was asked');
  end if;
  if new.asked is distinct from old.asked and new.asked is not null or new.customer_id is distinct from old.customer_id and new.customer_id is not null then
    perform refuse_approval('what was asked stays as it was asked');
  end if;
  if old.ended_at_ms is not null and new.state <> old.state then perform refuse_approval('it is over'); end if;
  if new.level not in (old.level, old.level + 1) then perform refuse_approval('it goes up one level at a time'); end if;
  if new.state = old.state then return new; end if;
  if old.state = 'approved' and new.state not in ('requested', 'changed', 'expired', 'withdrawn', 'executed') then
    perform refuse_approval(format('from approved it does not become %s', new.state));
  end if;
  if new.state = 'executed' and not exists (select from approval_executions e where e.approval_id = new.approval_id) then
    perform refuse_approval('nothing was executed');
  end if;
  if new.state = 'declined' and not exists (select from approval_verdicts v where v.approval_id = new.approval_id and v.verdict = 'declined') then
    perform refuse_approval('nobody declined it');
  end if;
  if new.state = 'approved' then
    if new.is_seeded then perform refuse_approval('it is known to be wrong'); end if;
    if central_now(new.changed_at_ms) >= new.expires_at_ms then perform refuse_approval('its time is over'); end if;
    if not is_approved(new) then perform refuse_approval('not enough people approved it who may'); end if;
  end if;
  return new;
end $$;
create trigger approval_change_checked before update on approval_requests for each row execute function check_approval_change();

create function check_approval_word() returns trigger language plpgsql as $$
declare asked_for approval_requests;
begin
  select * into asked_for from approval_requests where approval_id = new.approval_id for update;
  if asked_for.state is null or asked_for.state not in ('requested', 'assigned', 'escalated') then perform refuse_approval('it is not open'); end if;
  new.at_ms := central_now(new.at_ms);
  if new.at_ms >= asked_for.expires_at_ms then perform refuse_approval('its time is over'); end if;
  if tg_table_name = 'approval_verdicts' then
    if not may_decide(new.approver, asked_for.requester, asked_for.roles[1:asked_for.level + 1]) then
      perform refuse_approval('this person may not decide it');
    end if;
  elsif not may_decide(new.broken_by, asked_for.requester, array['break-glass']) then
    perform refuse_approval('this person may not break the glass');
  end if;
  return new;
end $$;
create trigger approval_verdict_checked before insert on approval_verdicts for each row execute function check_approval_word();
create trigger approval_break_checked before insert on approval_breaks for each row execute function check_approval_word();

create function check_execution() returns trigger language plpgsql as $$
declare
  asked_for approval_requests;
  request action_requests;
begin
  select * into request from action_requests where outcome_id = new.outcome_id for update;
  select * into asked_for from approval_requests where approval_id = new.approval_id for update;
  new.at_ms := central_now(new.at_ms);
  if asked_for.is_seeded is null or asked_for.is_seeded then perform refuse_approval('there is nothing to execute'); end if;
  if asked_for.state <> 'approved' then perform refuse_approval(format('it is %s, not approved', asked_for.state)); end if;
  if new.at_ms >= asked_for.expires_at_ms then perform refuse_approval('its time is over'); end if;
  if request.state is distinct from 'waiting' then perform refuse_approval('nothing waits for it'); end if;
  if hash_of(asked_for.asked) <> new.asked_hash or not asked_fits(asked_for.asked, request) then
    perform refuse_approval('something else was approved');
  end if;
  if exists (select from consents c where c.customer_id = request.customer_id and c.purpose = asked_for.consent_purpose and not c.granted) then
    perform refuse_approval('the customer withdrew their consent');
  end if;
  if not is_approved(asked_for) then perform refuse_approval('who approved it may not any more'); end if;
  new.approved_by := array(
    select v.approver from approval_verdicts v
    where v.approval_id = new.approval_id and v.verdict = 'approved'
      and may_decide(v.approver, asked_for.requester, asked_for.roles[1:asked_for.level + 1])
    order by v.at_ms, v.approver);
  new.broken_by := (select b.broken_by from approval_breaks b where b.approval_id = new.approval_id);
  return new;
end $$;
create trigger execution_checked before insert on approval_executions for each row execute function check_execution();

create function execute_request() returns trigger language plpgsql as $$
begin
  update approval_requests set state = 'executed', assignee = null, changed_at_ms = new.at_ms, ended_at_ms = new.at_ms, end_reason = 'executed'
    where approval_id = new.approval_id;
  update action_requests set state = 'pending', approval_id = new.approval_id where outcome_id = new.outcome_id;
  return null;
end $$;
create trigger execution_done after insert on approval_executions for each row execute function execute_request();

-- What was said stays said, for as long as what it was said of is kept.
create function keep_word() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and not exists (select from approval_requests where approval_id = old.approval_id) then return old; end if;
  perform refuse_approval('what was said of an approval stays');
  return null;
end $$;
-- But for the words, which go with the customer they may be about.
create function keep_verdict() returns trigger language plpgsql as $$
begin
  if (new.approval_id, new.asked_hash, new.requester, new.approver, new.judgement, new.verdict, new.at_ms)
    is distinct from (old.approval_id, old.asked_hash, old.requester, old.approver, old.judgement, old.verdict, old.at_ms)
    or new.reason is not null then
    perform refuse_approval('what was said of an approval stays');
  end if;
  return new;
end $$;
create trigger approval_verdicts_kept before update on approval_verdicts for each row execute function keep_verdict();
create trigger approval_verdicts_stay before delete on approval_verdicts for each row execute function keep_word();
create trigger approval_executions_stay before update or delete on approval_executions for each row execute function keep_word();
create trigger approval_events_stay before update or delete on approval_events for each row execute function keep_word();
create trigger approval_breaks_stay before delete on approval_breaks for each row execute function keep_word();
create function keep_break() returns trigger language plpgsql as $$
begin
  if (new.approval_id, new.asked_hash, new.requester, new.broken_by, new.at_ms, new.review_due_ms)
    is distinct from (old.approval_id, old.asked_hash, old.requester, old.broken_by, old.at_ms, old.review_due_ms)
    or new.reason is distinct from old.reason and new.reason <> 'erased with the customer'
    or old.reviewed_by is not null and (new.reviewed_by, new.verdict, new.reviewed_at_ms)
      is distinct from (old.reviewed_by, old.verdict, old.reviewed_at_ms) then
    perform refuse_approval('what was said of an approval stays');
  end if;
  return new;
end $$;
create trigger approval_breaks_kept before update on approval_breaks for each row execute function keep_break();
create function keep_look() returns trigger language plpgsql as $$
begin
  if (new.approval_id, new.person_id, new.opened_at_ms) is distinct from (old.approval_id, old.person_id, old.opened_at_ms)
    or not new.evidence @> old.evidence
    or old.judgement is not null and (new.judgement, new.judged_at_ms) is distinct from (old.judgement, old.judged_at_ms) then
    perform refuse_approval('the first judgement stays');
  end if;
  return new;
end $$;
create trigger approval_looks_kept before update on approval_looks for each row execute function keep_look();

-- A request is what it was made as. Its amount may change while it waits: then whatever was approved is of another one.
create function check_request_change() returns trigger language plpgsql as $$
begin
  if (new.outcome_id, new.decision_id, new.call_id, new.agent_id, new.action_id, new.kind, new.significant)
    is distinct from (old.outcome_id, old.decision_id, old.call_id, old.agent_id, old.action_id, old.kind, old.significant)
    or new.customer_id is distinct from old.customer_id and new.customer_id is not null
    or old.approval_id is not null and new.approval_id is distinct from old.approval_id
    or new.amount is distinct from old.amount and not (old.state = 'waiting' and new.state = 'waiting') then
    perform refuse_approval('a request stays what it was made as');
  end if;
  return new;
end $$;
create trigger request_change_checked before update on action_requests for each row execute function check_request_change();

-- The request and what is asked for it end together, whichever ends first.
create function end_approval() returns trigger language plpgsql as $$
begin
  update approval_requests set
    state = case new.state when 'expired' then 'expired' else 'withdrawn' end,
    end_reason = case new.state when 'expired' then 'time' else 'agent' end,
    end_detail = new.detail, assignee = null,
    changed_at_ms = central_now(coalesce(new.answered_at_ms, changed_at_ms)), ended_at_ms = central_now(coalesce(new.answered_at_ms, changed_at_ms))
    where outcome_id = new.outcome_id and ended_at_ms is null;
  return null;
end $$;
create trigger request_ended after update of state on action_requests for each row
  when (old.state = 'waiting' and new.state in ('expired', 'cancelled')) execute function end_approval();

create function end_request() returns trigger language plpgsql as $$
begin
  update action_requests set state = new.state, answered_at_ms = new.ended_at_ms, detail = new.end_detail
    where outcome_id = new.outcome_id and state = 'waiting';
  return null;
end $$;
create trigger approval_ended after update of state on approval_requests for each row
  when (new.state in ('declined', 'expired', 'withdrawn') and old.state <> new.state) execute function end_request();

create function withdraw_approvals(ids text[], why text, words text, at_given bigint) returns void language plpgsql as $$
begin
  -- In the order in which everybody else locks them.
  perform 1 from action_requests where outcome_id in (select outcome_id from approval_requests where approval_id = any (ids))
    order by outcome_id for update;
  update approval_requests set state = 'withdrawn', end_reason = why, end_detail = words, assignee = null,
    changed_at_ms = central_now(at_given), ended_at_ms = central_now(at_given)
    where approval_id = any (ids) and ended_at_ms is null;
end $$;

create function end_with_call() returns trigger language plpgsql as $$
begin
  if exists (select from approval_requests where call_id = new.call_id and ends_with_call and ended_at_ms is null) then
    perform withdraw_approvals(
      array(select approval_id from approval_requests where call_id = new.call_id and ends_with_call and ended_at_ms is null),
      'call-ended', 'The call ended before it was decided', new.changed_at_ms);
  end if;
  return null;
end $$;
create trigger call_ended after update of phase on calls for each row
  when (new.phase in ('ended', 'wrap-up', 'closed') and old.phase not in ('ended', 'wrap-up', 'closed')) execute function end_with_call();

create function end_with_consent() returns trigger language plpgsql as $$
begin
  if exists (select from approval_requests where customer_id = new.customer_id and consent_purpose = new.purpose and ended_at_ms is null) then
    perform withdraw_approvals(
      array(select approval_id from approval_requests
        where customer_id = new.customer_id and consent_purpose = new.purpose and ended_at_ms is null),
      'consent-withdrawn', 'The customer withdrew their consent', new.at_ms);
  end if;
  return null;
end $$;
create trigger consent_withdrawn after insert or update on consents for each row when (not new.granted) execute function end_with_consent();

create function note_approval() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.state, new.level, new.assignee) is not distinct from (old.state, old.level, old.assignee) then return null; end if;
  insert into approval_events (approval_id, kind, level, assignee, reason, at_ms)
    values (new.approval_id, new.state, new.level, new.assignee, new.end_reason, new.changed_at_ms);
  return null;
end $$;
create trigger approval_noted after insert or update on approval_requests for each row execute function note_approval();
create function note_message() returns trigger language plpgsql as $$
begin
  insert into approval_events (approval_id, kind, at_ms) values (new.approval_id, 'message', new.at_ms);
  return null;
end $$;
create trigger approval_message_noted after insert on approval_messages for each row execute function note_message();
