/** Questions to the tables that come together and are answered with one query: two thousand desks that come back at once ask the same. */
import { Admission } from './admission.ts';

export interface GatheringSettings {
  readonly workers: number;
  readonly atOnce: number;
  readonly paceMs: number;
}

const DEFAULT: GatheringSettings = { workers: 2, atOnce: 100, paceMs: 5 };

export class Gathering<T, R> {
  readonly #asking: Admission<T, R>;

  /** `answer` gives one answer for each question, in their order. Whoever asks bounds how many may wait. */
  constructor(answer: (asked: readonly T[]) => Promise<readonly R[]>, { workers, atOnce, paceMs }: GatheringSettings = DEFAULT) {
    const mostWaiting = Number.POSITIVE_INFINITY;
    this.#asking = new Admission({ workers, groupWeight: atOnce, paceMs, mostWaiting, longestWaitMs: mostWaiting }, answer);
  }

  /** Rejects when the tables cannot be read. */
  async ask(asked: T): Promise<R> {
    const entered = await this.#asking.enter(asked, 1);
    if (!entered.ok) throw new Error('a question was turned away though any number may wait');
    return entered.result;
  }
}
