/**
 * A response as the tokens it holds, learnt as they come: no list of values and no range is known beforehand.
 *
 *   action parts   one token per value of each part (channel, group, name …), per pair of parts, and for all of them together
 *   text           one token per value; values met fewer than three times share one, so that a name says nothing
 *   number         its distance from the mean so far in standard deviations, one token per half deviation, and one per value
 *                  where a column has few
 *   unknown        a token of its own
 *
 * Reading changes nothing: a response that is only asked about leaves no trace. `note` takes it in.
 */
import type { AdaptiveState } from '#contract/model.ts';
import { isDecimal } from '../read-cell.ts';

/** Unknown is null, the empty text and a number that is none. */
export type Cell = string | number | boolean | null;

export interface AdaptiveShape {
  /** Parts that name the action, broadest first. */
  readonly action: readonly string[];
  readonly features: readonly string[];
}

/** What a token is about: a kind has a prior of its own. */
export const ALWAYS = 0;
export const ACTION_PART = 1;
export const ACTION_PAIR = 2;
export const FEATURE = 3;

/** Met fewer times before, a value is one of the rare ones. */
const RARE = 2;
/** Most values a column keeps apart, and most combinations of action parts. */
const MOST_VALUES = 2_000;
const MOST_COMBINATIONS = 20_000;
/** Standard deviations beyond which a number counts as this far, and tokens per deviation. */
const CLIP = 4;
const STEPS = 2;
/** A larger number is taken as a word: its square is none. */
const LARGEST = 1e100;
const BINS = 2 * CLIP * STEPS + 1;

/** What a column knows of one value. */
interface KnownValue {
  /** −1 while it is rare. */
  token: number;
  met: number;
  /** NaN where it is no number. */
  readonly number: number;
}

const isUnknown = (cell: Cell | undefined): cell is null | undefined | '' =>
  cell === null || cell === undefined || cell === '' || (typeof cell === 'number' && !Number.isFinite(cell));

const numberOf = (cell: Cell): number => {
  const number = typeof cell === 'number' ? cell : typeof cell === 'string' && isDecimal(cell) ? Number(cell) : Number.NaN;
  return Math.abs(number) <= LARGEST ? number : Number.NaN;
};

type ColumnState = AdaptiveState['encoder']['columns'][number];

class FeatureColumn {
  readonly values: Map<Cell, KnownValue>;
  unknown: number;
  rare: number;
  distance: number;
  readonly bins: Int32Array;
  count: number;
  mean: number;
  squares: number;

  constructor(state?: ColumnState) {
    this.values = new Map((state?.values ?? []).map(([cell, token, met]) => [cell, { token, met, number: numberOf(cell) }]));
    this.unknown = state?.unknown ?? -1;
    this.rare = state?.rare ?? -1;
    this.distance = state?.distance ?? -1;
    this.bins = state === undefined ? new Int32Array(BINS).fill(-1) : Int32Array.from(state.bins);
    this.count = state?.count ?? 0;
    this.mean = state?.mean ?? 0;
    this.squares = state?.squares ?? 0;
  }

  state(): ColumnState {
    return {
      unknown: this.unknown,
      rare: this.rare,
      distance: this.distance,
      bins: [...this.bins],
      count: this.count,
      mean: this.mean,
      squares: this.squares,
      values: [...this.values].map(([cell, { token, met }]) => [cell ?? '', token, met]),
    };
  }

  /** Distance from the mean of the numbers met, in standard deviations; 0 before there are two different ones. */
  distanceOf(number: number): number {
    if (this.count < 2 || !(this.squares > 0)) return 0;
    const distance = (number - this.mean) / Math.sqrt(this.squares / this.count);
    return Math.min(CLIP, Math.max(-CLIP, distance));
  }

  /** Welford's running mean and sum of squares. */
  meet(number: number): void {
    this.count += 1;
    const off = number - this.mean;
    this.mean += off / this.count;
    this.squares += off * (number - this.mean);
  }
}

const binOf = (distance: number): number => Math.round(distance * STEPS) + CLIP * STEPS;

/** Tokens of one response. `at` is −1 for a token that nothing was learnt about. Valid until the encoder reads again. */
export interface Tokens {
  count: number;
  at: Int32Array;
  value: Float64Array;
  kind: Uint8Array;
  /** Where the tokens of the action end, and then those of each feature. */
  ends: Int32Array;
}

const PAIR = 2 ** 26;

export class ResponseEncoder {
  readonly #parts: readonly Map<Cell, number>[];
  readonly #pairs: readonly Map<number, number>[];
  /** Per part from the second on: the way here and this part → the way on; at the last part, the token of all together. */
  readonly #ways: readonly Map<number, number>[];
  readonly #columns: readonly FeatureColumn[];
  readonly #partTokens: Int32Array;
  readonly #tokens: Tokens;
  #combinations: number;
  #size: number;

  /** `state` is of an encoder of the same shape. */
  constructor({ action, features }: AdaptiveShape, state?: AdaptiveState['encoder']) {
    this.#parts = action.map((_, at) => new Map(state?.parts[at]));
    this.#pairs = action.flatMap((_, i) => action.slice(i + 1)).map((_, at) => new Map(state?.pairs[at]));
    this.#ways = (action.length > 2 ? action.slice(1) : []).map((_, at) => new Map(state?.ways[at]));
    this.#columns = features.map((_, at) => new FeatureColumn(state?.columns[at]));
    this.#combinations = state?.combinations ?? 0;
    this.#size = state?.size ?? 1;
    this.#partTokens = new Int32Array(action.length);
    const most = 2 + action.length + this.#pairs.length + 3 * features.length;
    this.#tokens = {
      count: 0,
      at: new Int32Array(most),
      value: new Float64Array(most),
      kind: new Uint8Array(most),
      ends: new Int32Array(1 + features.length),
    };
  }

  /** Tokens there are so far; number 0 is the one every response has. */
  get size(): number {
    return this.#size;
  }

  state(): AdaptiveState['encoder'] {
    return {
      size: this.#size,
      combinations: this.#combinations,
      parts: this.#parts.map((part) => [...part].map(([cell, token]) => [cell ?? '', token])),
      pairs: this.#pairs.map((pair) => [...pair]),
      ways: this.#ways.map((way) => [...way]),
      columns: this.#columns.map((column) => column.state()),
    };
  }

  /**
   * The tokens of a response, in an order that is always the same. `isLearnt`: what is new gets its token and the response counts
   * from the next one on; otherwise nothing changes, and a token never met is −1.
   */
  read(action: readonly Cell[], features: readonly Cell[], isLearnt: boolean): Tokens {
    this.#tokens.count = 0;
    this.#add(0, 1, ALWAYS);
    this.#readAction(action, isLearnt);
    const { ends } = this.#tokens;
    ends[0] = this.#tokens.count;
    for (let at = 0; at < this.#columns.length; at++) {
      this.#readFeature(this.#columns[at] as FeatureColumn, features[at], isLearnt);
      ends[at + 1] = this.#tokens.count;
    }
    return this.#tokens;
  }

  #add(token: number, value: number, kind: number): void {
    const tokens = this.#tokens;
    tokens.at[tokens.count] = token;
    tokens.value[tokens.count] = value;
    tokens.kind[tokens.count] = kind;
    tokens.count += 1;
  }

  #readAction(action: readonly Cell[], isLearnt: boolean): void {
    const own = this.#partTokens;
    for (let part = 0; part < own.length; part++) {
      own[part] = this.#tokenOf(this.#parts[part] as Map<Cell, number>, action[part] ?? '', isLearnt, MOST_VALUES);
      this.#add(own[part] as number, 1, ACTION_PART);
    }
    let pair = 0;
    for (let i = 0; i < own.length; i++)
      for (let j = i + 1; j < own.length; j++)
        this.#add(this.#combined(this.#pairs[pair++] as Map<number, number>, own[i] as number, own[j] as number, isLearnt), 1, ACTION_PAIR);
    if (this.#ways.length === 0) return;
    let way = own[0] as number;
    for (let part = 1; part < own.length; part++)
      way = this.#combined(this.#ways[part - 1] as Map<number, number>, way, own[part] as number, isLearnt);
    this.#add(way, 1, ACTION_PAIR);
  }

  #readFeature(column: FeatureColumn, cell: Cell | undefined, isLearnt: boolean): void {
    if (isUnknown(cell)) {
      if (isLearnt && column.unknown < 0) column.unknown = this.#size++;
      this.#add(column.unknown, 1, FEATURE);
      return;
    }
    const known = column.values.get(cell);
    const number = known === undefined ? numberOf(cell) : known.number;
    if (!Number.isNaN(number)) this.#readNumber(column, number, isLearnt);
    if (known !== undefined && known.met >= RARE) {
      if (isLearnt && known.token < 0) known.token = this.#size++;
      this.#add(known.token, 1, FEATURE);
    } else {
      if (isLearnt && column.rare < 0) column.rare = this.#size++;
      this.#add(column.rare, 1, FEATURE);
    }
    if (!isLearnt) return;
    if (known !== undefined) known.met += 1;
    else if (column.values.size < MOST_VALUES) column.values.set(cell, { token: -1, met: 1, number });
  }

  #readNumber(column: FeatureColumn, number: number, isLearnt: boolean): void {
    const distance = column.distanceOf(number);
    if (distance !== 0) {
      const bin = binOf(distance);
      if (isLearnt && column.distance < 0) column.distance = this.#size++;
      if (isLearnt && (column.bins[bin] as number) < 0) column.bins[bin] = this.#size++;
      this.#add(column.distance, distance, FEATURE);
      this.#add(column.bins[bin] as number, 1, FEATURE);
    }
    if (isLearnt) column.meet(number);
  }

  #combined(table: Map<number, number>, a: number, b: number, isLearnt: boolean): number {
    return a < 0 || b < 0 ? -1 : this.#tokenOf(table, a * PAIR + b, isLearnt && this.#combinations < MOST_COMBINATIONS, Infinity);
  }

  #tokenOf<K>(table: Map<K, number>, key: K, isLearnt: boolean, most: number): number {
    const known = table.get(key);
    if (known !== undefined || !isLearnt || table.size >= most) return known ?? -1;
    const token = this.#size++;
    if (most === Infinity) this.#combinations += 1;
    table.set(key, token);
    return token;
  }
}
