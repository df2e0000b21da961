/** The checksum of floats by its definition, in whole numbers without bounds; shares nothing with the core's. */

const WORD = 1n << 32n;
const wrap = (value: bigint): bigint => ((value % WORD) + WORD) % WORD;
const rotated = (word: bigint): bigint => wrap(word << 15n) | (word >> 17n);

export function plainChecksum(floats: Float64Array): string {
  const view = new DataView(floats.buffer, floats.byteOffset, floats.byteLength);
  let lower = BigInt(floats.length);
  let upper = wrap(~BigInt(floats.length));
  for (let i = 0; i < floats.length; i++) {
    lower = rotated(wrap((lower ^ BigInt(view.getUint32(i * 8, true))) * 0x9e3779b1n));
    upper = rotated(wrap((upper ^ BigInt(view.getUint32(i * 8 + 4, true))) * 0x85ebca77n));
  }
  lower = wrap((lower ^ (upper >> 16n)) * 0x9e3779b1n);
  upper = wrap((upper ^ (lower >> 16n)) * 0x85ebca77n);
  return upper.toString(16).padStart(8, '0') + lower.toString(16).padStart(8, '0');
}
