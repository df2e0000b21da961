/** Orders about customers' data: numbered once, sent to every enrolled desk until it says that it has them. */
import { type DataOrder, MAX_DATA_ORDERS } from '#contract/live.ts';
import type { SubjectOrder } from '#contract/subject-orders.ts';
import { type Insertable, type Selectable, sql } from 'kysely';
import { eraseHere } from './erase-here.ts';
import type { Query, Store, Tx } from '../store/open-store.ts';
import type { DataOrderRow } from '../store/tables.ts';

/** Why something is held, and the personId of whoever ordered it. */
interface Grounds {
  readonly basis: string | null;
  readonly by: string | null;
}
const NONE_GIVEN: Grounds = { basis: null, by: null };

/** `held`: a legal hold suspends erasure; it is asked for again when that is over. */
export type Erased =
  | { readonly ok: true; readonly seq: number }
  | { readonly ok: false; readonly reason: 'held'; readonly untilMs: number };

/**
 * Forgets this customer here, and orders that every desk does, unless a hold is in force. Asked for twice it is one order.
 * `by`: personId of whoever ordered it.
 */
export function orderErasure(store: Store, customerId: string, nowMs: number, by: string | null = null): Promise<Erased> {
  return store.transaction(async (tx) => {
    const rows = await ordersOf(tx, customerId);
    const before = rows.find(({ kind }) => kind === 'erase');
    if (before !== undefined) return { ok: true, seq: before.seq };
    const untilMs = rows.findLast(({ kind }) => kind === 'hold')?.until_ms ?? 0;
    if (untilMs > nowMs) return { ok: false, reason: 'held', untilMs };
    const seq = await add(tx, { kind: 'erase', customer_id: customerId, until_ms: null, at_ms: nowMs, ordered_by: by });
    await eraseHere(tx, customerId);
    return { ok: true, seq };
  });
}

/** Orders that nothing of this customer goes by its age before then; a time that is past ends an earlier hold. */
export function orderHold(
  store: Store,
  customerId: string,
  untilMs: number,
  nowMs: number,
  grounds: Grounds = NONE_GIVEN,
): Promise<number> {
  const { basis, by } = grounds;
  return store.transaction((tx) =>
    add(tx, { kind: 'hold', customer_id: customerId, until_ms: untilMs, at_ms: nowMs, basis, ordered_by: by }),
  );
}

/** Within `tx`: that nothing of this customer goes before then. What holds it for longer already is left as it is. */
export async function holdAtLeast(tx: Tx, customerId: string, untilMs: number, nowMs: number, { basis, by }: Grounds): Promise<void> {
  const rows = await ordersOf(tx, customerId);
  if ((rows.findLast(({ kind }) => kind === 'hold')?.until_ms ?? 0) >= untilMs) return;
  await add(tx, { kind: 'hold', customer_id: customerId, until_ms: untilMs, at_ms: nowMs, basis, ordered_by: by });
}

/** Until when the last hold is, whether that is past or not; null: there never was one. */
export async function heldUntil(db: Query, customerId: string): Promise<number | null> {
  const row = await db
    .selectFrom('data_orders')
    .select('until_ms')
    .where('customer_id', '=', customerId)
    .where('kind', '=', 'hold')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.until_ms ?? null;
}

/** All orders about one customer, oldest first, and how many of the enrolled devices have carried each out. */
export async function ordersAbout(db: Query, customerId: string): Promise<readonly SubjectOrder[]> {
  const { rows } = await sql<SubjectOrder>`
    select seq, kind, at_ms as "atMs", until_ms as "untilMs", basis, ordered_by as "orderedBy",
      (select count(*) from devices where revoked_at_ms is null)::int as desks,
      (select count(*) from data_orders_kept as kept join devices using (device_id)
        where revoked_at_ms is null and kept.seq >= data_orders.seq)::int as "desksDone"
    from data_orders where customer_id = ${customerId} order by seq`.execute(db);
  return rows;
}

/** Per device what it has not acknowledged, oldest first, at most one message of it; and the last that it has. */
export async function ordersFor(
  db: Query,
  deviceIds: readonly string[],
): Promise<readonly { readonly orders: readonly DataOrder[]; readonly keptSeq: number }[]> {
  const { rows } = await sql<{ n: number; kept: number | null; seq: number | null; customer_id: string; until_ms: number | null }>`
    select asked.n, kept.seq as kept, lacked.seq, lacked.customer_id, lacked.until_ms
    from unnest(${deviceIds}::text[]) with ordinality as asked (device_id, n)
    left join data_orders_kept as kept on kept.device_id = asked.device_id
    left join lateral (
      select seq, customer_id, until_ms from data_orders where data_orders.seq > coalesce(kept.seq, 0) order by seq limit ${MAX_DATA_ORDERS}
    ) as lacked on true
    order by asked.n, lacked.seq`.execute(db);
  const found = deviceIds.map(() => ({ orders: [] as DataOrder[], keptSeq: 0 }));
  for (const { n, kept, seq, customer_id: customerId, until_ms: untilMs } of rows) {
    const one = found[n - 1];
    if (one === undefined) continue;
    one.keptSeq = kept ?? 0;
    if (seq !== null) one.orders.push(untilMs === null ? { seq, kind: 'erase', customerId } : { seq, kind: 'hold', customerId, untilMs });
  }
  return found;
}

/** Up to where the desk has them, as it says itself: one that lost what it kept says less than before, and is sent them again. */
export async function noteKept(db: Query, deviceId: string, seq: number, nowMs: number): Promise<void> {
  await db
    .insertInto('data_orders_kept')
    .values({ device_id: deviceId, seq, at_ms: nowMs })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet({ seq, at_ms: nowMs }))
    .execute();
}

export async function keptBy(db: Query, deviceId: string): Promise<number> {
  const row = await db.selectFrom('data_orders_kept').select('seq').where('device_id', '=', deviceId).executeTakeFirst();
  return row?.seq ?? 0;
}

/** One at a time: an order is visible before any with a higher number is made, so a desk can never have skipped one. */
async function ordersOf(tx: Tx, customerId: string): Promise<readonly Pick<Selectable<DataOrderRow>, 'seq' | 'kind' | 'until_ms'>[]> {
  await sql`lock table data_orders in share row exclusive mode`.execute(tx);
  return tx.selectFrom('data_orders').select(['seq', 'kind', 'until_ms']).where('customer_id', '=', customerId).orderBy('seq').execute();
}

async function add(tx: Tx, row: Insertable<DataOrderRow>): Promise<number> {
  await sql`lock table data_orders in share row exclusive mode`.execute(tx);
  const { seq } = await tx.insertInto('data_orders').values(row).returning('seq').executeTakeFirstOrThrow();
  return seq;
}
