/**
 * Learning from a log that arrives in any order. What is learnt depends on the set of responses alone: they count in the order
 * (when it happened, id), so a late one takes everything after it back to where it belongs.
 */
import { canonicalJson } from '#core';
import type { AdaptiveState } from '#contract/model.ts';
import { AdaptiveModel } from './adaptive-model.ts';
import type { AdaptiveShape, Cell } from './response-encoder.ts';

/** One answer, with what was known when it was asked for. */
export interface LearningResponse {
  readonly id: string;
  readonly occurredAtMs: number;
  /** Cells in the order of the shape. */
  readonly action: readonly Cell[];
  readonly features: readonly Cell[];
  readonly isPositive: boolean;
}

interface Checkpoint {
  /** Responses it has learnt from. */
  readonly learnt: number;
  readonly state: AdaptiveState;
}

/** At most this many states are kept to go back to; then every second one goes. */
const MOST_CHECKPOINTS = 16;

const isBefore = (a: LearningResponse, b: LearningResponse): boolean =>
  a.occurredAtMs !== b.occurredAtMs ? a.occurredAtMs < b.occurredAtMs : a.id < b.id;

export class OutcomeReplay {
  readonly #shape: AdaptiveShape;
  readonly #log: LearningResponse[] = [];
  readonly #known = new Map<string, LearningResponse>();
  #checkpoints: Checkpoint[] = [];
  #every: number;
  #model: AdaptiveModel;
  #learnt = 0;

  /** @param every responses between two states that are kept. */
  constructor(shape: AdaptiveShape, every = 1_000) {
    this.#shape = shape;
    this.#every = every;
    this.#model = new AdaptiveModel(shape);
  }

  /**
   * Takes responses in, whenever they come. One with a known id is the same one again; should it say something else, the one whose
   * canonical JSON comes first holds, whichever came first.
   */
  add(responses: readonly LearningResponse[]): void {
    for (const response of responses) {
      const known = this.#known.get(response.id);
      if (known !== undefined) {
        if (canonicalJson(response) >= canonicalJson(known)) continue;
        this.#log.splice(this.#log.indexOf(known), 1);
        this.#backTo(this.#place(known));
      }
      this.#known.set(response.id, response);
      const place = this.#place(response);
      this.#log.splice(place, 0, response);
      this.#backTo(place);
    }
  }

  /** Responses that turned out not to be any, or otherwise: they are forgotten. Unknown ids are none of ours. */
  withdraw(ids: readonly string[]): void {
    for (const id of ids) {
      const known = this.#known.get(id);
      if (known === undefined) continue;
      this.#known.delete(id);
      const place = this.#place(known);
      this.#log.splice(place, 1);
      this.#backTo(place);
    }
  }

  /** The model that has learnt from all of them. */
  model(): AdaptiveModel {
    for (; this.#learnt < this.#log.length; this.#learnt++) {
      if (this.#learnt > 0 && this.#learnt % this.#every === 0) this.#keep();
      const { action, features, isPositive } = this.#log[this.#learnt] as LearningResponse;
      this.#model.learn(action, features, isPositive);
    }
    return this.#model;
  }

  /** Where a response belongs in the log: the place of the first one that is not before it. */
  #place(response: LearningResponse): number {
    let from = 0;
    let to = this.#log.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (isBefore(this.#log[middle] as LearningResponse, response)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #keep(): void {
    if (this.#checkpoints.at(-1)?.learnt === this.#learnt) return;
    this.#checkpoints.push({ learnt: this.#learnt, state: this.#model.state() });
    if (this.#checkpoints.length <= MOST_CHECKPOINTS) return;
    this.#every *= 2;
    this.#checkpoints = this.#checkpoints.filter(({ learnt }) => learnt % this.#every === 0);
  }

  /** What was learnt from this place in the log on is forgotten. */
  #backTo(place: number): void {
    if (place >= this.#learnt) return;
    this.#checkpoints = this.#checkpoints.filter(({ learnt }) => learnt <= place);
    const last = this.#checkpoints.at(-1);
    this.#model = new AdaptiveModel(this.#shape, last?.state);
    this.#learnt = last?.learnt ?? 0;
  }
}
