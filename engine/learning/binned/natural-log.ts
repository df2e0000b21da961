import { exp } from '#core';

/** ln x for x > 0, by Newton's method on the core's own exp: the same bits on every runtime. */
export const log = (x: number): number => {
  if (!(x > 0) || x === Infinity) throw new RangeError(`no logarithm of ${x}`);
  let y = 0;
  for (let rest = x; rest > 2; rest /= 2) y += Math.LN2;
  for (let rest = x; rest < 0.5; rest *= 2) y -= Math.LN2;
  for (let step = 0; step < 8; step++) y += 2 * ((x - exp(y)) / (x + exp(y)));
  return y;
};
