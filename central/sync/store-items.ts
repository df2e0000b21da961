/** Inserts checked items, many with one statement for each table, or says which are there already, as themselves or as something else. */
import { sql } from 'kysely';
import { redact } from '#core';
import type { Outcome } from '#contract/outcome.ts';
import { erasedAmong } from '../privacy/erase-here.ts';
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
  await storeKind('decision', insertDecisions);
  await storeKind('repeat', insertRepeats);
  await storeKind('outcome', insertOutcomes);
  return done;

  async function storeKind<K extends Checked['kind']>(
    kind: K,
    insert: (tx: Tx, items: readonly Incoming<OfKind<K>>[], nowMs: number) => Promise<void>,
  ): Promise<void> {
    const ofKind = items.filter((item): item is Incoming<OfKind<K>> => item.parsed.kind === kind);
    if (ofKind.length === 0) return;
    // Everyone in order of ids: two transactions with the same items wait for each other instead of clashing.
    const firsts = new Map<string, Incoming<OfKind<K>>>();
    for (const item of ofKind.toSorted(byId)) if (!firsts.has(idOf(item))) firsts.set(idOf(item), item);
    const inserted = await insertIds(tx, kind, [...firsts.values()]);
    const known = await hashesOf(
      tx,
      kind,
      [...firsts.keys()].filter((id) => !inserted.has(id)),
    );
    const fresh = [...firsts.values()].filter((item) => inserted.has(idOf(item)));
    const kept = forgetting(fresh, await erasedAmong(tx, customersOf(fresh)));
    if (kept.length > 0) await insert(tx, kept, nowMs);
    const keptById = new Map(kept.map((item) => [idOf(item), item.parsed]));
    for (const item of ofKind) {
      const { id, hash } = item.parsed.item;
      const first = firsts.get(id);
      if (first === item && inserted.has(id)) {
        done.set(item, { result: 'stored', kept: keptById.get(id) ?? null });
        continue;
      }
      const firstHash = known.get(id) ?? first?.parsed.item.hash ?? '';
      done.set(item, firstHash === hash ? { result: 'duplicate' } : { result: 'conflict', firstHash });
    }
  }
}

const idOf = ({ parsed }: Incoming): string => parsed.item.id;
/** Stable, so that of several with one id the device's first comes first. */
const byId = (a: Incoming, b: Incoming): number => (idOf(a) < idOf(b) ? -1 : idOf(a) > idOf(b) ? 1 : 0);

/** The ids that were not there: from now on they are, whatever becomes of what they are the ids of. */
async function insertIds(tx: Tx, kind: Checked['kind'], items: readonly Incoming[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ readonly id: string }>`
    insert into item_ids (kind, id, hash)
    select ${kind}, * from unnest(${items.map(idOf)}::text[], ${items.map(({ parsed }) => parsed.item.hash)}::text[])
    on conflict do nothing returning id`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

async function hashesOf(tx: Tx, kind: Checked['kind'], ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom('item_ids')
    .select(['id', 'hash'])
    .where('kind', '=', kind)
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .execute();
  return new Map(rows.map(({ id, hash }) => [id, hash]));
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

async function insertDecisions(tx: Tx, items: readonly Incoming<OfKind<'decision'>>[], nowMs: number): Promise<void> {
  await sql`
    insert into decisions (id, hash, device_id, agent_id, call_id, customer_id, at_ms, policy, body, received_at_ms)
    select *, ${nowMs}::bigint from unnest(
      ${column(items, ({ item }) => item.id)}::text[], ${column(items, ({ item }) => item.hash)}::text[],
      ${items.map(({ deviceId }) => deviceId)}::text[], ${column(items, ({ decision }) => decision.agentId)}::text[],
      ${column(items, ({ decision }) => decision.callId)}::text[], ${column(items, ({ decision }) => decision.customerId)}::text[],
      ${column(items, ({ decision }) => decision.atMs)}::bigint[], ${column(items, ({ decision }) => decision.policy)}::text[],
      ${column(items, ({ item }) => item.body)}::text[])`.execute(tx);
}

async function insertRepeats(tx: Tx, items: readonly Incoming<OfKind<'repeat'>>[], nowMs: number): Promise<void> {
  await sql`
    insert into decision_repeats (id, hash, device_id, decision_id, call_id, at_ms, body, received_at_ms)
    select *, ${nowMs}::bigint from unnest(
      ${column(items, ({ item }) => item.id)}::text[], ${column(items, ({ item }) => item.hash)}::text[],
      ${items.map(({ deviceId }) => deviceId)}::text[], ${column(items, ({ repeat }) => repeat.of)}::text[],
      ${column(items, ({ repeat }) => repeat.callId)}::text[], ${column(items, ({ repeat }) => repeat.atMs)}::bigint[],
      ${column(items, ({ item }) => item.body)}::text[])`.execute(tx);
}

async function insertOutcomes(tx: Tx, items: readonly Incoming<OfKind<'outcome'>>[], nowMs: number): Promise<void> {
  await sql`
    insert into outcomes (id, hash, kind, decision_id, call_id, customer_id, agent_id, device_id, action_id, at_ms, clock, retracts, body,
      received_at_ms)
    select id, hash, kind, decision_id, call_id, customer_id, agent_id, device_id, action_id, at_ms, clock, retracts, body::jsonb,
      ${nowMs}::bigint
    from unnest(
      ${column(items, ({ item }) => item.id)}::text[], ${column(items, ({ item }) => item.hash)}::text[],
      ${column(items, ({ outcome }) => outcome.kind)}::text[], ${column(items, ({ outcome }) => outcome.decisionId)}::text[],
      ${column(items, ({ outcome }) => outcome.callId)}::text[], ${column(items, ({ outcome }) => outcome.customerId)}::text[],
      ${column(items, ({ outcome }) => outcome.agentId)}::text[], ${items.map(({ deviceId }) => deviceId)}::text[],
      ${column(items, ({ outcome }) => outcome.actionId)}::text[], ${column(items, ({ outcome }) => outcome.atMs)}::bigint[],
      ${column(items, ({ outcome }) => outcome.clock)}::bigint[], ${column(items, ({ outcome }) => outcome.retracts ?? null)}::text[],
      ${column(items, ({ outcome }) => storedBody(outcome))}::text[])
      as sent (id, hash, kind, decision_id, call_id, customer_id, agent_id, device_id, action_id, at_ms, clock, retracts, body)`.execute(
    tx,
  );
}

/** The one free text of an outcome; the device redacted it before, and this is for those that did not. */
const storedBody = (outcome: Outcome): string =>
  JSON.stringify(outcome.note === undefined ? outcome : { ...outcome, note: redact(outcome.note).text });
