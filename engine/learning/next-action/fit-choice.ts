/**
 * Which of several things is chosen, from signals of each: P(i) = exp(Σ weights of i's signals) / Σ exp(…), the conditional logit
 * (McFadden 1974), by stochastic gradient descent with a pace of its own for each weight (AdaGrad; Duchi, Hazan, Singer 2011).
 */
import { exp } from '#core';
import { seededRandom, shuffle } from '../seeded-random.ts';

export interface Choice {
  /** Of each thing its signals, as places in the table of weights. */
  readonly options: readonly Int32Array[];
  readonly chosen: number;
}

export interface ChoiceSettings {
  readonly rounds: number;
  readonly pace: number;
  /** Pull of every weight that is used towards zero, per step. */
  readonly shrinkage: number;
  readonly seed: number;
  readonly onRound?: (done: number) => void;
}

const START = 1e-2;

export const choiceScores = (weights: ArrayLike<number>, options: readonly Int32Array[]): Float64Array =>
  Float64Array.from(options, (places) => {
    let sum = 0;
    for (const place of places) sum += weights[place] as number;
    return sum;
  });

/** Weights by place; place 0, which stands for an unknown signal, stays 0. */
export const fitChoice = (
  choices: readonly Choice[],
  size: number,
  { rounds, pace, shrinkage, seed, onRound }: ChoiceSettings,
): Float32Array => {
  const random = seededRandom(seed);
  const weights = new Float64Array(size + 1);
  const squares = new Float64Array(size + 1).fill(START);
  const order = Int32Array.from({ length: choices.length }, (_, at) => at);
  for (let round = 0; round < rounds; round++) {
    shuffle(order, random);
    const rate = pace * (1 - round / rounds);
    for (const at of order) {
      const { options, chosen } = choices[at] as Choice;
      const scores = choiceScores(weights, options);
      let highest = -Infinity;
      for (const score of scores) highest = Math.max(highest, score);
      let sum = 0;
      for (let option = 0; option < scores.length; option++) {
        const part = exp((scores[option] as number) - highest);
        scores[option] = part;
        sum += part;
      }
      for (let option = 0; option < scores.length; option++) {
        const error = (scores[option] as number) / sum - (option === chosen ? 1 : 0);
        if (Math.abs(error) < 1e-4) continue;
        for (const place of options[option] as Int32Array) {
          if (place === 0) continue;
          const weight = weights[place] as number;
          const gradient = error + shrinkage * weight;
          const own = (squares[place] as number) + gradient * gradient;
          squares[place] = own;
          weights[place] = weight - (rate * gradient) / Math.sqrt(own);
        }
      }
    }
    onRound?.(round + 1);
  }
  return Float32Array.from(weights);
};
