-- How much of what is scarce is used up is counted from the outcomes themselves.

-- The action an answer took: the one accepted, or the one chosen instead.
alter table outcomes add column taken_action text generated always as (
  case kind when 'accepted' then action_id when 'overridden' then body ->> 'chosenActionId' end
) stored;
create index outcomes_taking on outcomes (taken_action, at_ms) where taken_action is not null;
-- The last answer of an agent at a desk that may have changed a use.
create index outcomes_of_desk on outcomes (device_id, agent_id, tx desc, clock desc)
  where kind in ('accepted', 'overridden', 'retracted');
