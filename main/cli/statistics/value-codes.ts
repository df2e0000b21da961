/** A column of names as numbers: what is kept of ten million rows is one number each. */

const FIRST_ROOM = 4_096;
/** Group of the rows of which nothing is known. */
export const UNKNOWN = '(unknown)';

export class ValueCodes {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  #codes = new Int32Array(FIRST_ROOM);
  #count = 0;

  add(name: string): void {
    let code = this.#numbers.get(name);
    if (code === undefined) {
      code = this.#names.push(name) - 1;
      this.#numbers.set(name, code);
    }
    if (this.#count === this.#codes.length) {
      const larger = new Int32Array(this.#count * 2);
      larger.set(this.#codes);
      this.#codes = larger;
    }
    this.#codes[this.#count++] = code;
  }

  /** A cell of a column of groups. */
  addGroup(cell: string): void {
    this.add(cell.trim() || UNKNOWN);
  }

  /** By number, in the order in which they came. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** One per row. */
  get codes(): Int32Array {
    return this.#codes.slice(0, this.#count);
  }
}
