/** How many actions are left after each stage, over many decisions: from the reasons their records hold. */
import { REASON_ALPHABET, REASONS, type Stage, STAGES } from '#contract/reason-codes.ts';

export interface FunnelStage {
  readonly stage: Stage;
  /** Actions that ended here, over all decisions. */
  readonly ended: number;
  /** Optionality: actions that went on, per decision. For `shown` those that were shown. */
  readonly leftPerDecision: number;
  /** No-action ratio: share of decisions in which none went on. */
  readonly noneLeft: number;
}

const LAST = STAGES.length - 1;

export class ActionFunnel {
  readonly #ended = STAGES.map(() => 0);
  readonly #left = STAGES.map(() => 0);
  readonly #none = STAGES.map(() => 0);
  #decisions = 0;

  /** `reasons` of a record. Throws a RangeError for a letter that is no reason. */
  add(reasons: string): void {
    const counts = STAGES.map(() => 0);
    for (const letter of reasons) {
      const reason = REASONS[REASON_ALPHABET.indexOf(letter)];
      if (reason === undefined) throw new RangeError(`"${letter}" is no reason`);
      // Must-say only is found out after scoring, whatever the reason's own stage.
      const place = STAGES.indexOf(reason.code === 'must-say-only' ? 'threshold' : reason.stage);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    this.#decisions += 1;
    let left = reasons.length;
    for (const [place, ended] of counts.entries()) {
      if (place < LAST) left -= ended;
      this.#ended[place] = (this.#ended[place] ?? 0) + ended;
      this.#left[place] = (this.#left[place] ?? 0) + left;
      if (left === 0) this.#none[place] = (this.#none[place] ?? 0) + 1;
    }
  }

  get decisions(): number {
    return this.#decisions;
  }

  /** One row a stage, in their order; every share is 0 where there was no decision. */
  stages(): readonly FunnelStage[] {
    const per = (sum: number | undefined): number => (this.#decisions === 0 ? 0 : (sum ?? 0) / this.#decisions);
    return STAGES.map((stage, place) => ({
      stage,
      ended: this.#ended[place] ?? 0,
      leftPerDecision: per(this.#left[place]),
      noneLeft: per(this.#none[place]),
    }));
  }
}
