/** Scoring and ranking by hand, shared by the floor and by every engine that only filters. */
import type { Answer } from './contestant.ts';
import { FIELDS, REASON_FACTOR, type Workload } from './workload.ts';

export class Scorer {
  readonly #workload: Workload;
  readonly #weights: Float64Array;
  readonly #bias: Float64Array;
  readonly #worth: Float64Array;
  readonly #issue: Int32Array;
  /** The best three of the last ranking, best first, and their priorities; −1 where there are fewer. */
  readonly #top = new Int32Array(3);
  readonly #priorities = new Float64Array(3);

  constructor(workload: Workload) {
    const { actions } = workload;
    this.#workload = workload;
    this.#weights = new Float64Array(actions.length * FIELDS);
    for (const [number, { weights }] of actions.entries()) this.#weights.set(weights, number * FIELDS);
    this.#bias = Float64Array.from(actions, ({ bias }) => bias);
    this.#worth = Float64Array.from(actions, ({ value, lever }) => value * lever);
    this.#issue = Int32Array.from(actions, ({ issue }) => issue);
  }

  /** Ranks the first `count` of the actions in `eligible` for a customer; of equals the one that comes first wins. */
  rank(eligible: Int32Array, count: number, profile: number): void {
    const weights = this.#weights;
    const bias = this.#bias;
    const worth = this.#worth;
    const issue = this.#issue;
    const encoded = this.#workload.encoded[profile]!;
    const reason = this.#workload.reasons[profile]!;
    let first = -1;
    let second = -1;
    let third = -1;
    let firstPriority = -1;
    let secondPriority = -1;
    let thirdPriority = -1;
    for (let position = 0; position < count; position++) {
      const action = eligible[position]!;
      let logOdds = bias[action]!;
      const from = action * FIELDS;
      for (let field = 0; field < FIELDS; field++) logOdds += weights[from + field]! * encoded[field]!;
      const priority = (worth[action]! * (issue[action] === reason ? REASON_FACTOR : 1)) / (1 + Math.exp(-logOdds));
      if (priority <= thirdPriority) continue;
      if (priority > firstPriority) {
        third = second;
        thirdPriority = secondPriority;
        second = first;
        secondPriority = firstPriority;
        first = action;
        firstPriority = priority;
      } else if (priority > secondPriority) {
        third = second;
        thirdPriority = secondPriority;
        second = action;
        secondPriority = priority;
      } else {
        third = action;
        thirdPriority = priority;
      }
    }
    this.#top[0] = first;
    this.#top[1] = second;
    this.#top[2] = third;
    this.#priorities[0] = firstPriority;
    this.#priorities[1] = secondPriority;
    this.#priorities[2] = thirdPriority;
  }

  /** What the last ranking, of these actions, came to. */
  answer(eligible: Int32Array, count: number): Answer {
    const found = Math.min(3, count);
    return {
      eligible: Array.from(eligible.subarray(0, count)),
      top: Array.from(this.#top.subarray(0, found)),
      priorities: Array.from(this.#priorities.subarray(0, found)),
    };
  }

  /** The propensity of one action for one customer. */
  propensity(action: number, profile: number): number {
    const encoded = this.#workload.encoded[profile]!;
    let logOdds = this.#bias[action]!;
    for (let field = 0; field < FIELDS; field++) logOdds += this.#weights[action * FIELDS + field]! * encoded[field]!;
    return 1 / (1 + Math.exp(-logOdds));
  }
}
