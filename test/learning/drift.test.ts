/** Drift and the signals of a model in use: by hand, against the bootstrap, and in simulations with seeds. */
import { describe, expect, it } from 'vitest';
import { countsIn, evenBins, modelAlerts, modelSignals, populationStability, seededRandom } from '#learning';

describe('the population stability index', () => {
  it('is the sum it says, nothing where nothing moved, and finite where a bin is empty', () => {
    const [then, now] = [
      [100, 200, 700],
      [200, 200, 600],
    ];
    expect(populationStability(then, now)).toBeCloseTo(0.1 * Math.log(0.2 / 0.1) - 0.1 * Math.log(0.6 / 0.7), 12);
    expect(populationStability(then, then)).toBe(0);
    expect(populationStability(then, now)).toBeCloseTo(populationStability(now, then), 12);
    expect(populationStability([500, 500, 0], [500, 0, 500])).toBeGreaterThan(3);
    expect(populationStability([1, 2], [0, 0])).toBe(0);
    expect(() => populationStability([1], [1, 2])).toThrow('1 bins with 2');
  });

  it('of two draws of the same is small, of a shifted one is not', () => {
    const random = seededRandom(2);
    const draw = (shift: number): Float64Array => Float64Array.from({ length: 4_000 }, () => random() + random() + shift);
    const then = draw(0);
    const ends = evenBins(then, 10);
    const of = (values: Float64Array): number => populationStability(countsIn(then, ends), countsIn(values, ends));
    expect(of(draw(0))).toBeLessThan(0.02);
    expect(of(draw(0.5))).toBeGreaterThan(0.25);
  });

  it('has bins of the same size, fewer where values repeat', () => {
    const values = Float64Array.from({ length: 1_000 }, (_, i) => i);
    expect(countsIn(values, evenBins(values, 10))).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 100, 100]);
    expect(evenBins(new Float64Array(50).fill(3), 10)).toEqual([]);
    expect(countsIn(Float64Array.of(1, 2, 2, 3), [2, 3])).toEqual([1, 2, 1]);
  });
});

const scored = (seed: number, n: number, truth: (score: number) => number) => {
  const random = seededRandom(seed);
  const scores = Float64Array.from({ length: n }, () => 0.05 + 0.4 * random());
  return { scores, outcomes: scores.map((score) => (random() < truth(score) ? 1 : 0)) };
};

const alertsOf = (truth: (score: number) => number): readonly string[] => {
  const { scores, outcomes } = scored(4, 4_000, truth);
  return modelAlerts(modelSignals(scores, outcomes, 0.95));
};

describe('the signals of a model in use', () => {
  it('are quiet while the model holds, and say what does not', () => {
    expect(alertsOf((score) => score)).toEqual([]);
    expect(alertsOf(() => 0.25)).toEqual(['no-lift']);
    expect(alertsOf((score) => 0.5 - score)).toEqual(['upside-down']);
    expect(alertsOf((score) => score / 2)).toEqual(['predicts-too-much']);
    expect(alertsOf((score) => score * 1.5)).toEqual(['predicts-too-little']);
  });

  it('have an interval of the AUC that covers as often as it says', () => {
    const truth =
      modelSignals(...(Object.values(scored(999, 200_000, (score) => score)) as [Float64Array, Float64Array]), 0.95).auc?.estimate ?? 0;
    let covered = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const { scores, outcomes } = scored(seed, 400, (score) => score);
      const { auc } = modelSignals(scores, outcomes, 0.95);
      if (auc !== null && auc.low <= truth && truth <= auc.high) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.9);
  });

  it('have no AUC of one class', () => {
    expect(modelSignals(Float64Array.of(0.2, 0.3), Float64Array.of(0, 0), 0.95).auc).toBe(null);
  });
});
