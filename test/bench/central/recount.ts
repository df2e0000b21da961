/** What is in the tables, held against what the generator was told is stored. */
import type pg from 'pg';

export interface Recount {
  readonly sent: number;
  /** Of the devices that sent. */
  readonly stored: number;
  /** Sent and not there, or there without its record. */
  readonly lost: number;
  /** There more than once, or with its effect on the customer counted otherwise than once. */
  readonly doubled: number;
}

/** Outcomes whose kind counts for the customer: every kind that the generator sends. */
export async function recount(client: pg.Client, outcomeIds: readonly string[]): Promise<Recount> {
  await client.query('create temporary table expected (id text not null)');
  for (let from = 0; from < outcomeIds.length; from += 10_000)
    await client.query('insert into expected select unnest($1::text[])', [outcomeIds.slice(from, from + 10_000)]);
  await client.query('create index on expected (id)');
  await client.query('analyze expected');
  const { rows } = await client.query<
    Record<'sent' | 'stored' | 'missing' | 'unrecorded' | 'extra' | 'effects' | 'wrong_effects', string>
  >(`
    with found as (
      select expected.id, count(outcomes.id) as times, count(decisions.id) as records
      from (select distinct id from expected) expected
      left join outcomes on outcomes.id = expected.id
      left join decisions on decisions.id = outcomes.decision_id
      group by expected.id
    ), effects as (
      select expected.id, count(interactions.id) as times
      from (select distinct id from expected) expected left join interactions on interactions.id = expected.id group by expected.id
    )
    select (select count(*) from expected) as sent,
      (select count(*) from outcomes
        where device_id in (select device_id from outcomes join expected using (id))) as stored,
      (select count(*) from found where times = 0) as missing,
      (select count(*) from found where times > 0 and records = 0) as unrecorded,
      (select coalesce(sum(times - 1), 0) from found where times > 1) as extra,
      (select count(*) from effects where times = 0) as effects,
      (select coalesce(sum(times - 1), 0) from effects where times > 1) as wrong_effects`);
  const [row] = rows;
  const n = (name: keyof NonNullable<typeof row>): number => Number(row?.[name] ?? Number.NaN);
  return {
    sent: n('sent'),
    stored: n('stored'),
    lost: n('missing') + n('unrecorded') + n('effects'),
    doubled: n('extra') + n('wrong_effects'),
  };
}

export interface Growth {
  readonly database: number;
  readonly outcomes: number;
  readonly decisions: number;
  readonly callEvents: number;
  readonly events: number;
}

/** Bytes on disk, with indexes, and rows. */
export async function growth(client: pg.Client): Promise<Growth> {
  const { rows } = await client.query<Record<string, string>>(`
    select pg_database_size(current_database()) as database,
      (select count(*) from outcomes) as outcomes, (select count(*) from call_events) as events,
      (select sum(pg_total_relation_size(relid)) from pg_partition_tree('decisions')) as decisions_bytes,
      (select sum(pg_total_relation_size(relid)) from pg_partition_tree('call_events')) as events_bytes`);
  const n = (name: string): number => Number(rows[0]?.[name] ?? 0);
  return {
    database: n('database'),
    outcomes: n('outcomes'),
    decisions: n('decisions_bytes'),
    callEvents: n('events_bytes'),
    events: n('events'),
  };
}
