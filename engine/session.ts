/** The person at the desk: the density of prompts they chose, and since when the desk has not heard of them. */
import { ExperienceLevel } from '#contract/policy.ts';
import type { Store, Written } from '#ports/store.ts';

interface SessionOptions {
  readonly store: Store;
  readonly agent: { readonly level: ExperienceLevel };
  readonly offlineSinceMs?: number;
}

export class Session {
  readonly #store: Store;
  #level: ExperienceLevel;
  #offlineSinceMs: number | null;

  constructor({ store, agent, offlineSinceMs }: SessionOptions) {
    this.#store = store;
    const level = ExperienceLevel.safeParse(store.setting('level'));
    this.#level = level.success ? level.data : agent.level;
    this.#offlineSinceMs = offlineSinceMs ?? null;
  }

  get level(): ExperienceLevel {
    return this.#level;
  }

  /** When central last said who this is and what they may do, where they signed in without it; null when it has been heard since. */
  get offlineSinceMs(): number | null {
    return this.#offlineSinceMs;
  }

  saveLevel(level: ExperienceLevel): Written {
    const written = this.#store.saveSetting('level', level);
    if (written.ok) this.#level = level;
    return written;
  }

  /** Central granted new tokens. */
  heard(): void {
    this.#offlineSinceMs = null;
  }
}
