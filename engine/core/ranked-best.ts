/**
 * The best few candidates while they stream by in the order of the revision: mandatory first, then priority, then the order
 * of issue, group and name, which is the order in which they come.
 */
export class RankedBest {
  /** Candidates' places, the best first; the first `count` are in use. */
  readonly places: Int32Array;
  count = 0;
  readonly #mandatory: Uint8Array;
  readonly #priority: Float64Array;

  constructor(limit: number) {
    this.places = new Int32Array(limit);
    this.#mandatory = new Uint8Array(limit);
    this.#priority = new Float64Array(limit);
  }

  clear(): void {
    this.count = 0;
  }

  /** The best one's place; null when there is none. */
  get first(): number | null {
    return this.count > 0 ? (this.places[0] as number) : null;
  }

  offer(place: number, mandatory: number, priority: number): void {
    const limit = this.places.length;
    let at = this.count;
    if (at === limit) {
      const last = limit - 1;
      const lastMandatory = this.#mandatory[last] as number;
      if (mandatory < lastMandatory || (mandatory === lastMandatory && !(priority > (this.#priority[last] as number)))) return;
      at = last;
    } else this.count++;
    while (at > 0) {
      const aboveMandatory = this.#mandatory[at - 1] as number;
      const abovePriority = this.#priority[at - 1] as number;
      if (mandatory < aboveMandatory || (mandatory === aboveMandatory && !(priority > abovePriority))) break;
      this.places[at] = this.places[at - 1] as number;
      this.#mandatory[at] = aboveMandatory;
      this.#priority[at] = abovePriority;
      at--;
    }
    this.places[at] = place;
    this.#mandatory[at] = mandatory;
    this.#priority[at] = priority;
  }
}
