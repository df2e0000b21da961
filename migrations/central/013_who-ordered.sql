-- On what ground somebody's data is kept, and who ordered it, or its end, or that the person is forgotten. Null: before this was asked, or in process.
alter table data_orders add column basis text;
alter table data_orders add column ordered_by text references people (person_id);
alter table data_orders add constraint data_orders_basis check ((kind = 'hold') or (basis is null));
