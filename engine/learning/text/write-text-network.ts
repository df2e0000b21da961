/**
 * A text network as an ONNX file:
 *
 *   places [N, K] ─┬ Gather(table) ─ Cast ─┬ Div 16 ─ Floor ─┬ Concat ─ Sub 8 ──┐
 *                  │                       └── Sub 16 × it ───┘                  │
 *                  └ Gather(scales) ─ Mul ─ Unsqueeze(1) ─────────────────── MatMul ─ Squeeze ─ Add ─ Relu ─ MatMul ─ Add ─ Mul ─ Softmax
 *   weights [N, K] ────────────────────┘
 *
 * gives `probabilities` [N, classes]. A byte of the table holds 8 + a weight of the first half of the units, times 16, and 8 + one
 * of the second half. Rows shorter than K are filled with place 0.
 */
import { byteTensor, floatTensor, int64Tensor, modelBytes, node, value } from '../onnx/graph-parts.ts';
import { FLOAT, INT64 } from '../onnx/schema.ts';
import type { TextNetwork } from './text-network.ts';

const packed = ({ units, table, scales }: TextNetwork): Uint8Array => {
  const half = units / 2;
  const bytes = new Uint8Array(scales.length * half);
  for (let row = 0; row < scales.length; row++)
    for (let at = 0; at < half; at++)
      bytes[row * half + at] = ((table[row * units + at] as number) + 8) * 16 + (table[row * units + half + at] as number) + 8;
  return bytes;
};

interface GraphParts {
  readonly node: readonly object[];
  readonly initializer: readonly object[];
  readonly input: readonly object[];
  readonly output: readonly object[];
}

/** The graph of a network, which others may stand beside; `one` is the list of the whole number 1. */
export const textGraph = (network: TextNetwork): GraphParts => {
  const { units, classes } = network;
  return {
    node: [
      node('Gather', ['table', 'places'], 'rows', { axis: 0 }),
      node('Cast', ['rows'], 'bytes', { to: FLOAT }),
      node('Div', ['bytes', 'sixteen'], 'sixteenths'),
      node('Floor', ['sixteenths'], 'first_half'),
      node('Mul', ['first_half', 'sixteen'], 'first_part'),
      node('Sub', ['bytes', 'first_part'], 'second_half'),
      node('Concat', ['first_half', 'second_half'], 'from_zero', { axis: 2 }),
      node('Sub', ['from_zero', 'eight'], 'float_rows'),
      node('Gather', ['scales', 'places'], 'row_scales', { axis: 0 }),
      node('Mul', ['weights', 'row_scales'], 'scaled'),
      node('Unsqueeze', ['scaled', 'one'], 'scaled_row'),
      node('MatMul', ['scaled_row', 'float_rows'], 'sum_row'),
      node('Squeeze', ['sum_row', 'one'], 'sums'),
      node('Add', ['sums', 'bias'], 'biased'),
      node('Relu', ['biased'], 'hidden'),
      node('MatMul', ['hidden', 'output'], 'through'),
      node('Add', ['through', 'output_bias'], 'odds'),
      node('Mul', ['odds', 'sharpness'], 'sharp_odds'),
      node('Softmax', ['sharp_odds'], 'probabilities', { axis: 1 }),
    ],
    initializer: [
      byteTensor('table', [network.scales.length, units / 2], packed(network)),
      floatTensor('scales', [network.scales.length], network.scales),
      floatTensor('bias', [units], network.bias),
      floatTensor('output', [units, classes], network.output),
      floatTensor('output_bias', [classes], network.outputBias),
      floatTensor('sharpness', [1], Float32Array.of(network.sharpness)),
      floatTensor('sixteen', [1], Float32Array.of(16)),
      floatTensor('eight', [1], Float32Array.of(8)),
      int64Tensor('one', [1]),
    ],
    input: [value('places', INT64, ['N', 'K']), value('weights', FLOAT, ['N', 'K'])],
    output: [value('probabilities', FLOAT, ['N', classes])],
  };
};

/** The file's bytes; the same network gives the same bytes. */
export const writeTextNetwork = (network: TextNetwork): Uint8Array => modelBytes({ name: 'text', ...textGraph(network) });
