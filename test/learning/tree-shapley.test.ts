import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TreeShapley } from '#learning';
import { counts } from '../fault/counts.ts';
import { ensembleOf } from './ensemble-of.ts';
import { aGame, type Game, plainSum, shapleyByCoalitions } from './shapley-oracle.ts';
import { isSplit, type Tree } from './tree-graphs.ts';

const rows = (background: readonly (readonly number[])[]) => background.map((row) => Float32Array.from(row));
const valuesOf = ({ trees, x, background }: Game): Float64Array =>
  new TreeShapley(ensembleOf(x.length, trees), rows(background)).values(Float32Array.from(x), 0);
const alike = (row: readonly number[]): number[] => row.with(1, row[0] as number);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("Shapley's values of trees", () => {
  it('are those of his formula over all coalitions of up to ten columns', () => {
    let splits = 0;
    fc.assert(
      fc.property(aGame(), (game) => {
        splits += JSON.stringify(game.trees).split('threshold').length - 1;
        const wanted = shapleyByCoalitions((row) => plainSum(game.trees, row), game.x, game.background);
        for (const [column, value] of valuesOf(game).entries()) expect(Math.abs(value - (wanted[column] as number))).toBeLessThan(1e-9);
      }),
      { numRuns: counts(100, 300), seed: 7 },
    );
    expect(splits).toBeGreaterThan(counts(1_000, 3_000));
  });

  it('add up to the sum of the trees less its mean over the background', () => {
    fc.assert(
      fc.property(aGame(40), (game) => {
        const wanted = plainSum(game.trees, game.x) - mean(game.background.map((row) => plainSum(game.trees, row)));
        const found = valuesOf(game).reduce((sum, value) => sum + value, 0);
        expect(Math.abs(found - wanted)).toBeLessThan(1e-9);
      }),
      { numRuns: counts(100, 300), seed: 8 },
    );
  });

  it('give nothing to a column no tree splits on, and nothing to one that is the same in all rows', () => {
    fc.assert(
      fc.property(aGame(), fc.nat(9), ({ trees, x, background }, at) => {
        const column = at % x.length;
        const unused = trees.map(function elsewhere(tree: Tree): Tree {
          if (!isSplit(tree)) return tree;
          return tree.column === column ? elsewhere(tree.yes) : { ...tree, yes: elsewhere(tree.yes), no: elsewhere(tree.no) };
        });
        expect(valuesOf({ trees: unused, x, background })[column]).toBe(0);
        const same = background.map((row) => row.with(column, x[column] as number));
        expect(valuesOf({ trees, x, background: same })[column]).toBe(0);
      }),
      { numRuns: counts(100, 200), seed: 9 },
    );
  });

  it('are equal for two columns that play the same part', () => {
    const swapped = (tree: Tree): Tree =>
      isSplit(tree) ? { ...tree, column: [1, 0][tree.column] ?? tree.column, yes: swapped(tree.yes), no: swapped(tree.no) } : tree;
    fc.assert(
      fc.property(
        aGame().filter(({ x }) => x.length >= 2),
        ({ trees, x, background }) => {
          const values = valuesOf({ trees: [...trees, ...trees.map(swapped)], x: alike(x), background: background.map(alike) });
          expect(Math.abs((values[0] as number) - (values[1] as number))).toBeLessThan(1e-9);
        },
      ),
      { numRuns: counts(100, 200), seed: 10 },
    );
  });

  it('of two ensembles together are the sums of theirs, and of two backgrounds together their mean', () => {
    fc.assert(
      fc.property(aGame(), fc.nat(4), ({ trees, x, background }, cut) => {
        const whole = valuesOf({ trees, x, background });
        const parts = [trees.slice(0, cut), trees.slice(cut)].filter((part) => part.length > 0);
        const summed = parts.map((part) => valuesOf({ trees: part, x, background }));
        const each = background.map((row) => valuesOf({ trees, x, background: [row] }));
        for (const [column, value] of whole.entries()) {
          const sum = summed.reduce((total, part) => total + (part[column] as number), 0);
          expect(Math.abs(sum - value)).toBeLessThan(1e-9);
          expect(Math.abs(mean(each.map((part) => part[column] as number)) - value)).toBeLessThan(1e-9);
        }
      }),
      { numRuns: counts(100, 200), seed: 11 },
    );
  });

  it('stay exact where factorials would overflow: 200 columns that all must hold share evenly', () => {
    const columns = 200;
    let tree: Tree = 1;
    for (let column = columns - 1; column >= 0; column--) tree = { column, mode: 'BRANCH_GT', threshold: 0, yes: tree, no: 0 };
    const ones = Array.from({ length: columns }, () => 1);
    const zeros = ones.map(() => 0);
    const all = valuesOf({ trees: [tree], x: ones, background: [zeros] });
    const none = valuesOf({ trees: [tree], x: zeros, background: [ones] });
    expect(all).toHaveLength(columns);
    for (const value of all) expect(Math.abs(value * columns - 1)).toBeLessThan(1e-9);
    for (const value of none) expect(Math.abs(value * columns + 1)).toBeLessThan(1e-9);
  });

  it('leave out a column that is fixed: the background is given the value at hand', () => {
    fc.assert(
      fc.property(
        aGame().filter(({ x }) => x.length >= 2),
        ({ trees, x, background }) => {
          const fixed = x.length - 1;
          const found = new TreeShapley(ensembleOf(x.length, trees), rows(background), fixed).values(Float32Array.from(x), 0);
          const given = valuesOf({ trees, x, background: background.map((row) => row.with(fixed, x[fixed] as number)) });
          expect([...found]).toEqual([...given]);
          expect(found[fixed]).toBe(0);
        },
      ),
      { numRuns: counts(100, 200), seed: 12 },
    );
  });

  it('need a background', () => {
    expect(() => valuesOf({ trees: [1], x: [0], background: [] })).toThrow('no background');
  });
});
