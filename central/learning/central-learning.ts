/**
 * Central learns from its outcome log, and publishes what it learnt now and then as a signed base for the desks.
 *
 *   outcomes + records ─► OutcomeLearner (in memory, begun anew with every day, erasure and start) ─► learnt_models ─► desks
 *
 * Nothing is kept between starts but what was published: everything is read from the log again. Nodes that learn at the same time come to
 * the same; one of them publishes.
 */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { LearntOverview, RewardKind } from '#contract/learning.ts';
import { sql } from 'kysely';
import type { BundleSigner } from '../policy/bundle-signer.ts';
import type { Revisions } from '../policy/revisions.ts';
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import { type LastBase, lastBases, lastHashes, learntOverview, publishBases } from './learnt-models.ts';
import { OutcomeLearner } from './outcome-learner.ts';

const DAY_MS = 86_400_000;
const TRY_EVERY_MS = 60_000;
/** Whether it is time to learn and publish is asked this often. */
export const LOOK_FOR_LEARNING_MS = 1_000;

export interface CentralLearningOptions {
  readonly store: Store;
  readonly revisions: Revisions;
  readonly signer: BundleSigner;
  readonly counters: Counters;
  readonly nowMs: () => number;
  /** This node published something: everybody is to be told. */
  readonly published: () => void;
  /** Between two bases, by central's clock. */
  readonly publishMs: number;
  /** Outcomes older than this are forgotten. */
  readonly days: number;
}

export class CentralLearning {
  readonly #o: CentralLearningOptions;
  #learner: { readonly key: string; readonly learner: OutcomeLearner } | null = null;
  #current: { readonly hash: string; readonly revision: CheckedRevision | null } | null = null;
  /** Null: not looked yet. */
  #bases: ReadonlyMap<RewardKind, LastBase> | null = null;
  #triedAtMs = 0;
  #running: Promise<void> | null = null;
  readonly #listeners = new Set<(overview: LearntOverview) => void>();

  constructor(options: CentralLearningOptions) {
    this.#o = options;
  }

  /** The base that desks are to use under the current revision; null = none. */
  async base(): Promise<LastBase | null> {
    const reward = (await this.#revision())?.adaptive?.reward;
    if (reward === undefined) return null;
    if (this.#bases === null) await this.look();
    return this.#bases?.get(reward) ?? null;
  }

  /** Reads what was published, here or at another node. True where that is another one than before. */
  async look(): Promise<boolean> {
    const { db } = this.#o.store;
    const known = [...(this.#bases?.values() ?? [])].map(({ hash }) => hash);
    const isNew = (await lastHashes(db)).join() !== known.join();
    if (isNew || this.#bases === null) this.#bases = await lastBases(db);
    return isNew;
  }

  /** Learns and publishes where that is due. Never twice at once. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Calls back whenever this node published something; returns what stops it. */
  onPublished(listener: (overview: LearntOverview) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#running?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { store, signer, counters, nowMs, publishMs } = this.#o;
    const adaptive = (await this.#revision())?.adaptive;
    if (adaptive === undefined) return;
    const asOfMs = nowMs();
    const dueMs = asOfMs - publishMs;
    // Where nothing is new, nothing is published, and there is no need to find that out every second.
    if (Math.abs(asOfMs - this.#triedAtMs) < Math.min(publishMs, TRY_EVERY_MS)) return;
    this.#triedAtMs = asOfMs;
    await this.look();
    if ([...(this.#bases?.values() ?? [])].some(({ atMs }) => atMs > dueMs)) return;
    const learner = await this.#begun(adaptive, asOfMs);
    const models = await learner.learn(store.db, asOfMs);
    const covers = { ...learner.place, asOfMs };
    const bases = [...models].map(([reward, model]) => ({ reward, model, covers }));
    const published = await publishBases(store, bases, { signer, nowMs: asOfMs, dueMs });
    counters.add('learning: bases published', published);
    if (published === 0) return;
    await this.look();
    const overview = this.#listeners.size === 0 ? null : await learntOverview(store.db);
    if (overview !== null) for (const listener of this.#listeners) listener(overview);
    this.#o.published();
  }

  /** What began before somebody was erased, on another day or under other rules, is forgotten and learnt anew. */
  async #begun(adaptive: NonNullable<CheckedRevision['adaptive']>, nowMs: number): Promise<OutcomeLearner> {
    const { store, revisions, days } = this.#o;
    const fromMs = Math.floor(nowMs / DAY_MS) * DAY_MS - days * DAY_MS;
    const { rows } = await sql<{ erased: number }>`
      select coalesce(max(seq), 0)::bigint as erased from data_orders where kind = 'erase'`.execute(store.db);
    const { features, windowMs } = adaptive;
    const key = JSON.stringify([features, windowMs, fromMs, rows[0]?.erased ?? 0]);
    if (this.#learner?.key === key) return this.#learner.learner;
    const learner = new OutcomeLearner({ adaptive, fromMs, revision: (hash) => revisions.checked(hash) });
    this.#learner = { key, learner };
    return learner;
  }

  async #revision(): Promise<CheckedRevision | null> {
    const hash = this.#o.revisions.current?.revision ?? null;
    if (hash === null) return null;
    if (this.#current?.hash !== hash) this.#current = { hash, revision: await this.#o.revisions.checked(hash) };
    return this.#current.revision;
  }
}
