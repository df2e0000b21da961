/** What a desk gets before a call's first delivery, and again when it changed: the customer, and what was answered on the call. */
import { sql } from 'kysely';
import type { CallContext } from '#contract/live.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { Channel, OutcomeKind, ProfileSlice } from '#contract/profile.ts';
import { Gathering } from '../store/gathering.ts';
import type { Query } from '../store/open-store.ts';
import type { CallRow } from '../store/tables.ts';

const HISTORY_MS = 400 * 86_400_000;
const MAX_HISTORY = 500;
const MAX_OUTCOMES = 500;
const MAX_CONSENTS = 64;
/** Contexts can be long: fewer at once than of other questions. */
const SETTINGS = { workers: 2, atOnce: 40, paceMs: 5 };

type Asked = Pick<CallRow, 'call_id' | 'customer_id'>;
type Context = Pick<CallContext, 'profile' | 'outcomes'>;

export class ContextReader {
  readonly #asking: Gathering<Asked, Context>;

  constructor(db: Query, nowMs: () => number) {
    this.#asking = new Gathering((asked) => readContexts(db, asked, nowMs()), SETTINGS);
  }

  /** Rejects when the tables cannot be read. */
  async read(call: CallRow, complete: boolean): Promise<CallContext> {
    return { callId: call.call_id, ...(await this.#asking.ask(call)), complete };
  }
}

async function readContexts(db: Query, asked: readonly Asked[], nowMs: number): Promise<readonly Context[]> {
  const outcomes = grouped(
    await db
      .selectFrom(askedCalls(asked).as('asked'))
      .innerJoinLateral(
        (from) =>
          from
            .selectFrom('outcomes')
            .select(['id', 'at_ms', 'body'])
            .whereRef('outcomes.call_id', '=', 'asked.call_id')
            .orderBy('at_ms', 'desc')
            .orderBy('id', 'desc')
            .limit(MAX_OUTCOMES)
            .as('given'),
        (join) => join.onTrue(),
      )
      .select(['asked.n', 'given.body'])
      .orderBy('given.at_ms')
      .orderBy('given.id')
      .execute(),
  );
  const profiles = await readProfiles(db, asked, nowMs);
  return asked.map((_, n) => ({
    profile: profiles[n] ?? null,
    outcomes: (outcomes.get(n + 1) ?? []).map(({ body }): Outcome => body),
  }));
}

const askedCalls = (asked: readonly Asked[]) =>
  sql<{ call_id: string; customer_id: string | null; n: number }>`(
    select * from unnest(${asked.map(({ call_id }) => call_id)}::text[], ${asked.map(({ customer_id }) => customer_id)}::text[])
      with ordinality as asked (call_id, customer_id, n))`;

/** The customers' slices as of now; null where the customer is not known. What happened on a call itself is left out of its own: its desk counts that from the call. */
async function readProfiles(db: Query, asked: readonly Asked[], nowMs: number): Promise<readonly (ProfileSlice | null)[]> {
  const ids = [...new Set(asked.flatMap(({ customer_id }) => (customer_id === null ? [] : [customer_id])))];
  if (ids.length === 0) return asked.map(() => null);
  const customers = await db.selectFrom('customers').selectAll().where('customer_id', '=', sql<string>`any(${ids}::text[])`).execute();
  const known = new Map(customers.map((row) => [row.customer_id, row]));
  const consents = await db
    .selectFrom('consents')
    .select(['customer_id', 'purpose', 'granted', 'at_ms'])
    .where('customer_id', '=', sql<string>`any(${ids}::text[])`)
    .orderBy('purpose')
    .execute();
  const history = grouped(await readHistory(db, asked, nowMs));
  return asked.map(({ customer_id: customerId }, n) => {
    const customer = customerId === null ? undefined : known.get(customerId);
    if (customerId === null || customer === undefined) return null;
    return {
      customerId,
      version: customer.version,
      asOfMs: nowMs,
      displayName: customer.display_name,
      language: customer.language,
      fields: customer.fields,
      consents: consents
        .filter((row) => row.customer_id === customerId)
        .slice(0, MAX_CONSENTS)
        .map(({ purpose, granted, at_ms }) => ({ purpose, granted, atMs: at_ms })),
      history: (history.get(n + 1) ?? []).map(({ kind, channel, at_ms, action_id }) => ({
        kind,
        channel,
        atMs: at_ms,
        ...(action_id === null ? {} : { actionId: action_id }),
      })),
    };
  });
}

interface HistoryRow {
  readonly n: number;
  readonly kind: OutcomeKind;
  readonly channel: Channel;
  readonly at_ms: number;
  readonly action_id: string | null;
}

async function readHistory(db: Query, asked: readonly Asked[], nowMs: number): Promise<readonly HistoryRow[]> {
  const { rows } = await sql<HistoryRow>`
    select asked.n, past.kind, past.channel, past.at_ms, past.action_id from ${askedCalls(asked)} as asked
    cross join lateral (
      select id, kind, channel, at_ms, action_id from interactions
      where interactions.customer_id = asked.customer_id and at_ms > ${nowMs - HISTORY_MS} and not retracted
        and (call_id is null or call_id <> asked.call_id)
      order by at_ms desc, id desc limit ${MAX_HISTORY}
    ) as past
    order by past.at_ms, past.id`.execute(db);
  return rows;
}

function grouped<R extends { readonly n: number }>(rows: readonly R[]): ReadonlyMap<number, readonly R[]> {
  const groups = new Map<number, R[]>();
  for (const row of rows) {
    const group = groups.get(row.n);
    if (group === undefined) groups.set(row.n, [row]);
    else group.push(row);
  }
  return groups;
}
