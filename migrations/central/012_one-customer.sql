-- Erasing somebody and telling them what is held ask for one customer: never by reading a table that grows from end to end.
create index outcomes_of_customer on outcomes (customer_id) where customer_id is not null;
create index action_requests_of_customer on action_requests (customer_id) where customer_id is not null;
create index decision_repeats_of_call on decision_repeats (call_id);
create index call_events_of_customer on call_events ((body -> 'data' ->> 'customerId')) where body -> 'data' ->> 'customerId' is not null;
