/** Profiles at hand: read from the store once per version, with what this device did since central last looked. */
import type { Interaction, ProfileSlice } from '#contract/profile.ts';
import type { Store, Written } from '#ports/store.ts';

/** Customers on the line at one desk are few; more than this many in memory are of calls long over. */
const IN_MEMORY = 64;

export class ProfileCache {
  readonly #store: Store;
  /** Per call and customer, in order of first use. */
  readonly #ready = new Map<string, ProfileSlice>();

  constructor(store: Store) {
    this.#store = store;
  }

  forget(): void {
    this.#ready.clear();
  }

  save(profile: ProfileSlice): Written {
    this.#ready.clear();
    return this.#store.saveProfile(profile);
  }

  /** The slice for deciding on a call: its history is completed by this device's outcomes of other calls. Null when nothing is cached. */
  forCall(customerId: string | null, callId: string): ProfileSlice | null {
    if (customerId === null) return null;
    const key = `${customerId} ${callId}`;
    const known = this.#ready.get(key);
    if (known !== undefined) return known;
    const profile = this.#store.profile(customerId);
    if (profile === null) return null;
    const complete = { ...profile, history: [...profile.history, ...this.#since(profile, callId)] };
    this.#ready.set(key, complete);
    if (this.#ready.size > IN_MEMORY) this.#ready.delete(this.#ready.keys().next().value ?? '');
    return complete;
  }

  #since({ customerId, asOfMs, history }: ProfileSlice, callId: string): readonly Interaction[] {
    const outcomes = this.#store.outcomesOfCustomer(customerId, asOfMs, callId);
    const retracted = new Set(outcomes.map(({ retracts }) => retracts));
    const known = new Set(history.map(keyOf));
    return outcomes
      .filter(({ id, kind }) => kind !== 'retracted' && !retracted.has(id))
      .map(({ kind, channel, atMs, actionId }): Interaction => ({ kind, channel, atMs, actionId }))
      .filter((interaction) => !known.has(keyOf(interaction)));
  }
}

const keyOf = ({ kind, channel, atMs, actionId }: Interaction): string => `${kind} ${channel} ${atMs} ${actionId ?? ''}`;
