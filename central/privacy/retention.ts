/** Nothing is kept longer than its kind is, but for what a legal hold names. */
import { sql } from 'kysely';
import type { Store, Tx } from '../store/open-store.ts';
import { type Partitioned, type Partition, readPartitions } from '../store/partitions.ts';

export interface RetentionDays {
  /** Call events, what was said among them. */
  readonly events: number;
  /** Records of decisions. */
  readonly records: number;
  /** Answers and customers' histories, for contact limits and learning. */
  readonly outcomes: number;
  readonly deadLetters: number;
}

const DAY_MS = 86_400_000;
const DAYS_OF: Readonly<Record<Partitioned, keyof RetentionDays>> = {
  call_events: 'events',
  decisions: 'records',
  decision_repeats: 'records',
};
/** Any fixed number: one node at a time. */
const LOCK = 5_077_403;

/** How many rows and parts went. */
export interface Kept {
  readonly rows: number;
  readonly parts: number;
}

/** Deletes what is past its time by `nowMs`; nothing when another node is at it. */
export async function retain(store: Store, days: RetentionDays, nowMs: number): Promise<Kept> {
  const partitions = await readPartitions(store);
  return await store.transaction(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as mine`.execute(tx);
    if (rows[0]?.mine !== true) return { rows: 0, parts: 0 };
    let gone = 0;
    let parts = 0;
    for (const partition of partitions) {
      const beforeMs = nowMs - days[DAYS_OF[partition.table]] * DAY_MS;
      if (await isWhollyPast(tx, partition, beforeMs, nowMs)) {
        await sql`drop table ${sql.table(partition.name)}`.execute(tx);
        parts++;
      } else if (partition.untilMs === null || partition.untilMs - 7 * DAY_MS < beforeMs)
        gone += await deleteFrom(tx, partition, beforeMs, nowMs);
    }
    await forgetPictures(tx, nowMs - days.records * DAY_MS, nowMs);
    gone += await deleteContests(tx, nowMs - days.records * DAY_MS, nowMs);
    gone += await deleteOutcomes(tx, nowMs - days.outcomes * DAY_MS, nowMs);
    gone += await deleteCalls(tx, nowMs - days.events * DAY_MS, nowMs);
    gone += await deleteSupervision(tx, nowMs - days.events * DAY_MS, nowMs - days.outcomes * DAY_MS, nowMs);
    const letters = await tx
      .deleteFrom('dead_letters')
      .where('at_ms', '<', nowMs - days.deadLetters * DAY_MS)
      .executeTakeFirst();
    return { rows: gone + Number(letters.numDeletedRows), parts };
  });
}

/** Customers whose last hold is in force. */
const held = (nowMs: number) => sql`(
  select customer_id from (
    select distinct on (customer_id) customer_id, until_ms from data_orders where kind = 'hold' order by customer_id, seq desc
  ) as last where until_ms > ${nowMs})`;

const heldCalls = (nowMs: number) => sql`(select call_id from calls where customer_id in ${held(nowMs)})`;

/** Of what is in a part: whom a hold protects. */
const isHeld = (table: Partitioned, nowMs: number) =>
  table === 'decisions'
    ? sql`(coalesce(customer_id in ${held(nowMs)}, false) or call_id in ${heldCalls(nowMs)})`
    : sql`call_id in ${heldCalls(nowMs)}`;

async function isWhollyPast(tx: Tx, { table, name, untilMs }: Partition, beforeMs: number, nowMs: number): Promise<boolean> {
  if (untilMs === null || untilMs > beforeMs) return false;
  const { rows } = await sql`select 1 from ${sql.table(name)} where ${isHeld(table, nowMs)} limit 1`.execute(tx);
  return rows.length === 0;
}

async function deleteFrom(tx: Tx, { table, name }: Partition, beforeMs: number, nowMs: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from ${sql.table(name)} where received_at_ms < ${beforeMs} and not ${isHeld(table, nowMs)}`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** What is at review keeps no record longer than records are kept. */
async function forgetPictures(tx: Tx, beforeMs: number, nowMs: number): Promise<void> {
  await sql`update override_cases set record = null where received_at_ms < ${beforeMs} and record is not null
    and not coalesce(customer_id in ${held(nowMs)}, false) and call_id not in ${heldCalls(nowMs)}`.execute(tx);
}

async function deleteOutcomes(tx: Tx, beforeMs: number, nowMs: number): Promise<number> {
  const old = sql`(select id from outcomes where received_at_ms < ${beforeMs}
    and not coalesce(customer_id in ${held(nowMs)}, false) and call_id not in ${heldCalls(nowMs)})`;
  const results = [
    await sql`delete from interactions where at_ms < ${beforeMs} and customer_id not in ${held(nowMs)}`.execute(tx),
    // With what was asked for them, and what was said of it.
    await sql`delete from action_requests where outcome_id in ${old}`.execute(tx),
    await sql`delete from approval_requests where is_seeded and changed_at_ms < ${beforeMs}
      and not coalesce(customer_id in ${held(nowMs)}, false)`.execute(tx),
    await sql`delete from outcomes where id in ${old}`.execute(tx),
  ];
  return results.reduce((sum, { numAffectedRows }) => sum + Number(numAffectedRows ?? 0), 0);
}

/** The words go with what was said on the call; that somebody said something, or read along, with the answers. */
async function deleteSupervision(tx: Tx, wordsBeforeMs: number, beforeMs: number, nowMs: number): Promise<number> {
  const isFree = sql`call_id not in ${heldCalls(nowMs)}`;
  await sql`update coaching_notes set text = null where at_ms < ${wordsBeforeMs} and text is not null and ${isFree}`.execute(tx);
  const results = [
    await sql`delete from coaching_notes where at_ms < ${beforeMs} and ${isFree}`.execute(tx),
    await sql`delete from transcript_reads where until_ms < ${beforeMs} and ${isFree}`.execute(tx),
    await sql`delete from raised_alerts where ended_at_ms < ${beforeMs} and ${isFree}`.execute(tx),
  ];
  return results.reduce((sum, { numAffectedRows }) => sum + Number(numAffectedRows ?? 0), 0);
}

/** With their answers, as long after their end as records are kept. */
async function deleteContests(tx: Tx, beforeMs: number, nowMs: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from contests where ended_at_ms < ${beforeMs} and not coalesce(customer_id in ${held(nowMs)}, false)`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Calls of which nothing was heard since, and where their producers stood. */
async function deleteCalls(tx: Tx, beforeMs: number, nowMs: number): Promise<number> {
  const old = sql`(select call_id from calls where changed_at_ms < ${beforeMs} and not coalesce(customer_id in ${held(nowMs)}, false))`;
  await sql`delete from producer_positions where call_id in ${old}`.execute(tx);
  const { numAffectedRows } = await sql`delete from calls where call_id in ${old}`.execute(tx);
  return Number(numAffectedRows ?? 0);
}
