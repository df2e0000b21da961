/**
 * A network with one hidden layer over a bag of n-grams:
 *
 *   h = max(0, b + Σ weight · row of the table),   log-odds of the classes = c + h · U
 *
 * learnt by stochastic gradient descent on softmax cross-entropy with smoothed labels (Szegedy et al. 2016). N-grams and hidden
 * units are left out at random (dropout; Srivastava et al. 2014), and each row of the weights has its own pace, which falls with
 * the squared gradients it has seen (AdaGrad by rows; Duchi, Hazan, Singer 2011) and linearly to zero over the whole.
 * Every sum runs in a fixed order: the same rows and seed give the same bits.
 */
import { exp } from '#core';
import { seededRandom, shuffle } from '../seeded-random.ts';
import { rowsCount, type SparseRows } from './sparse-rows.ts';

export interface HiddenSettings {
  readonly units: number;
  /** Times every row is looked at. */
  readonly rounds: number;
  readonly pace: number;
  /** Shares of n-grams and of hidden units left out at random. */
  readonly dropInputs: number;
  readonly dropUnits: number;
  /** Share of the certainty that is spread over all classes. */
  readonly smoothing: number;
  readonly seed: number;
  /** Told after each round. */
  readonly onRound?: (done: number) => void;
}

export interface HiddenLayer {
  readonly units: number;
  /** Row-major (n-grams + 1) × units; the row of place 0 is zero. */
  readonly table: Float32Array;
  readonly bias: Float32Array;
  /** Row-major units × classes. */
  readonly output: Float32Array;
  readonly outputBias: Float32Array;
}

const START = 1e-8;
const LEAST_PACE = 1e-4;

export const fitHidden = (
  { starts, places, weights }: SparseRows,
  classes: Uint16Array,
  classCount: number,
  size: number,
  settings: HiddenSettings,
): HiddenLayer => {
  const { units, rounds, pace, dropInputs, dropUnits, smoothing } = settings;
  const random = seededRandom(settings.seed);
  // The sum of three evenly spread numbers is close enough to a bell curve, of standard deviation 1.
  const bell = (): number => (random() + random() + random() - 1.5) * 2;
  const count = rowsCount({ starts, places, weights });
  const table = new Float32Array((size + 1) * units);
  for (let at = units; at < table.length; at++) table[at] = bell() * 0.1;
  const output = new Float32Array(units * classCount);
  const spread = Math.sqrt(2 / units) / 2;
  for (let at = 0; at < output.length; at++) output[at] = bell() * spread;
  const bias = new Float32Array(units);
  const outputBias = new Float32Array(classCount);
  const tableSquares = new Float32Array(size + 1).fill(START);
  const outputSquares = new Float32Array(units).fill(START);
  let biasSquares = START;
  let outputBiasSquares = START;

  const hidden = new Float32Array(units);
  const passes = new Float32Array(units);
  const hiddenGradient = new Float32Array(units);
  const gradient = new Float32Array(classCount);
  let longest = 0;
  for (let row = 0; row < count; row++) longest = Math.max(longest, (starts[row + 1] as number) - (starts[row] as number));
  const seenPlaces = new Int32Array(longest);
  const seenWeights = new Float32Array(longest);
  const order = Int32Array.from({ length: count }, (_, row) => row);
  const inputScale = 1 / (1 - dropInputs);
  const unitScale = 1 / (1 - dropUnits);
  const even = smoothing / classCount;

  let steps = 0;
  for (let round = 0; round < rounds; round++) {
    shuffle(order, random);
    for (const row of order) {
      const rate = pace * (1 - steps++ / (rounds * count)) + LEAST_PACE;
      let seen = 0;
      for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
        if (random() < dropInputs) continue;
        seenPlaces[seen] = places[at] as number;
        seenWeights[seen++] = (weights[at] as number) * inputScale;
      }
      hidden.set(bias);
      for (let at = 0; at < seen; at++) {
        const weight = seenWeights[at] as number;
        const from = (seenPlaces[at] as number) * units;
        for (let unit = 0; unit < units; unit++) hidden[unit] = (hidden[unit] as number) + weight * (table[from + unit] as number);
      }
      gradient.set(outputBias);
      for (let unit = 0; unit < units; unit++) {
        const isOn = (hidden[unit] as number) > 0 && random() >= dropUnits;
        passes[unit] = isOn ? unitScale : 0;
        const value = isOn ? (hidden[unit] as number) * unitScale : 0;
        hidden[unit] = value;
        if (value === 0) continue;
        const from = unit * classCount;
        for (let at = 0; at < classCount; at++) gradient[at] = (gradient[at] as number) + value * (output[from + at] as number);
      }
      let highest = -Infinity;
      for (let at = 0; at < classCount; at++) highest = Math.max(highest, gradient[at] as number);
      let sum = 0;
      for (let at = 0; at < classCount; at++) {
        const part = exp((gradient[at] as number) - highest);
        gradient[at] = part;
        sum += part;
      }
      const wanted = classes[row] as number;
      let squares = 0;
      for (let at = 0; at < classCount; at++) {
        const error = (gradient[at] as number) / sum - even - (at === wanted ? 1 - smoothing : 0);
        gradient[at] = error;
        squares += error * error;
      }
      let hiddenSquares = 0;
      for (let unit = 0; unit < units; unit++) {
        const value = hidden[unit] as number;
        if (value === 0) {
          hiddenGradient[unit] = 0;
          continue;
        }
        const own = (outputSquares[unit] as number) + (squares * value * value) / classCount;
        outputSquares[unit] = own;
        const change = (rate * value) / Math.sqrt(own);
        const from = unit * classCount;
        let back = 0;
        for (let at = 0; at < classCount; at++) {
          const error = gradient[at] as number;
          const weight = output[from + at] as number;
          back += error * weight;
          output[from + at] = weight - change * error;
        }
        back *= passes[unit] as number;
        hiddenGradient[unit] = back;
        hiddenSquares += back * back;
      }
      outputBiasSquares += squares / classCount;
      const outputChange = rate / Math.sqrt(outputBiasSquares);
      for (let at = 0; at < classCount; at++) outputBias[at] = (outputBias[at] as number) - outputChange * (gradient[at] as number);
      const perUnit = hiddenSquares / units;
      biasSquares += perUnit;
      const biasChange = rate / Math.sqrt(biasSquares);
      for (let unit = 0; unit < units; unit++) bias[unit] = (bias[unit] as number) - biasChange * (hiddenGradient[unit] as number);
      for (let at = 0; at < seen; at++) {
        const weight = seenWeights[at] as number;
        const place = seenPlaces[at] as number;
        const own = (tableSquares[place] as number) + weight * weight * perUnit;
        tableSquares[place] = own;
        const change = (rate * weight) / Math.sqrt(own);
        const from = place * units;
        for (let unit = 0; unit < units; unit++)
          table[from + unit] = (table[from + unit] as number) - change * (hiddenGradient[unit] as number);
      }
    }
    settings.onRound?.(round + 1);
  }
  return { units, table, bias, output, outputBias };
};
