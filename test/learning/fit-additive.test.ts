import { describe, expect, it } from 'vitest';
import { type AdditiveModel, fitAdditive, penalisedLoss, type Responses, seededRandom, type Shrinkage } from '#learning';

const responses = (rows: number, width: number, actionCount: number, seed: number): Responses => {
  const random = seededRandom(seed);
  const features = Float32Array.from({ length: rows * width }, () => (random() < 0.3 ? 0 : random() * 2 - 1));
  const actions = Uint32Array.from({ length: rows }, () => Math.floor(random() * actionCount));
  const outcomes = Uint8Array.from({ length: rows }, (_, row) => {
    const odds = -0.5 + (features[row * width] ?? 0) * 2 - (features[row * width + 1] ?? 0) + (actions[row] === 0 ? 0.7 : 0);
    return random() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
  });
  return { features, width, actions, actionCount, outcomes };
};

/** The objective written once more, as plainly as it can be. */
const plainLoss = (weights: readonly number[], data: Responses, shrinkage: Shrinkage): number => {
  const n = data.width + 1;
  let loss = 0;
  for (const [row, outcome] of data.outcomes.entries()) {
    const own = n * (1 + (data.actions[row] ?? 0));
    let odds = (weights[0] ?? 0) + (weights[own] ?? 0);
    for (let f = 0; f < data.width; f++)
      odds += ((weights[f + 1] ?? 0) + (weights[own + f + 1] ?? 0)) * (data.features[row * data.width + f] ?? 0);
    const p = 1 / (1 + Math.exp(-odds));
    loss -= Math.log(outcome === 1 ? p : 1 - p);
  }
  for (const [at, weight] of weights.entries()) {
    const penalty = at === 0 ? 0 : at < n ? shrinkage.shared : at % n === 0 ? shrinkage.intercept : shrinkage.deviation;
    loss += (penalty * weight * weight) / 2;
  }
  return loss;
};

const flat = (model: AdditiveModel): number[] => [...model.shared, ...model.deviations];
const SHRINKAGE = { shared: 2, intercept: 1, deviation: 8 };

describe('the additive fit', () => {
  it('is where the slope of the plainly written objective is zero in every weight', () => {
    const data = responses(400, 4, 3, 11);
    const weights = flat(fitAdditive(data, SHRINKAGE));
    expect(weights).toHaveLength(5 * 4);
    for (const at of weights.keys()) {
      const h = 1e-5;
      const up = weights.map((weight, i) => (i === at ? weight + h : weight));
      const down = weights.map((weight, i) => (i === at ? weight - h : weight));
      const slope = (plainLoss(up, data, SHRINKAGE) - plainLoss(down, data, SHRINKAGE)) / (2 * h);
      expect(Math.abs(slope), `weight ${at}`).toBeLessThan(1e-5);
    }
  });

  it('ends where plain gradient descent ends', () => {
    const data = responses(200, 2, 2, 5);
    const fitted = flat(fitAdditive(data, SHRINKAGE));
    let weights = fitted.map(() => 0);
    const h = 1e-6;
    for (let step = 0; step < 3_000; step++) {
      const at = weights;
      const slope = at.map(
        (_, i) =>
          (plainLoss(
            at.map((weight, j) => (i === j ? weight + h : weight)),
            data,
            SHRINKAGE,
          ) -
            plainLoss(
              at.map((weight, j) => (i === j ? weight - h : weight)),
              data,
              SHRINKAGE,
            )) /
          (2 * h),
      );
      weights = at.map((weight, i) => weight - 0.01 * (slope[i] ?? 0));
    }
    for (const [at, weight] of weights.entries()) expect(weight).toBeCloseTo(fitted[at] ?? 0, 4);
  });

  it('its objective equals the plainly written one', () => {
    const data = responses(300, 3, 2, 7);
    const model = fitAdditive(data, SHRINKAGE);
    expect(penalisedLoss(model, data, SHRINKAGE)).toBeCloseTo(plainLoss(flat(model), data, SHRINKAGE), 6);
  });

  it('survives separable data, an action without rows and a feature that is always zero', () => {
    const data: Responses = {
      features: Float32Array.from([1, 0, 1, 0, -1, 0, -1, 0]),
      width: 2,
      actions: Uint32Array.from([0, 0, 0, 0]),
      actionCount: 2,
      outcomes: Uint8Array.from([1, 1, 0, 0]),
    };
    const model = fitAdditive(data, { shared: 0.001, intercept: 0.001, deviation: 0.001 });
    expect(flat(model).every(Number.isFinite)).toBe(true);
    expect(model.shared[1]).toBeGreaterThan(1);
    expect(model.shared[2]).toBeCloseTo(0, 9);
    expect(model.deviations[3]).toBeCloseTo(0, 9);
  });
});
