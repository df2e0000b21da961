/** Tells stored decisions, keeping what the last few revisions were compiled to. */
import type { Query } from '../store/open-store.ts';
import { manifestsNamedIn, tellerOf } from './subject-access.ts';
import type { DecisionTeller, ToldRecord } from './told-decision.ts';

const MOST = 3;

export class Tellers {
  readonly #db: Query;
  /** Of the revisions last asked about, the newest last. */
  readonly #known = new Map<string, DecisionTeller | null>();

  constructor(db: Query) {
    this.#db = db;
  }

  /** `body`: of a record decided with this revision. Null where the revision is not here, or the record is of a version that cannot be told. */
  async tell(policy: string, body: string): Promise<ToldRecord | null> {
    const { models } = JSON.parse(body) as { readonly models: readonly string[] };
    const key = [policy, ...models].join(' ');
    const known = this.#known.get(key);
    const teller = known === undefined ? await tellerOf(this.#db, policy, await manifestsNamedIn(this.#db, [body])) : known;
    this.#known.delete(key);
    this.#known.set(key, teller);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
    try {
      return teller?.tell(body) ?? null;
    } catch {
      // A record of another version: what it is about goes on without it.
      return null;
    }
  }
}
