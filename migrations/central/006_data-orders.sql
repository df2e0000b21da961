-- What was decided about customers' data, for every desk to carry out: erasures, and holds that stop retention. Never changed, never deleted.

create table data_orders (
  seq bigint generated always as identity primary key,
  kind text not null check (kind in ('erase', 'hold')),
  customer_id text not null,
  -- Of a hold: until when; a time that is past ends it.
  until_ms bigint check ((kind = 'hold') = (until_ms is not null)),
  at_ms bigint not null
);
create index data_orders_of_customer on data_orders (customer_id, seq);

-- Up to which order each desk has said that it carried them out.
create table data_orders_kept (
  device_id text primary key references devices,
  seq bigint not null,
  at_ms bigint not null
);
