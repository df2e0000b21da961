/**
 * RFC 8785 canonical JSON written straight into bytes that are used again for the next text: what `canonicalJson` gives as
 * a string, without the string. What stays the same from text to text (keys, names) is given as bytes made once.
 */
import { base64Bytes, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';

const COMMA = 0x2c;
const COLON = 0x3a;
const ZERO = 0x30;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LARGEST_SMALL = 999_999_999;

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
    // A loop beats `set` for the short pieces a record is made of.
    for (let i = 0; i < bytes.length; i++) target[at++] = bytes[i] as number;
    this.#at = at;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  comma(): void {
    this.byte(COMMA);
  }

  number(value: number): void {
    if (!(Number.isInteger(value) && value >= 0 && value <= LARGEST_SMALL)) {
      if (!Number.isFinite(value)) throw new TypeError(`canonical JSON has no ${value}: write null or leave it out`);
      // As ECMAScript writes numbers, which is what RFC 8785 asks for; −0 is 0.
      this.ascii(String(value));
      return;
    }
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits++;
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
    this.byte(0x5b);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.byte(COMMA);
      this.value(values[i]);
    }
    this.byte(0x5d);
  }

  /** `"` and the bytes in base64 and `"`. */
  base64(bytes: Uint8Array): void {
    const length = Math.ceil(bytes.length / 3) * 4;
    this.#room(length + 2);
    this.#bytes[this.#at] = 0x22;
    base64Bytes(bytes, this.#bytes, this.#at + 1);
    this.#bytes[this.#at + length + 1] = 0x22;
    this.#at += length + 2;
  }

  /** `"` and one byte of `alphabet` per code and `"`. */
  letters(codes: Uint8Array, alphabet: Uint8Array): void {
    this.#room(codes.length + 2);
    const target = this.#bytes;
    let at = this.#at;
    target[at++] = 0x22;
    for (let i = 0; i < codes.length; i++) target[at++] = alphabet[codes[i] as number] as number;
    target[at++] = 0x22;
    this.#at = at;
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

/** `"key":` in bytes, with the comma before it for all but the first member. */
export function memberKey(key: string, isFirst: boolean): Uint8Array {
  const json = utf8(canonicalJson(key));
  const bytes = new Uint8Array(json.length + (isFirst ? 1 : 2));
  if (!isFirst) bytes[0] = COMMA;
  bytes.set(json, isFirst ? 0 : 1);
  bytes[bytes.length - 1] = COLON;
  return bytes;
}
