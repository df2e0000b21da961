/** Whoever decides over the common workload, and what it must say. */

export interface Answer {
  /** Actions that pass, by their number in the workload, ascending. */
  readonly eligible: readonly number[];
  /** The best three of them, best first. */
  readonly top: readonly number[];
  /** Their priorities, in the same order. */
  readonly priorities: readonly number[];
}

export interface Contestant {
  readonly name: string;
  /** How many customers there are. */
  readonly profiles: number;
  /** Decides for a customer by number: the work that is timed. */
  decide(profile: number): void | Promise<void>;
  /** The same decision, told. */
  answer(profile: number): Answer | Promise<Answer>;
}
