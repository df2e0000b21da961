/** What a desk gets before a call's first delivery, and again when it changed: the customer, and what was answered on the call. */
import type { CallContext } from '#contract/live.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import type { Query } from '../store/open-store.ts';
import type { CallRow } from '../store/tables.ts';

const HISTORY_MS = 400 * 86_400_000;
const MAX_HISTORY = 500;
const MAX_OUTCOMES = 500;
const MAX_CONSENTS = 64;

export async function readContext(db: Query, call: CallRow, complete: boolean, nowMs: number): Promise<CallContext> {
  const outcomes = await db
    .selectFrom('outcomes')
    .select('body')
    .where('call_id', '=', call.call_id)
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(MAX_OUTCOMES)
    .execute();
  return {
    callId: call.call_id,
    profile: call.customer_id === null ? null : await readProfile(db, call.customer_id, call.call_id, nowMs),
    outcomes: outcomes.map(({ body }) => body).toReversed(),
    complete,
  };
}

/** The customer's slice as of now; null when the customer is not known. What happened on the call itself is left out: its desk counts that from the call. */
async function readProfile(db: Query, customerId: string, callId: string, nowMs: number): Promise<ProfileSlice | null> {
  const customer = await db.selectFrom('customers').selectAll().where('customer_id', '=', customerId).executeTakeFirst();
  if (customer === undefined) return null;
  const consents = await db
    .selectFrom('consents')
    .select(['purpose', 'granted', 'at_ms'])
    .where('customer_id', '=', customerId)
    .orderBy('purpose')
    .limit(MAX_CONSENTS)
    .execute();
  const history = await db
    .selectFrom('interactions')
    .select(['kind', 'channel', 'at_ms', 'action_id'])
    .where('customer_id', '=', customerId)
    .where('at_ms', '>', nowMs - HISTORY_MS)
    .where('retracted', '=', false)
    .where((eb) => eb.or([eb('call_id', 'is', null), eb('call_id', '<>', callId)]))
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(MAX_HISTORY)
    .execute();
  return {
    customerId,
    version: customer.version,
    asOfMs: nowMs,
    displayName: customer.display_name,
    language: customer.language,
    fields: customer.fields,
    consents: consents.map(({ purpose, granted, at_ms }) => ({ purpose, granted, atMs: at_ms })),
    history: history
      .map(({ kind, channel, at_ms, action_id }) => ({
        kind,
        channel,
        atMs: at_ms,
        ...(action_id === null ? {} : { actionId: action_id }),
      }))
      .toReversed(),
  };
}
