/**
 * RFC 8785 canonical JSON written straight into bytes that are used again for the next text: what `canonicalJson` gives as
 * a string, without the string. What stays the same from text to text (keys, names) is given as bytes made once.
 */
import { base64Bytes, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';

const COMMA = 0x2c;
const ZERO = 0x30;
const LETTER_A = 0x61;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LARGEST_SMALL = 999_999_999;
const SMALL_DIGITS = 9;
/** Longer pieces are copied by the runtime, shorter ones faster by a loop. */
const SHORT = 16;
const BRACE = 0x7b;

export class JsonBytes {
  #bytes = new Uint8Array(8 * 1024);
  #at = 0;

  restart(): void {
    this.#at = 0;
  }

  /** What was written since the last restart; valid until the next. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    const target = this.#bytes;
    let at = this.#at;
    if (bytes.length < SHORT) for (let i = 0; i < bytes.length; i++) target[at++] = bytes[i] as number;
    else {
      target.set(bytes, at);
      at += bytes.length;
    }
    this.#at = at;
  }

  open(): void {
    this.byte(BRACE);
  }

  close(): void {
    this.byte(0x7d);
  }

  openList(): void {
    this.byte(0x5b);
  }

  closeList(): void {
    this.byte(0x5d);
  }

  /** The key of a member (`memberKey`), with the comma before it unless it is the first of its object. */
  member(key: Uint8Array): void {
    if (this.#bytes[this.#at - 1] !== BRACE) this.byte(COMMA);
    this.raw(key);
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  comma(): void {
    this.byte(COMMA);
  }

  number(value: number): void {
    if (value >= 0 && value <= LARGEST_SMALL && Math.floor(value) === value) {
      let digits = 1;
      for (let limit = 10; value >= limit; limit *= 10) digits++;
      this.#digits(value | 0, digits);
      return;
    }
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON has no ${value}: write null or leave it out`);
    if (Number.isSafeInteger(value) && value > 0) {
      const upper = Math.floor(value / (LARGEST_SMALL + 1));
      this.number(upper);
      this.#digits(value - upper * (LARGEST_SMALL + 1), SMALL_DIGITS);
      return;
    }
    // As ECMAScript writes numbers, which is what RFC 8785 asks for; −0 is 0.
    this.ascii(String(value));
  }

  #digits(value: number, digits: number): void {
    this.#room(digits);
    let rest = value | 0;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const tenth = (rest / 10) | 0;
      this.#bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#at += digits;
  }

  text(value: string): void {
    const { length } = value;
    this.#room(length + 2);
    const target = this.#bytes;
    const start = this.#at;
    let at = start;
    target[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      // Printable ASCII but for the quote and the backslash stands for itself.
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) {
        this.raw(utf8(canonicalJson(value)));
        return;
      }
      target[at++] = unit;
    }
    target[at++] = QUOTE;
    this.#at = at;
  }

  /** Anything JSON can hold, members sorted; a member that is undefined is left out. */
  value(value: unknown): void {
    switch (typeof value) {
      case 'number':
        this.number(value);
        return;
      case 'string':
        this.text(value);
        return;
      case 'boolean':
        this.ascii(value ? 'true' : 'false');
        return;
      default:
        if (value === null) this.ascii('null');
        else if (Array.isArray(value)) this.list(value);
        else this.raw(utf8(canonicalJson(value)));
    }
  }

  list(values: readonly unknown[]): void {
    this.openList();
    this.items(values, 0, values.length);
    this.closeList();
  }

  /** The values from `from` up to `to`, with commas between them. */
  items(values: readonly unknown[], from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (i > from) this.byte(COMMA);
      this.value(values[i]);
    }
  }

  /** `"` and the first `count` bytes in base64 and `"`. */
  base64(bytes: Uint8Array, count: number): void {
    const length = Math.ceil(count / 3) * 4;
    this.#room(length + 2);
    this.#bytes[this.#at] = QUOTE;
    base64Bytes(bytes, count, this.#bytes, this.#at + 1);
    this.#bytes[this.#at + length + 1] = QUOTE;
    this.#at += length + 2;
  }

  /** Bytes of characters that stand for themselves, in quotes. */
  quoted(bytes: Uint8Array): void {
    this.byte(QUOTE);
    this.raw(bytes);
    this.byte(QUOTE);
  }

  /** The eight hexadecimal digits of a word of 32 bits. */
  hex(word: number): void {
    this.#room(8);
    for (let shift = 28; shift >= 0; shift -= 4) {
      const digit = (word >>> shift) & 15;
      this.#bytes[this.#at++] = digit < 10 ? ZERO + digit : LETTER_A - 10 + digit;
    }
  }

  /** Text of ASCII characters as it stands. */
  ascii(text: string): void {
    this.#room(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i);
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + length));
    wider.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = wider;
  }
}

/** `"key":` in bytes. */
export const memberKey = (key: string): Uint8Array => utf8(`${canonicalJson(key)}:`);
