/**
 * Learns from the log of outcomes, page by page, what both rewards say: the agent's answer and what the customer did. What it comes to
 * depends on the log up to a place and on a moment, not on when it read what, nor in how many pieces.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { CheckedAdaptive, CheckedRevision } from '#contract/checked-policy.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { REWARD_KINDS, type RewardKind } from '#contract/learning.ts';
import type { Outcome } from '#contract/outcome.ts';
import { type CompiledRevision, compileRevision, readCanonical } from '#core';
import { type AdaptiveModel, type DescribedPrompt, describePrompt, learntShape, type Reward, RewardLearner } from '#learning';
import { sql } from 'kysely';
import { inLogOrder, isAfter, LOG_START, type LogPlace } from '../store/log-place.ts';
import type { Query } from '../store/open-store.ts';

const PAGE = 500;
/** Records read between two turns of the loop. */
const AT_ONCE = 50;
/** Revisions made ready. */
const MOST_COMPILED = 8;

export interface OutcomeLearnerOptions {
  readonly adaptive: Pick<CheckedAdaptive, 'features' | 'windowMs'>;
  /** Outcomes from before are left out. */
  readonly fromMs: number;
  /** A revision that records name; null where it is not kept, or cannot be read any more. */
  readonly revision: (hash: string) => Promise<CheckedRevision | null>;
}

const keyOf = ({ decisionId, actionId }: Pick<Reward, 'decisionId' | 'actionId'>): string => `${decisionId} ${actionId}`;

export class OutcomeLearner {
  readonly #o: OutcomeLearnerOptions;
  readonly #learners: ReadonlyMap<RewardKind, RewardLearner>;
  /** Of what is being learnt just now. */
  readonly #described = new Map<string, DescribedPrompt | null>();
  readonly #compiled = new Map<string, CompiledRevision | null>();
  #place: LogPlace = LOG_START;

  constructor(options: OutcomeLearnerOptions) {
    this.#o = options;
    const { features, windowMs } = options.adaptive;
    const shape = learntShape(features);
    const describe = (reward: Pick<Reward, 'decisionId' | 'actionId'>): DescribedPrompt | null =>
      this.#described.get(keyOf(reward)) ?? null;
    this.#learners = new Map(REWARD_KINDS.map((kind) => [kind, new RewardLearner(kind, { windowMs }, shape, describe)]));
  }

  /** Up to where the log was read. */
  get place(): LogPlace {
    return this.#place;
  }

  /** The models of all outcomes committed by now, and of what time settled until `asOfMs`, which never goes back. */
  async learn(db: Query, asOfMs: number): Promise<ReadonlyMap<RewardKind, AdaptiveModel>> {
    for (;;) {
      const page = await this.#page(db);
      const counted = page.filter(({ atMs }) => atMs >= this.#o.fromMs);
      for (const learner of this.#learners.values()) learner.take(counted);
      if (page.length < PAGE) break;
      await turn();
    }
    const wanted = [...this.#learners.values()].flatMap((learner) => learner.settle(asOfMs));
    await this.#describe(db, wanted);
    const models = new Map([...this.#learners].map(([kind, learner]) => [kind, learner.model()]));
    this.#described.clear();
    return models;
  }

  async #page(db: Query): Promise<readonly Outcome[]> {
    const { rows } = await sql<{ tx: string; pos: number; body: Outcome }>`
      select tx::text as tx, pos, body from outcomes
      where ${isAfter(this.#place)} order by ${inLogOrder('outcomes')} limit ${PAGE}`.execute(db);
    const last = rows.at(-1);
    if (last !== undefined) this.#place = { tx: last.tx, pos: last.pos };
    return rows.map(({ body }) => body);
  }

  async #describe(db: Query, rewards: readonly Reward[]): Promise<void> {
    const byDecision = Map.groupBy(rewards, ({ decisionId }) => decisionId);
    const ids = [...byDecision.keys()];
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const rows = await db
        .selectFrom('decisions')
        .select(['id', 'policy', 'body'])
        .where('id', '=', sql<string>`any(${ids.slice(from, from + AT_ONCE)}::text[])`)
        .execute();
      for (const { id, policy, body } of rows) {
        const compiled = await this.#revision(policy);
        if (compiled === null) continue;
        const record = DecisionRecord.parse(readCanonical(body));
        for (const reward of byDecision.get(id) ?? [])
          this.#described.set(keyOf(reward), describePrompt(compiled, record, reward.actionId, this.#o.adaptive.features));
      }
      await turn();
    }
  }

  async #revision(hash: string): Promise<CompiledRevision | null> {
    const known = this.#compiled.get(hash);
    if (known !== undefined) return known;
    const checked = await this.#o.revision(hash);
    const compiled = checked === null ? null : compileRevision(checked);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size >= MOST_COMPILED && oldest !== undefined) this.#compiled.delete(oldest);
    this.#compiled.set(hash, compiled);
    return compiled;
  }
}
