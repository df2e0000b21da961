/** Text and numbers as bytes, without leaning on a platform. */

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;

/** UTF-8 of well-formed text; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      out[at++] = unit;
      continue;
    }
    let point = unit;
    if (unit >= 0xd800 && unit < 0xe000) {
      const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
        point = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
        i++;
      } else point = 0xfffd;
    }
    if (point < 0x800) out[at++] = 0xc0 | (point >> 6);
    else {
      if (point < 0x10000) out[at++] = 0xe0 | (point >> 12);
      else {
        out[at++] = 0xf0 | (point >> 18);
        out[at++] = 0x80 | ((point >> 12) & 63);
      }
      out[at++] = 0x80 | ((point >> 6) & 63);
    }
    out[at++] = 0x80 | (point & 63);
  }
  return out.subarray(0, at);
}

const DIGITS = Uint8Array.from(BASE64, (digit) => digit.charCodeAt(0));

/** Writes base64 of the first `count` bytes into `target` from `start` on; there must be room for 4 characters per 3 bytes begun. */
export function base64Bytes(bytes: Uint8Array, count: number, target: Uint8Array, start: number): void {
  let at = start;
  let i = 0;
  for (; i + 2 < count; i += 3) {
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    target[at++] = DIGITS[word >>> 18] as number;
    target[at++] = DIGITS[(word >>> 12) & 63] as number;
    target[at++] = DIGITS[(word >>> 6) & 63] as number;
    target[at++] = DIGITS[word & 63] as number;
  }
  const left = count - i;
  if (left === 0) return;
  const word = ((bytes[i] as number) << 16) | ((left === 2 ? (bytes[i + 1] as number) : 0) << 8);
  target[at++] = DIGITS[word >>> 18] as number;
  target[at++] = DIGITS[(word >>> 12) & 63] as number;
  target[at++] = left === 2 ? (DIGITS[(word >>> 6) & 63] as number) : PAD;
  target[at] = PAD;
}

/** What each character of base64 stands for, 64 for every other one. */
const VALUES = new Uint8Array(128).fill(64);
for (const [value, digit] of DIGITS.entries()) VALUES[digit] = value;

/** The bytes of padded base64; throws a RangeError for anything else. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 4 !== 0) throw new RangeError(`not base64: ${text.length} characters`);
  const digits = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  const out = new Uint8Array((digits * 3) >> 2);
  let bits = 0;
  let word = 0;
  let at = 0;
  for (let i = 0; i < digits; i++) {
    const digit = VALUES[text.charCodeAt(i)] ?? 64;
    if (digit === 64) throw new RangeError(`not base64 at position ${i}`);
    word = (word << 6) | digit;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = word >>> bits;
    }
  }
  return out;
}

/** 64-bit floats from little-endian bytes. */
export function float64FromBytes(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float64Array(bytes.byteLength >> 3);
  for (let i = 0; i < out.length; i++) out[i] = view.getFloat64(i * 8, true);
  return out;
}
