/** Which of two fits foretold rows better that neither was fitted on. */
import { log } from './natural-log.ts';

/** −log likelihood of each row. */
export const lossesOf = (propensities: Float64Array, outcomes: Uint8Array): Float64Array =>
  propensities.map((p, row) => -log(Math.max(1e-15, outcomes[row] === 1 ? p : 1 - p)));

/** Whether `now` loses less than `before` on the same rows, by more than one standard error of the difference. */
export const isBetter = (now: Float64Array, before: Float64Array): boolean => {
  const n = now.length;
  let sum = 0;
  let squares = 0;
  for (let row = 0; row < n; row++) {
    const gain = (before[row] as number) - (now[row] as number);
    sum += gain;
    squares += gain * gain;
  }
  const mean = sum / n;
  const deviation = Math.sqrt(Math.max(0, squares / n - mean * mean));
  return mean > deviation / Math.sqrt(n);
};
