/** What contributions are measured against, and how well people can follow a model: both as its manifest says, checked. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelManifest } from '#contract/model.ts';
import { contributionsOf, logistic, readExplainable, transparencyOf } from '#learning';
import { demonstrationModel } from '../engine/demonstration.ts';
import {
  aBackground,
  aCustomer,
  bundleOf,
  exact,
  FEATURES,
  fieldsOf,
  nothing,
  said,
  STARTS,
  TREES,
  vectorOf,
  WIDTH,
} from './explained-models.ts';
import { plainSum, shapleyByCoalitions, sigmoidOfTrees } from './shapley-oracle.ts';
import { graphFile, int, node } from './tree-graphs.ts';

const f = (row: readonly number[]) => plainSum(TREES, row);
const golden = [Array.from({ length: WIDTH }, () => 0)];

describe('the background of a manifest', () => {
  it('is what contributions are measured against, and not the golden inputs', () => {
    fc.assert(
      fc.property(aBackground, aCustomer, (background, customer) => {
        const bundle = bundleOf(sigmoidOfTrees(WIDTH, TREES), golden, (row) => logistic(f(row)), { background });
        const x = vectorOf(customer);
        const found = exact(contributionsOf(readExplainable(bundle), x, 0, fieldsOf(customer)));
        expect(Math.abs(found.base - background.reduce((sum, row) => sum + f(row), 0) / background.length)).toBeLessThan(1e-9);
        const wanted = shapleyByCoalitions(f, [...x], background);
        for (const [feature, { field }] of FEATURES.entries()) {
          const sum = wanted.slice(STARTS[feature], STARTS[feature + 1]).reduce((total, value) => total + value, 0);
          expect(Math.abs((found.contributions.find((one) => one.field === field)?.logOdds ?? Number.NaN) - sum)).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 40, seed: 34 },
    );
  });

  it('is refused with the manifest where a row is not as wide as the feature vector, or there is none', () => {
    const { manifest } = bundleOf(sigmoidOfTrees(WIDTH, TREES), golden, (row) => logistic(f(row)), { background: golden });
    expect(ModelManifest.safeParse(manifest).success).toBe(true);
    for (const background of [[...golden, [1]], []]) expect(ModelManifest.safeParse({ ...manifest, background }).success).toBe(false);
    const narrow = bundleOf(sigmoidOfTrees(WIDTH, TREES), golden, (row) => logistic(f(row)), { background: [[1]] });
    expect(said(contributionsOf(readExplainable(narrow), new Float32Array(WIDTH), 0, nothing))).toContain('does not fit its own width');
  });

  it('of the demonstration are 64 customers, nearly all of them different', () => {
    const { background = [], width } = demonstrationModel().manifest;
    expect(background).toHaveLength(64);
    expect(background.every((row) => row.length === width)).toBe(true);
    expect(new Set(background.map((row) => row.join())).size).toBeGreaterThan(60);
  });
});

const trees = (transparency?: number) =>
  bundleOf(
    sigmoidOfTrees(WIDTH, TREES),
    golden,
    (row) => logistic(plainSum(TREES, row)),
    transparency === undefined ? {} : { transparency },
  );

describe('how transparent a model is', () => {
  it('is what its manifest says, and 1 where that is silent', () => {
    for (const [claimed, found] of [
      [undefined, 1],
      [1, 1],
      [4, 4],
      [5, 5],
    ] as const) {
      const bundle = trees(claimed);
      expect(transparencyOf(bundle.manifest, readExplainable(bundle))).toBe(found);
    }
    expect(ModelManifest.safeParse({ ...trees().manifest, transparency: 6 }).success).toBe(false);
    expect(demonstrationModel().manifest.transparency).toBe(5);
  });

  it('is at most 2 where its answers cannot be taken apart exactly', () => {
    const file = graphFile(WIDTH, [node('ReduceMean', ['features'], ['propensity'], [int('keepdims', 0)])]);
    for (const [claimed, found] of [
      [1, 1],
      [2, 2],
      [3, 2],
      [5, 2],
    ] as const) {
      const bundle = bundleOf(file, golden, () => 0, { transparency: claimed });
      expect(transparencyOf(bundle.manifest, readExplainable(bundle))).toBe(found);
    }
  });
});
