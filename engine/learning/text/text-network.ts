/**
 * The network that serves: a bag of n-grams through one hidden layer.
 *
 *   h = max(0, bias + Σ weight · row of the table)
 *   log-odds = sharpness · (outputBias + h · output),   probabilities = softmax(log-odds)
 *
 * The table is held in whole numbers from −7 to 7, two to a byte in the file, with one scale a row: over a hundred rows their
 * roundings cancel out. What is computed here and what the ONNX file computes are the
 * same numbers but for the last bits of 32-bit sums.
 */
import { exp } from '#core';
import type { HiddenLayer } from './fit-hidden.ts';
import type { SparseRow } from './vocabulary.ts';

export interface TextNetwork {
  /** An even number. */
  readonly units: number;
  readonly classes: number;
  /** Row-major (n-grams + 1) × units; the row of place 0 is zero. */
  readonly table: Int8Array;
  /** Per row of the table. */
  readonly scales: Float32Array;
  readonly bias: Float32Array;
  /** Row-major units × classes. */
  readonly output: Float32Array;
  readonly outputBias: Float32Array;
  readonly sharpness: number;
}

const LARGEST = 7;

/** Layers learnt apart as one network whose log-odds are the mean of theirs. */
export const joinLayers = (layers: readonly HiddenLayer[], classes: number): TextNetwork => {
  const units = layers.reduce((sum, layer) => sum + layer.units, 0);
  const [first] = layers;
  const rows = first === undefined ? 0 : first.table.length / first.units;
  const table = new Int8Array(rows * units);
  const scales = new Float32Array(rows);
  const whole = new Float32Array(units);
  for (let row = 0; row < rows; row++) {
    let from = 0;
    for (const layer of layers) {
      whole.set(layer.table.subarray(row * layer.units, (row + 1) * layer.units), from);
      from += layer.units;
    }
    let largest = 0;
    for (const number of whole) largest = Math.max(largest, Math.abs(number));
    if (largest === 0) continue;
    const scale = Math.fround(largest / LARGEST);
    scales[row] = scale;
    for (let at = 0; at < units; at++) table[row * units + at] = Math.round((whole[at] as number) / scale);
  }
  const bias = new Float32Array(units);
  const output = new Float32Array(units * classes);
  const outputBias = new Float32Array(classes);
  let from = 0;
  for (const layer of layers) {
    bias.set(layer.bias, from);
    for (const [at, number] of layer.output.entries()) output[from * classes + at] = number / layers.length;
    for (const [at, number] of layer.outputBias.entries()) outputBias[at] = (outputBias[at] as number) + number / layers.length;
    from += layer.units;
  }
  return { units, classes, table, scales, bias, output, outputBias, sharpness: 1 };
};

/** The row's log-odds, in 64-bit sums. */
export const networkOdds = (network: TextNetwork, { places, weights }: SparseRow): Float64Array => {
  const { units, classes, table, scales } = network;
  const sums = Float64Array.from(network.bias);
  for (let at = 0; at < places.length; at++) {
    const place = places[at] as number;
    const weight = (weights[at] as number) * (scales[place] as number);
    const from = place * units;
    for (let unit = 0; unit < units; unit++) sums[unit] = (sums[unit] as number) + weight * (table[from + unit] as number);
  }
  const odds = Float64Array.from(network.outputBias);
  for (let unit = 0; unit < units; unit++) {
    const value = sums[unit] as number;
    if (value <= 0) continue;
    const from = unit * classes;
    for (let at = 0; at < classes; at++) odds[at] = (odds[at] as number) + value * (network.output[from + at] as number);
  }
  for (let at = 0; at < classes; at++) odds[at] = (odds[at] as number) * network.sharpness;
  return odds;
};

export const softmax = (odds: ArrayLike<number>): Float64Array => {
  let highest = -Infinity;
  for (let at = 0; at < odds.length; at++) highest = Math.max(highest, odds[at] as number);
  const parts = Float64Array.from(odds, (odd) => exp(odd - highest));
  let sum = 0;
  for (const part of parts) sum += part;
  return parts.map((part) => part / sum);
};
