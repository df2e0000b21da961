/**
 * e to the x, the same bits on every runtime: fdlibm's e_exp.c (Sun Microsystems, 1993) in plain arithmetic.
 * Math.exp may differ between versions of a JavaScript engine by one unit in the last place, which would break replay.
 *
 * x = k·ln 2 + r with |r| ≤ ½·ln 2; e^r by a rational approximation of degree 5; the result is scaled by 2^k.
 */

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const INVERSE_LN2 = Math.LOG2E;
const OVERFLOW = 7.09782712893383973096e2;
const UNDERFLOW = -7.4513321910194110842e2;

/** 2^k for k from −1075 to 1023, by exact halving and doubling. */
const OFFSET = 1075;
const POWERS = new Float64Array(OFFSET + 1024);
POWERS[OFFSET] = 1;
for (let k = 1; k <= 1023; k++) POWERS[OFFSET + k] = (POWERS[OFFSET + k - 1] as number) * 2;
for (let k = 1; k <= OFFSET; k++) POWERS[OFFSET - k] = (POWERS[OFFSET - k + 1] as number) / 2;

/** e^x to within one unit in the last place; NaN for NaN. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > OVERFLOW) return Infinity;
  if (x < UNDERFLOW) return 0;
  // As V8 does: here the last bit would come out wrong.
  if (x === 1) return Math.E;
  // fdlibm goes three ways by the size of x. This is its third, which comes to the same and has no branch to mispredict.
  const k = Math.floor(INVERSE_LN2 * x + 0.5) | 0;
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 + t * (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (k === 1024) return y * 2 * (POWERS[OFFSET + 1023] as number);
  if (k >= -1021) return y * (POWERS[OFFSET + k] as number);
  return y * (POWERS[OFFSET + k + 1000] as number) * (POWERS[OFFSET - 1000] as number);
}
