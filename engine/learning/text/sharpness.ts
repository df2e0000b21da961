/** How sharp a network's log-odds must be taken for its probabilities to be right (temperature scaling; Guo et al. 2017). */
import { softmax } from './text-network.ts';

const NARROWINGS = 40;
const GOLDEN_SECTION = (Math.sqrt(5) - 1) / 2;
const FROM = 0.25;
const TO = 8;
/** Far finer than anybody can tell, and coarse enough that the search's last bits do not reach a file. */
const GRID = 1_024;

/** −log likelihood of the true classes, summed. */
export const logLossAt = (odds: readonly Float64Array[], truths: ArrayLike<number>, sharpness: number): number => {
  let sum = 0;
  for (const [at, one] of odds.entries()) {
    const probability = softmax(one.map((odd) => odd * sharpness))[truths[at] as number] as number;
    sum -= Math.log(Math.max(1e-15, probability));
  }
  return sum;
};

/** The factor on the log-odds with the least log loss (golden-section search: the loss is convex in it). 1 where there are no rows. */
export const bestSharpness = (odds: readonly Float64Array[], truths: ArrayLike<number>): number => {
  if (odds.length === 0) return 1;
  let low = FROM;
  let high = TO;
  for (let step = 0; step < NARROWINGS; step++) {
    const left = high - GOLDEN_SECTION * (high - low);
    const right = low + GOLDEN_SECTION * (high - low);
    if (logLossAt(odds, truths, left) < logLossAt(odds, truths, right)) high = right;
    else low = left;
  }
  return Math.round(((low + high) / 2) * GRID) / GRID;
};
