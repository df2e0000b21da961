#!/bin/sh
# Restores a backup into an empty database, with the newest orders to erase and to hold. Nodes that start on it carry the erasures out
# before they serve.
#   restore.sh DUMP ORDERS DATABASE_URL
set -eu
[ $# -eq 3 ] || { echo "usage: restore.sh DUMP ORDERS DATABASE_URL" >&2; exit 2; }
dump=$1
orders=$2
url=$3
tables=$(psql "$url" --no-psqlrc --quiet --tuples-only --no-align -c "select count(*) from pg_tables where schemaname = 'public'")
[ "$tables" = 0 ] || { echo "restore.sh: the database is not empty: create a new one, and point the nodes at it" >&2; exit 1; }
[ -r "$orders" ] || { echo "restore.sh: the orders cannot be read: without them people who were erased would be back" >&2; exit 1; }
pg_restore --exit-on-error --single-transaction --no-owner --dbname="$url" "$dump"
psql "$url" --no-psqlrc --quiet -v ON_ERROR_STOP=1 <<SQL
begin;
create temporary table newest (seq bigint, kind text, customer_id text, until_ms bigint, at_ms bigint) on commit drop;
\copy newest from '$orders' csv
insert into data_orders (seq, kind, customer_id, until_ms, at_ms) overriding system value
  select * from newest where not exists (select from data_orders where data_orders.seq = newest.seq) order by seq;
select setval(pg_get_serial_sequence('data_orders', 'seq'), greatest((select max(seq) from data_orders), 1));
commit;
analyze;
SQL
echo "restored: start the nodes on it; they erase who is to be erased before they serve" >&2
