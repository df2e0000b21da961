import { describe, expect, it } from 'vitest';
import { measureQuality, seededRandom } from '#learning';

describe('model quality', () => {
  it('equals figures worked out by hand', () => {
    // Pairs (positive, negative): .8>.6 .8>.2 .4<.6 .4>.2 → 3 of 4.
    const quality = measureQuality([0.8, 0.4, 0.6, 0.2], [1, 1, 0, 0]);
    expect(quality.auc).toBe(0.75);
    expect(quality.logLoss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.4) + Math.log(0.4) + Math.log(0.8)) / 4, 12);
    expect(quality.brier).toBeCloseTo((0.04 + 0.36 + 0.36 + 0.04) / 4, 12);
  });

  it('AUC agrees with counting every pair, ties half, and is not folded at 0.5', () => {
    const random = seededRandom(3);
    const scores = Array.from({ length: 300 }, () => Math.round(random() * 20) / 20);
    const outcomes = scores.map((score) => (random() < 1 - score ? 1 : 0));
    let wins = 0;
    let pairs = 0;
    for (const [i, positive] of scores.entries())
      for (const [j, negative] of scores.entries()) {
        if (outcomes[i] !== 1 || outcomes[j] !== 0) continue;
        pairs += 1;
        wins += positive > negative ? 1 : positive === negative ? 0.5 : 0;
      }
    const { auc } = measureQuality(scores, outcomes);
    expect(auc).toBeCloseTo(wins / pairs, 12);
    expect(auc).toBeLessThan(0.4);
  });

  it('calibration error is near 0 for true probabilities and the bias for biased ones', () => {
    const random = seededRandom(4);
    const truth = Array.from({ length: 50_000 }, () => random() * 0.8);
    const outcomes = truth.map((p) => (random() < p ? 1 : 0));
    expect(measureQuality(truth, outcomes).ece).toBeLessThan(0.01);
    expect(
      measureQuality(
        truth.map((p) => p + 0.15),
        outcomes,
      ).ece,
    ).toBeCloseTo(0.15, 1);
  });

  it('refuses nothing to measure', () => {
    expect(() => measureQuality([], [])).toThrow('cannot measure');
  });
});
