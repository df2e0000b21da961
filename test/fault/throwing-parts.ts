/** A desk whose parts throw when told to, one at a time: each verb of a port, and what of a profile the gates read. */
import type { ProfileSlice } from '#contract/profile.ts';
import type { Surroundings } from '#engine';

export class ThrowingParts {
  /** Every place that was passed, armed or not. */
  readonly places = new Set<string>();
  #armed: string | null = null;
  #times = 0;
  #struck = 0;

  /** From now on `place` throws; `times` times. */
  arm(place: string, times = Infinity): void {
    this.#armed = place;
    this.#times = times;
    this.#struck = 0;
  }

  /** Everything works again; how often it threw. */
  disarm(): number {
    this.#armed = null;
    return this.#struck;
  }

  alter(parts: Surroundings): Surroundings {
    const store = this.#verbs('store', parts.store);
    return {
      ...parts,
      store: this.#results(store, 'profile', (profile: ProfileSlice | null) => (profile === null ? null : this.#brittle(profile))),
      scorer: this.#verbs('scorer', parts.scorer),
      clock: this.#verbs('clock', parts.clock),
      random: this.#verbs('random', parts.random),
    };
  }

  #pass(place: string): void {
    this.places.add(place);
    if (place !== this.#armed || this.#struck >= this.#times) return;
    this.#struck += 1;
    throw new Error(`as a test wants it: ${place}`);
  }

  /** Each verb of a port is a place. */
  #verbs<T extends object>(name: string, port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]) => {
          this.#pass(`${name}.${String(key)}`);
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  }

  /** What one verb gives is altered. */
  #results<T extends object, R>(port: T, verb: keyof T & string, alter: (result: R) => R): T {
    return new Proxy(port, {
      get: (target, key, receiver) => {
        const value: unknown = Reflect.get(target, key, receiver);
        return key === verb && typeof value === 'function'
          ? (...args: readonly unknown[]) => alter(Reflect.apply(value, target, args) as R)
          : value;
      },
    });
  }

  /** Fields, consents and history are places, when they are looked into. */
  #brittle(profile: ProfileSlice): ProfileSlice {
    const brittle = <T extends object>(name: string, part: T): T =>
      new Proxy(part, {
        get: (target, key, receiver) => {
          this.#pass(`profile.${name}`);
          return Reflect.get(target, key, receiver) as unknown;
        },
        ownKeys: (target) => {
          this.#pass(`profile.${name}`);
          return Reflect.ownKeys(target);
        },
      });
    return {
      ...profile,
      fields: brittle('fields', profile.fields),
      consents: brittle('consents', profile.consents),
      history: brittle('history', profile.history),
    };
  }
}
