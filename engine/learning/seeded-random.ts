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

/** In place (Fisher & Yates). */
export const shuffle = (list: number[] | Int32Array, random: () => number): void => {
  for (let at = list.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    const swapped = list[at] as number;
    list[at] = list[other] as number;
    list[other] = swapped;
  }
};
