/**
 * A text network as an ONNX file:
 *
 *   places [N, K] ─┬ Gather(table) ─ Cast ─────────────────────┐
 *                  └ Gather(scales) ─ Mul ─ Unsqueeze(1) ─ MatMul ─ Squeeze ─ Add ─ Relu ─ MatMul ─ Add ─ Mul ─ Softmax
 *   weights [N, K] ────────────────────┘
 *
 * gives `probabilities` [N, classes]. Rows shorter than K are filled with place 0.
 */
import { floatTensor, int64Tensor, int8Tensor, modelBytes, node, value } from '../onnx/graph-parts.ts';
import { FLOAT, INT64 } from '../onnx/schema.ts';
import type { TextNetwork } from './text-network.ts';

/** The file's bytes; the same network gives the same bytes. */
export const writeTextNetwork = (network: TextNetwork): Uint8Array => {
  const { units, classes } = network;
  return modelBytes({
    name: 'text',
    node: [
      node('Gather', ['table', 'places'], 'rows', { axis: 0 }),
      node('Cast', ['rows'], 'float_rows', { to: FLOAT }),
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
      int8Tensor('table', [network.scales.length, units], network.table),
      floatTensor('scales', [network.scales.length], network.scales),
      floatTensor('bias', [units], network.bias),
      floatTensor('output', [units, classes], network.output),
      floatTensor('output_bias', [classes], network.outputBias),
      floatTensor('sharpness', [1], Float32Array.of(network.sharpness)),
      int64Tensor('one', [1]),
    ],
    input: [value('places', INT64, ['N', 'K']), value('weights', FLOAT, ['N', 'K'])],
    output: [value('probabilities', FLOAT, ['N', classes])],
  });
};
