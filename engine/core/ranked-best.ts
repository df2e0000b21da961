/**
 * The best few candidates while they stream by in the order of the revision: mandatory first, then priority, then the order
 * of issue, group and name, which is the order in which they come.
 */
export class RankedBest {
  /** Candidates' places, the best first; the first `count` are in use. */
  readonly places: Int32Array;
  count = 0;
  /** A priority must be above this to enter, unless it is a mandatory one's. */
  #bar = -Infinity;
  readonly #mandatory: Uint8Array;
  readonly #priority: Float64Array;

  constructor(limit: number) {
    this.places = new Int32Array(limit);
    this.#mandatory = new Uint8Array(limit);
    this.#priority = new Float64Array(limit);
  }

  clear(): void {
    this.count = 0;
    this.#bar = -Infinity;
  }

  /** The best one's place; null when there is none. */
  get first(): number | null {
    return this.count > 0 ? (this.places[0] as number) : null;
  }

  offer(place: number, mandatory: number, priority: number): void {
    if (priority > this.#bar || mandatory === 1) this.#insert(place, mandatory, priority);
  }

  #insert(place: number, mandatory: number, priority: number): void {
    const places = this.places;
    const mandatories = this.#mandatory;
    const priorities = this.#priority;
    const limit = places.length;
    let at = this.count;
    if (at < limit) this.count++;
    else if (this.#isAbove(limit - 1, mandatory, priority)) at = limit - 1;
    else return;
    for (; at > 0; at--) {
      const above = at - 1;
      const held = mandatories[above] as number;
      if (mandatory === held ? !(priority > (priorities[above] as number)) : mandatory < held) break;
      places[at] = places[above] as number;
      mandatories[at] = held;
      priorities[at] = priorities[above] as number;
    }
    places[at] = place;
    mandatories[at] = mandatory;
    priorities[at] = priority;
    if (this.count === limit) this.#bar = mandatories[limit - 1] === 1 ? Infinity : (priorities[limit - 1] as number);
  }

  /** Whether a newcomer ranks above the one at `at`. */
  #isAbove(at: number, mandatory: number, priority: number): boolean {
    const held = this.#mandatory[at] as number;
    return mandatory === held ? priority > (this.#priority[at] as number) : mandatory > held;
  }
}
