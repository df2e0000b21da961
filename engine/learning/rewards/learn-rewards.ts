/** From outcomes to a model that has learnt them: one kind of reward, each at its place in time, and corrected where it turned out otherwise. */
import type { Outcome } from '#contract/outcome.ts';
import type { AdaptiveModel } from '../adaptive/adaptive-model.ts';
import { type LearningResponse, OutcomeReplay } from '../adaptive/outcome-replay.ts';
import type { AdaptiveShape } from '../adaptive/response-encoder.ts';
import type { Reward, RewardKind, RewardSettings } from './reward.ts';
import { RewardLedger } from './reward-ledger.ts';

/** What was known of a prompt when it was decided, from its record; null where the record is not there. */
export type DescribePrompt = (reward: Pick<Reward, 'decisionId' | 'actionId'>) => Pick<LearningResponse, 'action' | 'features'> | null;

export class RewardLearner {
  readonly #kind: RewardKind;
  readonly #ledger: RewardLedger;
  readonly #replay: OutcomeReplay;
  readonly #describe: DescribePrompt;
  #undescribed = 0;

  constructor(kind: RewardKind, settings: RewardSettings, shape: AdaptiveShape, describe: DescribePrompt) {
    this.#kind = kind;
    this.#ledger = new RewardLedger(settings);
    this.#replay = new OutcomeReplay(shape);
    this.#describe = describe;
  }

  /** Rewards that were left out because nobody knows what was decided on. */
  get undescribed(): number {
    return this.#undescribed;
  }

  /** The model that has learnt from everything that happened up to `asOfMs`: the same bytes for any order and any batches. */
  learn(outcomes: Iterable<Outcome>, asOfMs: number): AdaptiveModel {
    this.#ledger.add(outcomes);
    const { settled, withdrawn } = this.#ledger.settle(asOfMs);
    const own = settled.filter(({ kind }) => kind === this.#kind);
    this.#replay.withdraw([...withdrawn, ...own.map(({ id }) => id)]);
    this.#replay.add(
      own.flatMap((reward): readonly LearningResponse[] => {
        const described = this.#describe(reward);
        if (described === null) this.#undescribed++;
        return described === null
          ? []
          : [{ id: reward.id, occurredAtMs: reward.occurredAtMs, ...described, isPositive: reward.isPositive }];
      }),
    );
    return this.#replay.model();
  }
}
