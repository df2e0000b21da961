/** From outcomes to a model that has learnt them: one kind of reward, each at its place in time, and corrected where it turned out otherwise. */
import type { RewardKind } from '#contract/learning.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { AdaptiveModel } from '../adaptive/adaptive-model.ts';
import { type LearningResponse, OutcomeReplay } from '../adaptive/outcome-replay.ts';
import type { AdaptiveShape } from '../adaptive/response-encoder.ts';
import type { Reward, RewardSettings } from './reward.ts';
import { RewardLedger } from './reward-ledger.ts';

/** What was known of a prompt when it was decided, from its record; null where the record is not there. */
export type DescribePrompt = (reward: Pick<Reward, 'decisionId' | 'actionId'>) => Pick<LearningResponse, 'action' | 'features'> | null;

export class RewardLearner {
  readonly #kind: RewardKind;
  readonly #ledger: RewardLedger;
  readonly #replay: OutcomeReplay;
  readonly #describe: DescribePrompt;
  /** By id. They wait: a record may come after what was answered to it. */
  readonly #undescribed = new Map<string, Reward>();

  constructor(kind: RewardKind, settings: RewardSettings, shape: AdaptiveShape, describe: DescribePrompt) {
    this.#kind = kind;
    this.#ledger = new RewardLedger(settings);
    this.#replay = new OutcomeReplay(shape);
    this.#describe = describe;
  }

  /** Takes outcomes in that nothing is learnt from yet. */
  take(outcomes: Iterable<Outcome>): void {
    this.#ledger.add(outcomes);
  }

  /** Rewards as they stand by all that happened up to `asOfMs`; returns those that `model` will ask the description of. */
  settle(asOfMs: number): readonly Reward[] {
    const { settled, withdrawn } = this.#ledger.settle(asOfMs);
    const own = settled.filter(({ kind }) => kind === this.#kind);
    const changed = [...withdrawn, ...own.map(({ id }) => id)];
    this.#replay.withdraw(changed);
    for (const id of changed) this.#undescribed.delete(id);
    for (const reward of own) this.#undescribed.set(reward.id, reward);
    return [...this.#undescribed.values()];
  }

  /** The model that has learnt from everything that was settled and can be described: the same bytes for any order and any batches. */
  model(): AdaptiveModel {
    const described: LearningResponse[] = [];
    for (const [id, reward] of this.#undescribed) {
      const prompt = this.#describe(reward);
      if (prompt === null) continue;
      described.push({ id, occurredAtMs: reward.occurredAtMs, ...prompt, isPositive: reward.isPositive });
      this.#undescribed.delete(id);
    }
    this.#replay.add(described);
    return this.#replay.model();
  }

  /** All of it at once. */
  learn(outcomes: Iterable<Outcome>, asOfMs: number): AdaptiveModel {
    this.take(outcomes);
    this.settle(asOfMs);
    return this.model();
  }
}
