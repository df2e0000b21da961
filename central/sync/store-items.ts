/**
 * Inserts checked items, many with two statements for all tables, or says which are there already, as themselves or as something else.
 *
 *   note the ids (those that were not there; and who among the customers is to be forgotten) ─► compare hashes of those that were ─► insert
 */
import { sql } from 'kysely';
import { redact } from '#core';
import type { Outcome } from '#contract/outcome.ts';
import type { Tx } from '../store/open-store.ts';
import type { ParsedItem } from './parse-item.ts';

export type Checked = Extract<ParsedItem, { ok: true }>;
type OfKind<K extends Checked['kind']> = Extract<Checked, { kind: K }>;

/** One item on its way in, with the device that its batch is of. */
export interface Incoming<C extends Checked = Checked> {
  readonly parsed: C;
  readonly deviceId: string;
}

export type Stored =
  /** With what of it is kept; null: its id alone. */
  | { readonly result: 'stored'; readonly kept: Checked | null }
  | { readonly result: 'duplicate' }
  | { readonly result: 'conflict'; readonly firstHash: string };

/** What became of each. Of several with one id the first is stored, and the others are held against it. */
export async function storeItems(tx: Tx, items: readonly Incoming[], nowMs: number): Promise<ReadonlyMap<Incoming, Stored>> {
  const done = new Map<Incoming, Stored>();
  if (items.length === 0) return done;
  // Everyone in one order: two transactions with the same items wait for each other instead of clashing.
  const firsts = new Map<string, Incoming>();
  for (const item of items.toSorted(inOrder)) if (!firsts.has(keyOf(item))) firsts.set(keyOf(item), item);
  const { noted, erased } = await noteIds(tx, [...firsts.values()]);
  const fresh: Incoming[] = [];
  const there: Incoming[] = [];
  for (const [key, item] of firsts) (noted.has(key) ? fresh : there).push(item);
  const known = await hashesOf(tx, there);
  const kept = forgetting(fresh, erased);
  await insertAll(tx, kept, nowMs);
  const keptByKey = new Map(kept.map((item) => [keyOf(item), item.parsed]));
  for (const item of items) {
    const key = keyOf(item);
    const first = firsts.get(key);
    if (first === item && noted.has(key)) {
      done.set(item, { result: 'stored', kept: keptByKey.get(key) ?? null });
      continue;
    }
    const firstHash = known.get(key) ?? first?.parsed.item.hash ?? '';
    done.set(item, firstHash === item.parsed.item.hash ? { result: 'duplicate' } : { result: 'conflict', firstHash });
  }
  return done;
}

/** Kinds have ids of their own. */
const nameOf = (kind: string, id: string): string => `${kind} ${id}`;
const keyOf = ({ parsed }: Incoming): string => nameOf(parsed.kind, parsed.item.id);
const KINDS: readonly Checked['kind'][] = ['decision', 'repeat', 'outcome'];
/** Stable, so that of several with one id the device's first comes first. */
const inOrder = (a: Incoming, b: Incoming): number =>
  KINDS.indexOf(a.parsed.kind) - KINDS.indexOf(b.parsed.kind) ||
  (a.parsed.item.id < b.parsed.item.id ? -1 : a.parsed.item.id > b.parsed.item.id ? 1 : 0);

interface Noted {
  /** The ids that were not there: from now on they are, whatever becomes of what they are the ids of. */
  readonly noted: ReadonlySet<string>;
  /** Customers among those of the items who are to be forgotten. */
  readonly erased: ReadonlySet<string>;
}

async function noteIds(tx: Tx, items: readonly Incoming[]): Promise<Noted> {
  const { rows } = await sql<{ kind: string | null; id: string }>`
    with noted as (
      insert into item_ids (kind, id, hash)
      select * from unnest(${column(items, ({ kind }) => kind)}::text[], ${column(items, ({ item }) => item.id)}::text[],
        ${column(items, ({ item }) => item.hash)}::text[])
      on conflict do nothing returning kind, id
    )
    select kind, id from noted
    union all
    select null, customer_id from data_orders where kind = 'erase' and customer_id = any(${customersOf(items)}::text[])`.execute(tx);
  return {
    noted: new Set(rows.flatMap(({ kind, id }) => (kind === null ? [] : [nameOf(kind, id)]))),
    erased: new Set(rows.flatMap(({ kind, id }) => (kind === null ? [id] : []))),
  };
}

async function hashesOf(tx: Tx, items: readonly Incoming[]): Promise<ReadonlyMap<string, string>> {
  if (items.length === 0) return new Map();
  const { rows } = await sql<{ kind: string; id: string; hash: string }>`
    select kind, id, hash from item_ids
    join unnest(${column(items, ({ kind }) => kind)}::text[], ${column(items, ({ item }) => item.id)}::text[]) as asked (kind, id)
      using (kind, id)`.execute(tx);
  return new Map(rows.map(({ kind, id, hash }) => [nameOf(kind, id), hash]));
}

const customerOf = (parsed: Checked): string | null =>
  parsed.kind === 'decision' ? parsed.decision.customerId : parsed.kind === 'outcome' ? parsed.outcome.customerId : null;

const customersOf = (items: readonly Incoming[]): readonly string[] => [
  ...new Set(items.flatMap(({ parsed }) => customerOf(parsed) ?? [])),
];

/** A desk that was away does not know yet who is to be forgotten: of them an answer is kept without the person, and nothing else is. */
function forgetting<C extends Checked>(items: readonly Incoming<C>[], erased: ReadonlySet<string>): readonly Incoming<C>[] {
  if (erased.size === 0) return items;
  return items.flatMap((item) => {
    const { parsed } = item;
    if (!erased.has(customerOf(parsed) ?? '')) return [item];
    if (parsed.kind !== 'outcome') return [];
    const { note: _note, ...outcome } = parsed.outcome;
    return [{ ...item, parsed: { ...parsed, outcome: { ...outcome, customerId: null } } }];
  });
}

const column = <C extends Checked, T>(items: readonly Incoming<C>[], read: (parsed: C) => T): readonly T[] =>
  items.map(({ parsed }) => read(parsed));

const ofKind = <K extends Checked['kind']>(items: readonly Incoming[], kind: K): readonly Incoming<OfKind<K>>[] =>
  items.filter((item): item is Incoming<OfKind<K>> => item.parsed.kind === kind);

const devicesOf = (items: readonly Incoming[]): readonly string[] => items.map(({ deviceId }) => deviceId);

async function insertAll(tx: Tx, items: readonly Incoming[], nowMs: number): Promise<void> {
  if (items.length === 0) return;
  const decisions = ofKind(items, 'decision');
  const repeats = ofKind(items, 'repeat');
  const outcomes = ofKind(items, 'outcome');
  await sql`
    with decided as (
      insert into decisions (id, hash, device_id, agent_id, call_id, customer_id, at_ms, policy, body, received_at_ms)
      select *, ${nowMs}::bigint from unnest(
        ${column(decisions, ({ item }) => item.id)}::text[], ${column(decisions, ({ item }) => item.hash)}::text[],
        ${devicesOf(decisions)}::text[], ${column(decisions, ({ decision }) => decision.agentId)}::text[],
        ${column(decisions, ({ decision }) => decision.callId)}::text[], ${column(decisions, ({ decision }) => decision.customerId)}::text[],
        ${column(decisions, ({ decision }) => decision.atMs)}::bigint[], ${column(decisions, ({ decision }) => decision.policy)}::text[],
        ${column(decisions, ({ item }) => item.body)}::text[])
    ), repeated as (
      insert into decision_repeats (id, hash, device_id, decision_id, call_id, at_ms, body, received_at_ms)
      select *, ${nowMs}::bigint from unnest(
        ${column(repeats, ({ item }) => item.id)}::text[], ${column(repeats, ({ item }) => item.hash)}::text[],
        ${devicesOf(repeats)}::text[], ${column(repeats, ({ repeat }) => repeat.of)}::text[],
        ${column(repeats, ({ repeat }) => repeat.callId)}::text[], ${column(repeats, ({ repeat }) => repeat.atMs)}::bigint[],
        ${column(repeats, ({ item }) => item.body)}::text[])
    )
    insert into outcomes (id, hash, kind, decision_id, call_id, customer_id, agent_id, device_id, action_id, at_ms, clock, retracts, body,
      received_at_ms)
    select id, hash, kind, decision_id, call_id, customer_id, agent_id, device_id, action_id, at_ms, clock, retracts, body::jsonb,
      ${nowMs}::bigint
    from unnest(
      ${column(outcomes, ({ item }) => item.id)}::text[], ${column(outcomes, ({ item }) => item.hash)}::text[],
      ${column(outcomes, ({ outcome }) => outcome.kind)}::text[], ${column(outcomes, ({ outcome }) => outcome.decisionId)}::text[],
      ${column(outcomes, ({ outcome }) => outcome.callId)}::text[], ${column(outcomes, ({ outcome }) => outcome.customerId)}::text[],
      ${column(outcomes, ({ outcome }) => outcome.agentId)}::text[], ${devicesOf(outcomes)}::text[],
      ${column(outcomes, ({ outcome }) => outcome.actionId)}::text[], ${column(outcomes, ({ outcome }) => outcome.atMs)}::bigint[],
      ${column(outcomes, ({ outcome }) => outcome.clock)}::bigint[], ${column(outcomes, ({ outcome }) => outcome.retracts ?? null)}::text[],
      ${column(outcomes, ({ item, outcome }) => storedBody(item.body, outcome))}::text[])
      as sent (id, hash, kind, decision_id, call_id, customer_id, agent_id, device_id, action_id, at_ms, clock, retracts, body)`.execute(
    tx,
  );
}

/** As it came, but for the person, where they are to be forgotten, and for the one free text: the device redacted that, and this is for those that did not. */
function storedBody(body: string, outcome: Outcome): string {
  if (outcome.note !== undefined) return JSON.stringify({ ...outcome, note: redact(outcome.note).text });
  return outcome.customerId === null ? JSON.stringify(outcome) : body;
}
