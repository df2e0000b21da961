/** One desk for many made-up sequences, each on calls of its own: opening a store for each would take most of the time. */
import type { Surroundings } from '#engine';
import { DeskBench } from './desk-bench.ts';
import { smallRevision } from './small-revision.ts';

export const SMALL_REVISION = smallRevision();

/** After so many the desk is replaced: one that never sends its outbox grows slow. */
const SEQUENCES_A_DESK = 50;

export class SharedBench implements AsyncDisposable {
  readonly #surroundings: () => Partial<Surroundings>;
  readonly #expected: string;
  #sequences = 0;
  #desk: DeskBench | null = null;

  /** `surroundings` are asked for with each new desk; an error in its log that does not hold the `expected` words fails. */
  constructor(surroundings: () => Partial<Surroundings> = () => ({}), expected = 'no error at all') {
    this.#surroundings = surroundings;
    this.#expected = expected;
  }

  /** The desk for the next sequence, and its number, for the names of its calls. */
  async next(): Promise<{ readonly desk: DeskBench; readonly sequence: number }> {
    if (this.#sequences % SEQUENCES_A_DESK === 0) await this.#leave();
    this.#desk ??= await DeskBench.open({ bundles: [{ revision: SMALL_REVISION }], surroundings: this.#surroundings() });
    this.#sequences += 1;
    return { desk: this.#desk, sequence: this.#sequences };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const desk = this.#desk;
    this.#desk = null;
    await desk?.[Symbol.asyncDispose]();
    const errors = desk?.logs.filter((line) => line.startsWith('error') && !line.includes(this.#expected)) ?? [];
    if (errors.length > 0) throw new Error(`the desk logged ${errors.join('\n')}`);
  }
}
