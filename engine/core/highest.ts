/** The few highest numbers of a stream, with their places; of equals the one that came first stands higher. */
export class Highest {
  /** Places, the highest first; the first `count` are in use. */
  readonly places: Int32Array;
  count = 0;
  readonly #values: Float64Array;
  /** A number must be above this to enter. */
  #bar = -1;

  constructor(limit: number) {
    this.places = new Int32Array(limit);
    this.#values = new Float64Array(limit);
  }

  clear(): void {
    this.count = 0;
    this.#bar = -1;
  }

  /** `value`: 0 or more. */
  offer(place: number, value: number): void {
    if (value > this.#bar) this.#enter(place, value);
  }

  #enter(place: number, value: number): void {
    const places = this.places;
    const values = this.#values;
    const last = places.length - 1;
    let at = this.count;
    if (at > last) at = last;
    else this.count++;
    for (; at > 0 && value > (values[at - 1] as number); at--) {
      values[at] = values[at - 1] as number;
      places[at] = places[at - 1] as number;
    }
    values[at] = value;
    places[at] = place;
    if (this.count > last) this.#bar = values[last] as number;
  }
}
