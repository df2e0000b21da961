/** What was learnt, as it was published: one row a base. */
import { createHash } from 'node:crypto';
import { type LearntBundle, LearntManifest, type LearntOverview, type RewardKind } from '#contract/learning.ts';
import { AdaptiveState } from '#contract/model.ts';
import { canonicalJson } from '#core';
import { AdaptiveModel } from '#learning';
import { sql } from 'kysely';
import { type DeskName, deskKey } from '../live/read-usage.ts';
import type { BundleSigner } from '../policy/bundle-signer.ts';
import type { Query, Store, Tx } from '../store/open-store.ts';

/** Desks that were away fetch the last one. */
const KEPT_STATES = 2;
/** Any fixed number: nodes publish one after the other. */
const LOCK = 5_077_403;

/** A base that is last of its kind of reward. */
export interface LastBase {
  readonly hash: string;
  readonly version: number;
  readonly atMs: number;
  readonly manifest: LearntManifest;
}

export interface NewBase {
  readonly reward: RewardKind;
  readonly model: AdaptiveModel;
  readonly covers: LearntManifest['covers'];
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function lastBases(db: Query): Promise<ReadonlyMap<RewardKind, LastBase>> {
  const rows = await db
    .selectFrom('learnt_models')
    .select(['hash', 'reward', 'version', 'manifest', 'at_ms'])
    .distinctOn('reward')
    .orderBy('reward')
    .orderBy('version', 'desc')
    .execute();
  return new Map(rows.map(({ hash, reward, version, manifest, at_ms }) => [reward, { hash, version, manifest, atMs: at_ms }]));
}

/** Of `lastBases`, without reading what they hold. */
export async function lastHashes(db: Query): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('learnt_models')
    .select('hash')
    .distinctOn('reward')
    .orderBy('reward')
    .orderBy('version', 'desc')
    .execute();
  return rows.map(({ hash }) => hash);
}

/**
 * Publishes each that is another than the last of its kind, signed. One node at a time; where another did so since `dueMs`, none.
 * Returns how many.
 */
export async function publishBases(
  store: Store,
  bases: readonly NewBase[],
  { signer, nowMs, dueMs }: { readonly signer: BundleSigner; readonly nowMs: number; readonly dueMs: number },
): Promise<number> {
  return await store.transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx);
    const last = await lastBases(tx);
    if ([...last.values()].some(({ atMs }) => atMs > dueMs)) return 0;
    let count = 0;
    for (const base of bases) if (await publish(tx, base, last.get(base.reward), signer, nowMs)) count += 1;
    return count;
  });
}

async function publish(
  tx: Tx,
  { reward, model, covers }: NewBase,
  last: LastBase | undefined,
  signer: BundleSigner,
  nowMs: number,
): Promise<boolean> {
  const state = model.state();
  const text = canonicalJson(state);
  const stateHash = sha256(text);
  // Where all that was learnt from was erased, what is left is published too.
  if ((model.responses === 0 && last === undefined) || last?.manifest.state === stateHash) return false;
  const manifest = LearntManifest.parse({
    id: `answers-${reward}`,
    kind: 'adaptive',
    version: (last?.version ?? 0) + 1,
    reward,
    state: stateHash,
    covers,
    features: state.features,
    actions: evidenceOf(state),
  } satisfies LearntManifest);
  const hash = sha256(canonicalJson(manifest));
  const signed = signer.sign({ hash, manifest, state: null }, null);
  await tx
    .insertInto('learnt_models')
    .values({
      hash,
      reward,
      version: manifest.version,
      manifest: JSON.stringify(manifest),
      state: text,
      signed: JSON.stringify(signed),
      at_ms: nowMs,
    })
    .execute();
  await tx
    .updateTable('learnt_models')
    .set({ state: null })
    .where('reward', '=', reward)
    .where('version', '<=', manifest.version - KEPT_STATES)
    .where('state', 'is not', null)
    .execute();
  return true;
}

/** Per action, whatever the channel. */
function evidenceOf({ evidence }: AdaptiveState): LearntManifest['actions'] {
  const byAction = new Map<string, { evidence: number; positives: number }>();
  for (const { action, responses, positives } of evidence) {
    const id = String(action.at(-1));
    const known = byAction.get(id) ?? { evidence: 0, positives: 0 };
    byAction.set(id, { evidence: known.evidence + responses, positives: known.positives + positives });
  }
  return [...byAction].map(([id, known]) => ({ id, ...known })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Null where it was never published here; without its state where that is one of the former ones. */
export async function learntBundle(db: Query, hash: string): Promise<LearntBundle | null> {
  const row = await db.selectFrom('learnt_models').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (row === undefined) return null;
  const state = row.state === null ? null : AdaptiveState.parse(JSON.parse(row.state));
  return { hash, manifest: row.manifest, state, signed: row.signed };
}

/** The last bases with what they say of each action alone. */
export async function learntOverview(db: Query): Promise<LearntOverview> {
  const bases: LearntOverview['bases'] = [];
  for (const { hash, atMs, version, manifest } of (await lastBases(db)).values()) {
    const state = (await learntBundle(db, hash))?.state ?? null;
    if (state === null) continue;
    const model = new AdaptiveModel({ action: state.action, features: state.features }, state);
    const unknown = state.features.map(() => null);
    const saidOf = new Map(state.evidence.map(({ action }) => [String(action.at(-1)), model.propensity(action, unknown)]));
    bases.push({
      hash,
      reward: manifest.reward,
      version,
      atMs,
      responses: state.responses,
      positives: state.positives,
      covers: manifest.covers,
      actions: manifest.actions
        .map((known) => ({ ...known, propensity: saidOf.get(known.id) ?? 0 }))
        .toSorted((a, b) => b.evidence - a.evidence || (a.id < b.id ? -1 : 1)),
    });
  }
  return { bases };
}

/** Per desk (its name as `deskKey` writes it) its last answer that a base covers; as are all it gave before. */
export async function countedIn(
  db: Query,
  desks: readonly DeskName[],
  { tx, pos }: LearntManifest['covers'],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ device_id: string; agent_id: string; id: string }>`
    select desk.device_id, desk.agent_id, last.id
    from unnest(${desks.map(({ deviceId }) => deviceId)}::text[], ${desks.map(({ agentId }) => agentId)}::text[]) as desk (device_id, agent_id)
    cross join lateral (
      select id from outcomes
      where outcomes.device_id = desk.device_id and outcomes.agent_id = desk.agent_id
        and kind in ('accepted', 'overridden', 'retracted', 'rejected', 'expired')
        and (outcomes.tx, outcomes.pos) <= (${tx}::text::xid8, ${pos}::bigint)
      order by tx desc, clock desc limit 1
    ) as last`.execute(db);
  return new Map(rows.map(({ device_id, agent_id, id }) => [deskKey({ deviceId: device_id, agentId: agent_id }), id]));
}
