/**
 * Whether two lists of floats are the same to the last bit, in 64 bits. It tells a decision that came out otherwise, not a
 * forgery; against that the record as a whole has a SHA-256.
 *
 * Two lanes of 32 bits, one over the lower and one over the upper halves of the floats: lane ← rotate(lane ⊕ half × odd, 15).
 * Each step can be undone, so a change of one half always shows.
 */

const LOWER = 0x9e3779b1 | 0;
const UPPER = 0x85ebca77 | 0;

/**
 * Of the first `count` 64-bit floats of a buffer, as they lie in memory: the lower half first, on every processor Sotto runs
 * on. Written into two words, the upper one first.
 */
export function checksum(halves: Int32Array, count: number, sum: Int32Array): void {
  let lower = count;
  let upper = ~count;
  for (let i = 0; i < count; i++) {
    lower = Math.imul(lower ^ (halves[i * 2] as number), LOWER);
    upper = Math.imul(upper ^ (halves[i * 2 + 1] as number), UPPER);
    lower = (lower << 15) | (lower >>> 17);
    upper = (upper << 15) | (upper >>> 17);
  }
  // Each lane is told of the other, so that equal lanes do not look alike.
  lower = Math.imul(lower ^ (upper >>> 16), LOWER);
  upper = Math.imul(upper ^ (lower >>> 16), UPPER);
  sum[0] = upper;
  sum[1] = lower;
}
