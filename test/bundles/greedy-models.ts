/** Models that nothing is wrong with but what they take: permitted operators, true sizes, the right answers. */
import type { ModelBundle } from '#contract/model.ts';
import { type Proto, rewritten } from './bad-bundles.ts';

const FLOAT = 1;
const INTS = 7;

/** The good model, which adds to its answer a nought that `nodes` work out of the `numbers` by the name `nought`. */
function withNought(numbers: Readonly<Record<string, readonly number[]>>, nodes: readonly Record<string, unknown>[]): ModelBundle {
  const { model } = rewritten(({ graph }: Proto) => {
    const before = graph['node'] ?? [];
    const last = before.find((node) => (node['output'] as string[]).includes('propensity'));
    if (last === undefined) throw new Error('no node gives the propensity');
    last['output'] = ['without-nought'];
    const zeros = Object.entries(numbers).map(([name, dims]) => ({
      name,
      dims,
      dataType: FLOAT,
      rawData: Buffer.alloc(4 * dims.reduce((product, dim) => product * dim, 1)),
    }));
    graph['initializer'] = [...(graph['initializer'] ?? []), ...zeros];
    graph['node'] = [...before, ...nodes, { opType: 'Add', input: ['without-nought', 'nought'], output: ['propensity'] }];
  });
  return model;
}

const highest = (input: string) => ({
  opType: 'ReduceMax',
  input: [input],
  output: ['nought'],
  attribute: [
    { name: 'axes', type: INTS, ints: [0, 1] },
    { name: 'keepdims', type: 2, i: 0 },
  ],
});

/** Two short rows of numbers, multiplied to a table of `megabytes`. */
export function takesMemory(megabytes: number): ModelBundle {
  const side = Math.round(Math.sqrt((megabytes * 1_048_576) / 4));
  return withNought({ column: [side, 1], row: [1, side] }, [
    { opType: 'MatMul', input: ['column', 'row'], output: ['table'] },
    highest('table'),
  ]);
}

/** One square of numbers, multiplied by itself again and again. */
export function takesTime(products: number): ModelBundle {
  const chain = Array.from({ length: products }, (_, index) => ({
    opType: 'MatMul',
    input: [index === 0 ? 'square' : `product-${index}`, 'square'],
    output: [`product-${index + 1}`],
  }));
  return withNought({ square: [1_500, 1_500] }, [...chain, highest(`product-${products}`)]);
}
