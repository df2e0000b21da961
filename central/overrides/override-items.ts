/** What many overrides of one kind are made of: an item each, with an owner, until something changed or it is left as it is; and who is told. */
import { sql } from 'kysely';
import type {
  ItemChange,
  OverrideFinding,
  OverrideItem,
  OverrideItems as OverrideItemsTold,
  OverrideKind,
  OverrideNotices,
  OverrideRefusal,
} from '#contract/override-review.ts';
import type { RejectReason } from '#contract/policy.ts';
import { redact } from '#core';
import type { Catalogue } from '../policy/catalogue.ts';
import { type Query, sqlState, type Store, type Tx } from '../store/open-store.ts';
import { notTakenBack } from './read-cases.ts';

interface Settings {
  readonly store: Store;
  readonly nowMs: () => number;
  readonly catalogue: Catalogue;
  /** So many cases of one action, kind and reason, in so many days, are an item. */
  readonly clusters: { readonly size: number; readonly days: number };
}

interface Cluster {
  readonly action_id: string;
  readonly kind: OverrideKind;
  readonly reason: RejectReason | null;
  readonly item_id: string | null;
  readonly outcome_ids: readonly string[];
  readonly findings: readonly OverrideFinding[];
}

type ItemRow = Omit<OverrideItem, 'actionName'>;

const DAY_MS = 86_400_000;
/** Any fixed number: one node at a time. */
const LOCK = 5_077_404;
const CHECK_VIOLATION = '23514';
const FOREIGN_KEY_VIOLATION = '23503';

export class OverrideItems {
  readonly #o: Settings;

  constructor(settings: Settings) {
    this.#o = settings;
  }

  /** Clusters above the size become items; what comes after joins the one that is open. Returns how many were opened. */
  async pass(): Promise<number> {
    const { store, nowMs, clusters } = this.#o;
    const at = nowMs();
    return store.transaction(async (tx) => {
      const { rows: locks } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as mine`.execute(tx);
      if (locks[0]?.mine !== true) return 0;
      const { rows } = await sql<Cluster>`
        select c.action_id, c.kind, c.reason, open.item_id, array_agg(c.outcome_id order by c.outcome_id) as outcome_ids,
          coalesce(array_agg(v.verdict) filter (where v.verdict is not null), '{}') as findings
        from override_cases c
        left join override_items open on open.ended_at_ms is null and open.action_id = c.action_id and open.outcome_kind = c.kind
          and open.reason is not distinct from c.reason
        left join lateral (
          select case when count(distinct verdict) = 1 then min(verdict) when count(*) > 0 then 'unclear' end as verdict
          from override_verdicts where outcome_id = c.outcome_id) v on true
        where c.received_at_ms >= ${at - clusters.days * DAY_MS} and ${notTakenBack('c.outcome_id', 'c.call_id')}
          and not exists (select from override_item_cases i where i.outcome_id = c.outcome_id)
        group by c.action_id, c.kind, c.reason, open.item_id
        having open.item_id is not null or count(*) >= ${clusters.size}`.execute(tx);
      for (const cluster of rows) {
        const itemId = cluster.item_id ?? (await openItem(tx, cluster, at));
        await sql`insert into override_item_cases (outcome_id, item_id) select unnest(${cluster.outcome_ids}::text[]), ${itemId}`.execute(
          tx,
        );
      }
      return rows.filter(({ item_id }) => item_id === null).length;
    });
  }

  async list(): Promise<readonly OverrideItem[]> {
    return this.#named(await readItems(this.#o.store.db, null));
  }

  /** Whom the tables let own one. */
  async owners(): Promise<OverrideItemsTold['owners']> {
    const { rows } = await sql<OverrideItemsTold['owners'][number]>`
      select p.person_id as "personId", p.name from people p
      where p.active and exists (select from person_roles r where r.person_id = p.person_id
        and r.role in ('supervisor', 'council', 'huddle', 'analyst', 'operator'))
      order by p.name, p.person_id limit ${MOST_OWNERS}`.execute(this.#o.store.db);
    return rows;
  }

  async change(
    itemId: string,
    by: string,
    { ownerId, fault, state, words }: ItemChange,
  ): Promise<{ readonly ok: true; readonly item: OverrideItem } | { readonly ok: false; readonly reason: OverrideRefusal }> {
    const { store, nowMs } = this.#o;
    try {
      const refusal = await store.transaction(async (tx): Promise<OverrideRefusal | null> => {
        const row = await tx.selectFrom('override_items').selectAll().where('item_id', '=', itemId).forUpdate().executeTakeFirst();
        if (row === undefined) return 'not-found';
        if (row.ended_at_ms !== null) return 'over';
        if ((ownerId ?? row.owner) === null && state !== undefined) return 'no-owner';
        const isEnd = state === 'changed' || state === 'left';
        await tx
          .updateTable('override_items')
          .set({
            owner: ownerId ?? row.owner,
            fault: fault ?? row.fault,
            state: state ?? row.state,
            words: words === undefined ? null : redact(words).text,
            changed_at_ms: nowMs(),
            changed_by: by,
            ended_at_ms: isEnd ? nowMs() : null,
          })
          .where('item_id', '=', itemId)
          .execute();
        return null;
      });
      if (refusal !== null) return { ok: false, reason: refusal };
    } catch (error) {
      if (![CHECK_VIOLATION, FOREIGN_KEY_VIOLATION].includes(sqlState(error) ?? '')) throw error;
      return { ok: false, reason: 'cannot-own' };
    }
    const [item] = await this.#named(await readItems(store.db, itemId));
    if (item === undefined) throw new Error(`item ${itemId} was changed and is not there`);
    return { ok: true, item };
  }

  /** What came of what this person raised, the last first. */
  async notices(personId: string): Promise<OverrideNotices> {
    const { store, catalogue } = this.#o;
    const { rows } = await sql<Omit<OverrideNotices['notices'][number], 'actionName'> & { readonly actionId: string }>`
      select i.item_id as "itemId", i.action_id as "actionId", i.reason, i.state, i.words, n.at_ms as "atMs", n.seen_at_ms as "seenAtMs",
        (select count(*)::int from override_item_cases j join override_cases c using (outcome_id)
          where j.item_id = i.item_id and c.person_id = n.person_id) as raised
      from override_notices n join override_items i using (item_id)
      where n.person_id = ${personId} and i.state in ('changed', 'left') order by n.at_ms desc, i.item_id limit 50`.execute(store.db);
    const nameOf = await catalogue.names();
    return { notices: rows.map(({ actionId, ...notice }) => ({ ...notice, actionName: nameOf(actionId) })) };
  }

  async seen(itemId: string, personId: string): Promise<void> {
    await this.#o.store.db
      .updateTable('override_notices')
      .set({ seen_at_ms: this.#o.nowMs() })
      .where('item_id', '=', itemId)
      .where('person_id', '=', personId)
      .where('seen_at_ms', 'is', null)
      .execute();
  }

  async #named(rows: readonly ItemRow[]): Promise<readonly OverrideItem[]> {
    const nameOf = await this.#o.catalogue.names();
    return rows.map((row) => ({ ...row, actionName: nameOf(row.actionId) }));
  }
}

/** What is proposed until somebody says otherwise: where most were wrong to differ it is training; what was not so, data; else the rules. */
function likelyFault({ findings, reason }: Cluster): 'policy' | 'data' | 'training' {
  const wrong = findings.filter((one) => one === 'system-right').length;
  if (wrong * 2 > findings.length) return 'training';
  return reason === 'wrong-facts' || reason === 'already-done' ? 'data' : 'policy';
}

/** From its first moment it is somebody's: whoever has the fewest, of the council, else of the supervisors. */
async function openItem(tx: Tx, cluster: Cluster, atMs: number): Promise<string> {
  const { rows } = await sql<{ person_id: string }>`
    select p.person_id from people p join person_roles r using (person_id) where p.active and r.role in ('council', 'supervisor')
    order by r.role = 'council' desc, (select count(*) from override_items i where i.owner = p.person_id and i.ended_at_ms is null), p.person_id
    limit 1`.execute(tx);
  const { item_id } = await tx
    .insertInto('override_items')
    .values({
      action_id: cluster.action_id,
      outcome_kind: cluster.kind,
      reason: cluster.reason,
      fault: likelyFault(cluster),
      owner: rows[0]?.person_id ?? null,
      words: null,
      opened_at_ms: atMs,
      changed_at_ms: atMs,
      changed_by: null,
      ended_at_ms: null,
    })
    .returning('item_id')
    .executeTakeFirstOrThrow();
  return item_id;
}

const MOST_ITEMS = 500;
const MOST_OWNERS = 500;

/** Null: all, those that are open first. */
async function readItems(db: Query, itemId: string | null): Promise<readonly ItemRow[]> {
  const { rows } = await sql<ItemRow>`
    select i.item_id as "itemId", i.action_id as "actionId", i.outcome_kind as kind, i.reason, i.fault, i.state, i.owner as "ownerId",
      p.name as "ownerName", i.words, i.opened_at_ms as "openedAtMs", i.ended_at_ms as "endedAtMs",
      (select count(*)::int from override_item_cases c where c.item_id = i.item_id) as cases,
      (select count(distinct c.agent_id)::int from override_item_cases j join override_cases c using (outcome_id) where j.item_id = i.item_id) as agents
    from override_items i left join people p on p.person_id = i.owner
    where ${itemId}::text is null or i.item_id = ${itemId}
    order by i.ended_at_ms is null desc, i.ended_at_ms desc, i.opened_at_ms, i.item_id limit ${MOST_ITEMS}`.execute(db);
  return rows;
}
