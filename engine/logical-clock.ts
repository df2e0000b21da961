/** Orders what this device did, whatever the wall clock does. */
export class LogicalClock {
  #last: number;

  /** `last` is the highest number ever written. */
  constructor(last: number) {
    this.#last = last;
  }

  get last(): number {
    return this.#last;
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}
