/** What central itself forgets of a customer: everything that says something of them. That something happened, and its id, stays. */
import { sql } from 'kysely';
import type { Store, Tx } from '../store/open-store.ts';

/**
 * Ids stay, so that what comes again is known; counts of outcomes stay, without the person and without words. Called in the transaction
 * of the order, and again after a restore. Doing it twice changes nothing.
 */
export async function eraseHere(tx: Tx, customerId: string): Promise<void> {
  // By their ids, not by a query within each statement: of an "or" with one the database reads every table whole.
  const rows = await tx.selectFrom('calls').select('call_id').where('customer_id', '=', customerId).execute();
  const ofCalls = sql`call_id = any(${rows.map(({ call_id }) => call_id)}::text[])`;
  await sql`delete from call_events where ${ofCalls} or body -> 'data' ->> 'customerId' = ${customerId}`.execute(tx);
  const { rows: decisions } = await sql<{ id: string }>`
    delete from decisions where customer_id = ${customerId} or ${ofCalls} returning id`.execute(tx);
  await sql`delete from decision_repeats where ${ofCalls} or decision_id = any(${decisions.map(({ id }) => id)}::text[])`.execute(tx);
  await sql`update outcomes set customer_id = null, body = jsonb_set(body, '{customerId}', 'null') - 'note'
    where customer_id = ${customerId} or ${ofCalls}`.execute(tx);
  await eraseApprovals(tx, customerId);
  await sql`update coaching_notes set text = null where ${ofCalls} and text is not null`.execute(tx);
  await sql`delete from desk_states where ${ofCalls}`.execute(tx);
  await eraseContests(tx, customerId);
  const cases = sql`select outcome_id from override_cases where customer_id = ${customerId} or ${ofCalls}`;
  await sql`update override_verdicts set note = null where outcome_id in (${cases})`.execute(tx);
  await sql`update override_cases set record = null, customer_id = null where customer_id = ${customerId} or ${ofCalls}`.execute(tx);
  await sql`update action_requests set customer_id = null, detail = null where customer_id = ${customerId}`.execute(tx);
  for (const table of ['interactions', 'consents', 'customers'] as const)
    await tx.deleteFrom(table).where('customer_id', '=', customerId).execute();
  await tx.updateTable('calls').set({ customer_id: null }).where('customer_id', '=', customerId).execute();
}

/** What is asked of them is over; who decided what, and when, stays. */
async function eraseApprovals(tx: Tx, customerId: string): Promise<void> {
  const ours = sql`approval_requests where customer_id = ${customerId}`;
  await sql`select withdraw_approvals(array(select approval_id from ${ours} and ended_at_ms is null), 'erased', null, ${Date.now()}::bigint)`.execute(
    tx,
  );
  const ids = sql`(select approval_id from ${ours})`;
  await sql`update approval_messages set text = null where approval_id in ${ids}`.execute(tx);
  await sql`update approval_verdicts set reason = null where approval_id in ${ids}`.execute(tx);
  await sql`update approval_breaks set reason = 'erased with the customer', review_reason = null where approval_id in ${ids}`.execute(tx);
  await sql`update approval_requests set asked = null, end_detail = null, customer_id = null where customer_id = ${customerId}`.execute(tx);
}

/** That it was contested, who looked at it and what they found stays; what was said goes. */
async function eraseContests(tx: Tx, customerId: string): Promise<void> {
  const ids = sql`(select contest_id from contests where customer_id = ${customerId})`;
  await sql`update contest_answers set reasons = null, remedy = null where contest_id in ${ids}`.execute(tx);
  await sql`update contests set words = null, record = null, customer_id = null, state = 'withdrawn', assignee = null,
    changed_at_ms = central_now(${Date.now()}::bigint), ended_at_ms = central_now(${Date.now()}::bigint)
    where customer_id = ${customerId} and ended_at_ms is null`.execute(tx);
  await sql`update contests set words = null, record = null, customer_id = null where customer_id = ${customerId}`.execute(tx);
}

/**
 * Erases anew who is to be forgotten and is there again: a backup from before the order was put back. To be done before anything is
 * served. Returns how many there were.
 */
export async function replayErasures(store: Store): Promise<number> {
  const { rows } = await sql<{ customer_id: string }>`
    select distinct customer_id from data_orders as ordered where kind = 'erase' and (
      exists (select from customers where customers.customer_id = ordered.customer_id)
      or exists (select from outcomes where outcomes.customer_id = ordered.customer_id)
      or exists (select from action_requests where action_requests.customer_id = ordered.customer_id)
      or exists (select from interactions where interactions.customer_id = ordered.customer_id)
      or exists (select from consents where consents.customer_id = ordered.customer_id)
      or exists (select from calls where calls.customer_id = ordered.customer_id)
      or exists (select from approval_requests where approval_requests.customer_id = ordered.customer_id)
      or exists (select from contests where contests.customer_id = ordered.customer_id)
      or exists (select from override_cases where override_cases.customer_id = ordered.customer_id)
      or exists (select from decisions where decisions.customer_id = ordered.customer_id))`.execute(store.db);
  for (const { customer_id } of rows) await store.transaction((tx) => eraseHere(tx, customer_id));
  return rows.length;
}
