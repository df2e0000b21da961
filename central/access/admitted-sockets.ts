/**
 * Everybody who is connected to this node, and whether they still may be. Who lost the person, the role, the account or the device that
 * let them in is cut, wherever that was done: a node looks at one row, and only when it changed are all asked for anew.
 */
import type { Query } from '../store/open-store.ts';
import { findPrincipals, type Principal } from './directory.ts';
import type { Speaker } from './tokens.ts';

/** How often a node looks: with what a look takes, far below the five seconds within which somebody must be gone. */
export const LOOK_EVERY_MS = 1_000;

export interface Admission {
  readonly speaker: Speaker;
  /** Whether who that is now would be let in. */
  readonly isStill: (principal: Principal) => boolean;
  readonly cut: () => void;
}

export class AdmittedSockets {
  readonly #db: Query;
  /** With the version of the tables by which each was last asked for; null: they may have changed since it was let in. */
  readonly #versions = new Map<Admission, number | null>();
  #looking: Promise<void> = Promise.resolve();

  constructor(db: Query) {
    this.#db = db;
  }

  /** Returns what forgets it, to be called when the socket is gone. */
  add(admission: Admission): () => void {
    this.#versions.set(admission, null);
    return () => this.#versions.delete(admission);
  }

  /** Cuts who may not be connected any more. Asks for nobody where nothing changed since they were last asked for. */
  look(): Promise<void> {
    const looked = this.#looking.then(() => this.#look());
    this.#looking = looked.catch(() => undefined);
    return looked;
  }

  async #look(): Promise<void> {
    if (this.#versions.size === 0) return;
    const { version } = await this.#db.selectFrom('access_version').select('version').executeTakeFirstOrThrow();
    const old = [...this.#versions].filter(([, asked]) => asked !== version).map(([admission]) => admission);
    if (old.length === 0) return;
    const principals = await findPrincipals(
      this.#db,
      old.map(({ speaker }) => speaker),
    );
    old.forEach((admission, i) => {
      const principal = principals[i] ?? null;
      if (principal === null || !admission.isStill(principal)) admission.cut();
      // It may have gone meanwhile.
      else if (this.#versions.has(admission)) this.#versions.set(admission, version);
    });
  }
}
