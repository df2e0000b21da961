/**
 * A next-action model as an ONNX file: the network of write-text-network.ts, and beside it
 *
 *   options [M, L] ─ Gather(choice_weights) ─ ReduceSum(axis 1) ─ scores [M]
 */
import { floatTensor, modelBytes, node, value } from '../onnx/graph-parts.ts';
import { FLOAT, INT64 } from '../onnx/schema.ts';
import type { TextNetwork } from '../text/text-network.ts';
import { textGraph } from '../text/write-text-network.ts';

/** @param choiceWeights by place, place 0 being 0 */
export const writeNextAction = (network: TextNetwork, choiceWeights: Float32Array): Uint8Array => {
  const text = textGraph(network);
  return modelBytes({
    name: 'next-action',
    node: [
      ...text.node,
      node('Gather', ['choice_weights', 'options'], 'option_weights', { axis: 0 }),
      node('ReduceSum', ['option_weights', 'one'], 'scores', { keepdims: 0 }),
    ],
    initializer: [...text.initializer, floatTensor('choice_weights', [choiceWeights.length], choiceWeights)],
    input: [...text.input, value('options', INT64, ['M', 'L'])],
    output: [...text.output, value('scores', FLOAT, ['M'])],
  });
};
