/** Counts of what was taken and refused, and why: in memory at once, in the table soon after. Counting never fails the thing counted. */
import { sql } from 'kysely';
import type { Store } from './open-store.ts';

export class Counters {
  readonly #store: Store;
  readonly #heard: (name: string, n: number) => void;
  readonly #unsaved = new Map<string, number>();

  /** `heard` is told of every count at once. */
  constructor(store: Store, heard: (name: string, n: number) => void = () => {}) {
    this.#store = store;
    this.#heard = heard;
  }

  add(name: string, n = 1): void {
    if (n <= 0) return;
    this.#keep(name, n);
    this.#heard(name, n);
  }

  #keep(name: string, n: number): void {
    this.#unsaved.set(name, (this.#unsaved.get(name) ?? 0) + n);
  }

  /** Adds what is not yet in the table to it. */
  async save(): Promise<void> {
    const taken = [...this.#unsaved].toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (taken.length === 0) return;
    this.#unsaved.clear();
    try {
      await this.#store.db
        .insertInto('counts')
        .values(taken.map(([name, count]) => ({ name, count })))
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ count: sql`counts.count + excluded.count` }))
        .execute();
    } catch (error) {
      for (const [name, count] of taken) this.#keep(name, count);
      throw new Error('counts could not be saved', { cause: error });
    }
  }

  /** All counts since the store was made, by name. */
  async totals(): Promise<Readonly<Record<string, number>>> {
    await this.save();
    const rows = await this.#store.db.selectFrom('counts').selectAll().orderBy('name').execute();
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  }
}
