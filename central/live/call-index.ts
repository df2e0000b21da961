/** Which of many have which call: what happened on a call is told to those alone. */
export class CallIndex<T> {
  readonly #of = new Map<string, Set<T>>();

  add(callId: string, one: T): void {
    const all = this.#of.get(callId);
    if (all === undefined) this.#of.set(callId, new Set([one]));
    else all.add(one);
  }

  remove(callId: string, one: T): void {
    const all = this.#of.get(callId);
    all?.delete(one);
    if (all?.size === 0) this.#of.delete(callId);
  }

  of(callId: string): Iterable<T> {
    return this.#of.get(callId) ?? [];
  }
}
