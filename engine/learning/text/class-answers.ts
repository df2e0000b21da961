/** How good probabilities of several classes are, and answers that may be refusals, against what was true. */
import { measureQuality } from '../model-quality.ts';

/** What a model said of one row, and what was true. */
export interface ClassAnswer {
  /** The true class; −1 = one the model does not know, `null` = out of scope. */
  readonly truth: number | null;
  /** The class answered; null = refused. */
  readonly answer: number | null;
  /** Of the true class and of the most probable one; 0 where the model does not know the class. */
  readonly truthProbability: number;
  readonly highestProbability: number;
  /** What is held against the threshold. */
  readonly confidence: number;
  /** Place of the true class when all are ranked, from 1; 0 where the model does not know it. */
  readonly rank: number;
  /** Σ (probability − 1 if true)² over the classes. */
  readonly squaredError: number;
}

export interface ClassesQuality {
  /** Over rows in scope; a refusal is wrong. */
  readonly accuracy: number;
  /** F1 of each true class, weighted by its rows, over rows in scope; a refusal belongs to none. */
  readonly weightedF1: number;
  readonly top3: number;
  /** Mean of 1 / rank of the true class (mean reciprocal rank). */
  readonly mrr: number;
  /** Share of rows out of scope that are refused; absent where there are none. */
  readonly outOfScopeRecall?: number;
  /** Mean −log probability of the true class in nats, kept 1e-15 away from 0, over rows in scope. */
  readonly logLoss: number;
  readonly brier: number;
  /** Expected calibration error of the highest probability against its being right (ten bins of as many rows). */
  readonly ece: number;
}

const weightedF1 = (inScope: readonly ClassAnswer[]): number => {
  const counts = new Map<number, { right: number; answered: number; rows: number }>();
  const of = (label: number) => {
    const found = counts.get(label) ?? { right: 0, answered: 0, rows: 0 };
    counts.set(label, found);
    return found;
  };
  for (const { truth, answer } of inScope) {
    of(truth ?? -1).rows += 1;
    if (answer !== null) of(answer).answered += 1;
    if (answer !== null && answer === truth) of(answer).right += 1;
  }
  let sum = 0;
  for (const { right, answered, rows } of counts.values()) if (right > 0) sum += (rows * 2 * right) / (answered + rows);
  return sum / inScope.length;
};

/** Share of the rows out of scope that were refused; NaN where there is none. */
export const outOfScopeRecall = (answers: readonly ClassAnswer[]): number => {
  const outside = answers.filter(({ truth }) => truth === null);
  return outside.filter(({ answer }) => answer === null).length / outside.length;
};

/** Throws where there is no row in scope. */
export const measureClasses = (answers: readonly ClassAnswer[]): ClassesQuality => {
  const inScope = answers.filter(({ truth }) => truth !== null);
  const outside = answers.length - inScope.length;
  const count = inScope.length;
  if (count === 0) throw new Error('there is no row in scope to measure');
  const share = (holds: (answer: ClassAnswer) => boolean): number => inScope.filter(holds).length / count;
  const mean = (value: (answer: ClassAnswer) => number): number => inScope.reduce((sum, one) => sum + value(one), 0) / count;
  return {
    accuracy: share(({ truth, answer }) => answer !== null && answer === truth),
    weightedF1: weightedF1(inScope),
    top3: share(({ rank }) => rank >= 1 && rank <= 3),
    mrr: mean(({ rank }) => (rank === 0 ? 0 : 1 / rank)),
    ...(outside === 0 ? {} : { outOfScopeRecall: outOfScopeRecall(answers) }),
    logLoss: mean(({ truthProbability }) => -Math.log(Math.max(1e-15, truthProbability))),
    brier: mean(({ squaredError }) => squaredError),
    ece: measureQuality(
      inScope.map(({ highestProbability }) => highestProbability),
      inScope.map(({ rank }) => (rank === 1 ? 1 : 0)),
    ).ece,
  };
};

/**
 * How sure an answer is: how probable the most probable class is beside "out of scope" alone, where there is such a class, else
 * by itself.
 */
export const confidenceOf = (highest: number, outside: number | undefined): number =>
  outside === undefined ? highest : highest / (highest + outside);

/** @param known number of classes that can be answered: the first ones of `probabilities`; what follows is out of scope */
export const classAnswer = (
  probabilities: ArrayLike<number>,
  known: number,
  leastConfidence: number,
  truth: number | null,
): ClassAnswer => {
  let best = 0;
  for (let at = 1; at < known; at++) if ((probabilities[at] as number) > (probabilities[best] as number)) best = at;
  const highestProbability = probabilities[best] as number;
  const confidence = confidenceOf(highestProbability, probabilities[known]);
  const isKnown = truth !== null && truth >= 0;
  const truthProbability = isKnown ? (probabilities[truth] as number) : 0;
  let rank = isKnown ? 1 : 0;
  let squaredError = isKnown ? 0 : 1;
  for (let at = 0; at < probabilities.length; at++) {
    const probability = probabilities[at] as number;
    squaredError += (probability - (at === truth ? 1 : 0)) ** 2;
    const before = probability > truthProbability || (probability === truthProbability && at < (truth ?? 0));
    if (isKnown && at < known && at !== truth && before) rank += 1;
  }
  return {
    truth,
    answer: confidence < leastConfidence ? null : best,
    truthProbability,
    highestProbability,
    confidence,
    rank,
    squaredError,
  };
};
