#!/bin/sh
# Backs up central's database: all of it, and apart from it the orders to erase and to hold. Run the second part often (--orders):
# the orders outlive every backup, and a restore without the newest of them would bring back whom somebody asked to forget.
#   backup.sh [--orders] DATABASE_URL FOLDER
# Prints the files it wrote. Needs pg_dump and psql of the server's version.
set -eu
umask 077
only_orders=no
if [ "${1:-}" = "--orders" ]; then only_orders=yes; shift; fi
[ $# -eq 2 ] || { echo "usage: backup.sh [--orders] DATABASE_URL FOLDER" >&2; exit 2; }
url=$1
folder=$2
stamp=$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$folder"

orders="$folder/orders-$stamp.csv"
psql "$url" --no-psqlrc --quiet -v ON_ERROR_STOP=1 \
  -c "\\copy (select seq, kind, customer_id, until_ms, at_ms from data_orders order by seq) to '$orders.part' csv"
mv "$orders.part" "$orders"
echo "$orders"
[ "$only_orders" = no ] || exit 0

dump="$folder/sotto-$stamp.dump"
pg_dump --format=custom --no-owner --file="$dump.part" "$url"
# A dump that cannot be read is not one.
pg_restore --list "$dump.part" > /dev/null
mv "$dump.part" "$dump"
echo "$dump"
