/** What central itself forgets of a customer: everything that says something of them. That something happened, and its id, stays. */
import { sql } from 'kysely';
import type { Store, Tx } from '../store/open-store.ts';

/**
 * Ids stay, so that what comes again is known; counts of outcomes stay, without the person and without words. Called in the transaction
 * of the order, and again after a restore. Doing it twice changes nothing.
 */
export async function eraseHere(tx: Tx, customerId: string): Promise<void> {
  const calls = sql`(select call_id from calls where customer_id = ${customerId})`;
  await sql`delete from call_events where call_id in ${calls} or body -> 'data' ->> 'customerId' = ${customerId}`.execute(tx);
  await sql`delete from decision_repeats where call_id in ${calls}
    or decision_id in (select id from decisions where customer_id = ${customerId})`.execute(tx);
  await sql`delete from decisions where customer_id = ${customerId} or call_id in ${calls}`.execute(tx);
  await sql`update outcomes set customer_id = null, body = jsonb_set(body, '{customerId}', 'null') - 'note'
    where customer_id = ${customerId} or call_id in ${calls}`.execute(tx);
  await sql`update action_requests set customer_id = null, detail = null where customer_id = ${customerId}`.execute(tx);
  for (const table of ['interactions', 'consents', 'customers'] as const)
    await tx.deleteFrom(table).where('customer_id', '=', customerId).execute();
  await tx.updateTable('calls').set({ customer_id: null }).where('customer_id', '=', customerId).execute();
}

/** Which of these are to be forgotten. */
export async function erasedAmong(tx: Tx, customerIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (customerIds.length === 0) return new Set();
  const rows = await tx
    .selectFrom('data_orders')
    .select('customer_id')
    .where('kind', '=', 'erase')
    .where('customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .execute();
  return new Set(rows.map(({ customer_id }) => customer_id));
}

/**
 * Erases anew who is to be forgotten and is there again: a backup from before the order was put back. To be done before anything is
 * served. Returns how many there were.
 */
export async function replayErasures(store: Store): Promise<number> {
  const { rows } = await sql<{ customer_id: string }>`
    select distinct customer_id from data_orders as ordered where kind = 'erase' and (
      exists (select from customers where customers.customer_id = ordered.customer_id)
      or exists (select from interactions where interactions.customer_id = ordered.customer_id)
      or exists (select from consents where consents.customer_id = ordered.customer_id)
      or exists (select from calls where calls.customer_id = ordered.customer_id)
      or exists (select from decisions where decisions.customer_id = ordered.customer_id))`.execute(store.db);
  for (const { customer_id } of rows) await store.transaction((tx) => eraseHere(tx, customer_id));
  return rows.length;
}
