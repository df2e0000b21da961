/** Numbers of a data file's column, kept as they come; what is none is named by its line. */
import { isDecimal } from '#learning';
import { DataFileFault } from '../datasets/data-file-fault.ts';

/** What a number must be besides a number. */
export interface Bounds {
  readonly least?: number;
  readonly most?: number;
  /** The least itself is not possible. */
  readonly above?: boolean;
}

const FIRST_ROOM = 4_096;

export class NumberColumn {
  readonly #file: string;
  readonly #name: string;
  readonly #bounds: Bounds;
  #values = new Float64Array(FIRST_ROOM);
  #count = 0;

  constructor(file: string, name: string, bounds: Bounds = {}) {
    this.#file = file;
    this.#name = name;
    this.#bounds = bounds;
  }

  /** Throws a DataFileFault for a cell that is no number within the bounds. */
  add(cell: string, line: number): void {
    this.push(this.#number(cell.trim(), line));
  }

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  get values(): Float64Array {
    return this.#values.slice(0, this.#count);
  }

  #number(text: string, line: number): number {
    const { least = -Infinity, most = Infinity, above = false } = this.#bounds;
    if (text === '') throw this.#fault(line, 'is empty; every row needs a number');
    const lower = text.toLowerCase();
    if (lower === 'true' || lower === 'false') return this.#held(lower === 'true' ? 1 : 0, line, { least, most, above });
    if (!isDecimal(text)) throw this.#fault(line, `"${text.slice(0, 40)}" is no finite number`);
    return this.#held(Number(text), line, { least, most, above });
  }

  #held(value: number, line: number, { least, most, above }: Required<Bounds>): number {
    if (value < least || value > most || (above && value === least))
      throw this.#fault(line, `${value} is not possible; it must be ${above ? 'above' : 'at least'} ${least} and at most ${most}`);
    return value;
  }

  #fault(line: number, words: string): DataFileFault {
    return new DataFileFault(this.#file, `line ${line}, column "${this.#name}": ${words}`);
  }
}
