/** Trees as the product reads them from a file. */
import { readPropensityModel, type TreeEnsemble } from '#learning';
import { sigmoidOfTrees } from './shapley-oracle.ts';
import type { Tree } from './tree-graphs.ts';

export function ensembleOf(width: number, trees: readonly Tree[]): TreeEnsemble {
  const read = readPropensityModel(sigmoidOfTrees(width, trees), width);
  if (read.kind !== 'trees') throw new Error(read.kind === 'opaque' ? read.why : 'read as additive');
  return read.trees.trees;
}
