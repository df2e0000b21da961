/**
 * Numbers 0 ≤ x < 1 that depend on the seed alone: the 32-bit mixing generator "splitmix32"
 * (Steele, Lea, Flood 2014, in its 32-bit form). Integer arithmetic only, so every runtime agrees.
 */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 4_294_967_296;
  };
};
