/** The statistics of experiments: against published examples, closed forms, brute force, and simulations with seeds. */
import { describe, expect, it } from 'vitest';
import {
  type AnalysisSettings,
  analyseExperiment,
  designEffectOf,
  detectableRate,
  type ExperimentRows,
  powerOf,
  sampleSize,
  seededRandom,
} from '#learning';
import { armMean } from '../../engine/learning/experiments/arm-mean.ts';
import { compareArms } from '../../engine/learning/experiments/compare-arms.ts';
import { sequenceHalfWidth } from '../../engine/learning/experiments/confidence-sequence.ts';
import { withoutCovariate } from '../../engine/learning/experiments/covariate.ts';
import { adjusted } from '../../engine/learning/experiments/multiple-tests.ts';
import { sampleRatio } from '../../engine/learning/experiments/sample-ratio.ts';
import { newcombeInterval, wilsonInterval } from '../../engine/learning/experiments/wilson.ts';
import { counts } from '../fault/counts.ts';

const SETTINGS: AnalysisSettings = { confidence: 0.95, tunedFor: 5_000, control: 0, adjustment: 'holm', shares: [1, 1] };
const design = { controlRate: 0.2, treatmentRate: 0.22, controlShare: 0.5, confidence: 0.95, power: 0.8, designEffect: 1 };
const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const rowsOf = (control: readonly number[], treatment: readonly number[], more: Partial<ExperimentRows> = {}): ExperimentRows => ({
  arms: ['control', 'nba'],
  ofArm: Uint8Array.from([...control.map(() => 0), ...treatment.map(() => 1)]),
  metrics: [{ name: 'accepted', values: Float64Array.from([...control, ...treatment]), guardrail: null }],
  clusters: null,
  covariate: null,
  ...more,
});
const yes = (count: number, n: number): readonly number[] => Array.from({ length: n }, (_, i) => (i < count ? 1 : 0));

describe('sample size', () => {
  it('is the formula’s in total, as published for a base of 20 and 30 per cent and a tenth more', () => {
    expect(sampleSize(design).total).toBe(13_013);
    expect(sampleSize({ ...design, controlShare: 0.1 })).toEqual({ total: 35_137, control: 3_514, treatment: 31_623 });
    expect(sampleSize({ ...design, controlShare: 0.02 }).total).toBe(160_413);
    expect(sampleSize({ ...design, controlRate: 0.3, treatmentRate: 0.33 }).total).toBe(7_519);
    expect(sampleSize({ ...design, designEffect: designEffectOf(20, 0.05) }).total).toBe(Math.round(1.95 * 13_013.44));
  });

  it('has the power it was asked for, in the formula and in a simulation', () => {
    expect(powerOf(design, 13_013)).toBeCloseTo(0.8, 4);
    expect(detectableRate(design, 13_013)).toBeCloseTo(0.22, 5);
    expect(detectableRate(design, 3)).toBe(null);
    const large = { ...design, controlRate: 0.3, treatmentRate: 0.45 };
    const { control, treatment } = sampleSize(large);
    const runs = counts(200, 4_000);
    const random = seededRandom(1);
    let found = 0;
    for (let run = 0; run < runs; run++) {
      const draw = (n: number, rate: number): readonly number[] => Array.from({ length: n }, () => (random() < rate ? 1 : 0));
      const { comparisons } = analyseExperiment(rowsOf(draw(control, 0.3), draw(treatment, 0.45)), SETTINGS);
      const { low, high } = comparisons[0]?.difference ?? { low: 0, high: 0 };
      if (low > 0 || high < 0) found++;
    }
    expect(Math.abs(found / runs - 0.8)).toBeLessThan(4 * Math.sqrt(0.16 / runs));
  });
});

describe('intervals of rates', () => {
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
    [29, 29, 0.883, 1],
  ])('Wilson’s of %d in %d is the published one', (positives, n, low, high) => {
    const interval = wilsonInterval(positives, n, 0.95);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [10, 10, 0, 10, 0.6075, 1],
  ])('Newcombe’s of %d in %d less %d in %d is the published one', (a, m, b, n, low, high) => {
    const interval = newcombeInterval({ rate: a / m, ...wilsonInterval(a, m, 0.95) }, { rate: b / n, ...wilsonInterval(b, n, 0.95) });
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });
});

describe('a comparison', () => {
  it('has the delta method’s error of the lift', () => {
    const { comparisons, arms } = analyseExperiment(rowsOf(yes(200, 1_000), yes(250, 1_000)), SETTINGS);
    const [one] = comparisons;
    const c = Math.sqrt((0.2 * 0.8) / 999);
    const t = Math.sqrt((0.25 * 0.75) / 999);
    expect(one?.lift?.estimate).toBeCloseTo(0.25, 12);
    expect(one?.lift?.standardError).toBeCloseTo((1 / 0.2) * Math.sqrt(t * t + 1.25 ** 2 * c * c), 12);
    expect(one?.lift?.low).toBeCloseTo(0.25 - 1.959964 * (one?.lift?.standardError ?? 0), 6);
    expect(one?.difference.standardError).toBeCloseTo(Math.hypot(c, t), 12);
    expect(one?.significant).toBe(true);
    expect(arms.map(({ mean }) => mean)).toEqual([0.2, 0.25]);
    expect(arms[0]?.wilson?.low).toBeCloseTo(wilsonInterval(200, 1_000, 0.95).low, 12);
  });

  it('says significant only where every interval excludes zero', () => {
    for (const [a, b] of [
      [200, 220],
      [200, 200],
      [0, 3],
      [0, 8],
      [3, 0],
      [200, 260],
      [998, 1_000],
    ] as const) {
      const [one] = analyseExperiment(rowsOf(yes(a, 1_000), yes(b, 1_000)), SETTINGS).comparisons;
      const excludes = [one?.difference, one?.lift, one?.newcombe].every(
        (interval) => interval === null || interval!.low > 0 || interval!.high < 0,
      );
      expect({ a, b, significant: one?.significant }).toEqual({ a, b, significant: excludes && (one?.adjustedP ?? 1) < 0.05 });
    }
    // Four of a thousand against none: the plain interval is too sure of itself, Newcombe's is not.
    const [few] = analyseExperiment(rowsOf(yes(0, 1_000), yes(4, 1_000)), SETTINGS).comparisons;
    expect([few?.difference.low ?? 0, few?.newcombe?.low ?? 0].map((low) => low > 0)).toEqual([true, false]);
    expect([few?.lift, few?.significant]).toEqual([null, false]);
  });

  it('takes clusters for what they are: alone each is a row, alike they are one', () => {
    const random = seededRandom(5);
    const values = Float64Array.from({ length: 400 }, () => random());
    const ofArm = Uint8Array.from(values, (_, i) => i % 2);
    const alone = armMean(values, Int32Array.from(values.keys()), ofArm, 1);
    expect(alone.standardError).toBeCloseTo(armMean(values, null, ofArm, 1).standardError, 12);
    // Each value four times over in a cluster tells no more than once.
    const four = Float64Array.from({ length: 1_600 }, (_, i) => values[Math.floor(i / 4)] ?? 0);
    const arms = Uint8Array.from(four, (_, i) => Math.floor(i / 4) % 2);
    const together = armMean(
      four,
      Int32Array.from(four, (_, i) => Math.floor(i / 4)),
      arms,
      1,
    );
    expect(together.standardError).toBeCloseTo(alone.standardError, 12);
    expect([together.rows, together.units]).toEqual([800, 200]);
  });

  it('by agent finds nothing where nothing is, which rows by themselves do', () => {
    const runs = counts(300, 3_000);
    const random = seededRandom(11);
    let clustered = 0;
    let naive = 0;
    for (let run = 0; run < runs; run++) {
      const values: number[] = [];
      const clusters: number[] = [];
      const arms: number[] = [];
      for (let agent = 0; agent < 30; agent++) {
        const skill = 0.3 + 0.15 * (random() - 0.5) * 2;
        const calls = 20 + Math.floor(random() * 40);
        for (let call = 0; call < calls; call++) {
          values.push(random() < skill ? 1 : 0);
          clusters.push(agent);
          arms.push(agent % 2);
        }
      }
      const columns = { values: Float64Array.from(values), arms: Uint8Array.from(arms) };
      const isFound = (by: Int32Array | null): boolean => {
        const mean = (arm: number) => armMean(columns.values, by, columns.arms, arm);
        return compareArms(mean(1), mean(0), by !== null, SETTINGS).pValue < 0.05;
      };
      if (isFound(Int32Array.from(clusters))) clustered++;
      if (isFound(null)) naive++;
    }
    expect(clustered / runs).toBeLessThan(0.05 + 4 * Math.sqrt(0.0475 / runs) + 0.01);
    expect(naive / runs).toBeGreaterThan(0.1);
  });
});

describe('the confidence sequence', () => {
  it('is the formula, and the price at N* is one and a half times the width', () => {
    const [alpha, n, tunedFor] = [0.05, 1_234, 5_000];
    const rho = Math.sqrt((-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / tunedFor);
    const expected =
      0.01 * Math.sqrt(n) * Math.sqrt(((2 * (n * rho ** 2 + 1)) / (n ** 2 * rho ** 2)) * Math.log(Math.sqrt(n * rho ** 2 + 1) / alpha));
    expect(sequenceHalfWidth(0.01, n, { confidence: 0.95, tunedFor })).toBeCloseTo(expected, 12);
    expect(sequenceHalfWidth(1, 5_000, { confidence: 0.95, tunedFor }) / 1.959964).toBeCloseTo(1.55, 1);
  });

  it('finds nothing in at most 5 % of A/A runs that are looked at 60 times, where plain intervals find something in a quarter', () => {
    const runs = counts(200, 2_000);
    const found = { sequence: 0, plain: 0 };
    for (let seed = 1; seed <= runs; seed++) {
      const random = seededRandom(seed);
      const sums = [0, 0];
      const sizes = [0, 0];
      let atAnyTime = false;
      let plain = false;
      for (let look = 0; look < 60; look++) {
        for (let row = 0; row < 200; row++) {
          const arm = random() < 0.5 ? 0 : 1;
          sizes[arm]! += 1;
          if (random() < 0.2) sums[arm]! += 1;
        }
        const mean = (arm: 0 | 1) => {
          const [n, rate] = [sizes[arm]!, sums[arm]! / sizes[arm]!];
          return { rows: n, units: n, mean: rate, standardError: Math.sqrt((rate * (1 - rate)) / (n - 1)) };
        };
        const { sequence, difference } = compareArms(mean(1), mean(0), false, SETTINGS);
        if (sequence.low > 0 || sequence.high < 0) atAnyTime = true;
        if (difference.low > 0 || difference.high < 0) plain = true;
      }
      if (atAnyTime) found.sequence++;
      if (plain) found.plain++;
    }
    expect(found.sequence / runs).toBeLessThanOrEqual(0.05);
    expect(found.plain / runs).toBeGreaterThan(0.2);
  });
});

describe('CUPED', () => {
  it('takes out what was known, to the share it explains, and leaves the difference where it is', () => {
    const random = seededRandom(2);
    const n = 4_000;
    const covariate = Float64Array.from({ length: n }, () => normal(random));
    const ofArm = Uint8Array.from({ length: n }, (_, i) => i % 2);
    const values = covariate.map((x, i) => 2 + 0.1 * (ofArm[i] ?? 0) + 1.5 * x + normal(random));
    const { theta, explained, values: left } = withoutCovariate(values, covariate, ofArm, 2);
    expect(theta).toBeCloseTo(1.5, 1);
    expect(explained).toBeCloseTo(1.5 ** 2 / (1.5 ** 2 + 1), 1);
    const before = armMean(values, null, ofArm, 1).standardError;
    expect((armMean(left, null, ofArm, 1).standardError / before) ** 2).toBeCloseTo(1 - explained, 2);
    const [one] = analyseExperiment(
      { arms: ['control', 'nba'], ofArm, metrics: [{ name: 'value', values, guardrail: null }], clusters: null, covariate },
      SETTINGS,
    ).comparisons;
    const { cuped, difference } = one ?? { cuped: null, difference: null };
    expect(Math.abs((cuped?.difference.estimate ?? 0) - 0.1)).toBeLessThan(4 * (cuped?.difference.standardError ?? 0));
    expect(cuped?.difference.standardError ?? 1).toBeLessThan(0.6 * (difference?.standardError ?? 0));
  });

  it('with a covariate that never varies changes nothing', () => {
    const values = Float64Array.of(1, 0, 1, 1);
    expect([...withoutCovariate(values, new Float64Array(4).fill(7), Uint8Array.of(0, 0, 1, 1), 2).values]).toEqual([...values]);
  });
});

const near = (found: readonly number[], wanted: readonly number[]): void => {
  for (const [i, one] of wanted.entries()) expect(found[i]).toBeCloseTo(one, 12);
};

describe('whether to believe it', () => {
  it('a sample ratio that cannot be chance gives the alarm, and the results are not trusted', () => {
    expect(sampleRatio([5_050, 4_950], [1, 1])).toMatchObject({ chiSquare: 1, degreesOfFreedom: 1, alarm: false });
    expect(sampleRatio([5_050, 4_950], [1, 1]).pValue).toBeCloseTo(0.3173, 4);
    expect(sampleRatio([821_588, 815_482], [1, 1])).toMatchObject({ alarm: true });
    expect(sampleRatio([100, 900, 0], [1, 9, 2]).alarm).toBe(true);
    expect(analyseExperiment(rowsOf(yes(10, 400), yes(10, 600)), SETTINGS).trusted).toBe(false);
    expect(analyseExperiment(rowsOf(yes(10, 400), yes(10, 600)), { ...SETTINGS, shares: [0.4, 0.6] }).trusted).toBe(true);
  });

  it('Holm and Benjamini–Hochberg are the textbook’s', () => {
    const p = [0.01, 0.04, 0.03, 0.005];
    near(adjusted(p, 'holm'), [0.03, 0.06, 0.06, 0.02]);
    near(adjusted(p, 'bh'), [0.02, 0.04, 0.04, 0.02]);
    near(adjusted(p, 'none'), p);
    near(adjusted([0.9, 0.8], 'holm'), [1, 1]);
  });

  it('of twenty goals none is said to be significant by chance, one that is real is', () => {
    const random = seededRandom(6);
    const n = 2_000;
    const ofArm = Uint8Array.from({ length: n }, (_, i) => i % 2);
    const metrics = Array.from({ length: 20 }, (_, m) => ({
      name: `goal-${m}`,
      values: Float64Array.from(ofArm, (arm) => (random() < 0.2 + (m === 3 && arm === 1 ? 0.15 : 0) ? 1 : 0)),
      guardrail: null,
    }));
    const { comparisons } = analyseExperiment({ arms: ['control', 'nba'], ofArm, metrics, clusters: null, covariate: null }, SETTINGS);
    expect(comparisons.filter(({ significant }) => significant).map(({ metric }) => metric)).toEqual(['goal-3']);
  });

  it.each([
    [200, 320, 0, 'breached'],
    [200, 205, 0, 'undecided'],
    [200, 205, 0.1, 'held'],
    [320, 200, 0, 'held'],
  ])('a guardrail of %d against %d with margin %d is %s', (control, treatment, margin, standing) => {
    const rows = rowsOf(yes(control, 1_000), yes(treatment, 1_000));
    const metrics = rows.metrics.map((metric) => ({ ...metric, guardrail: { worse: 'more' as const, margin } }));
    expect(analyseExperiment({ ...rows, metrics }, SETTINGS).comparisons[0]?.guardrail).toBe(standing);
    const mirrored = metrics.map((metric) => ({
      ...metric,
      values: metric.values.map((value) => -value),
      guardrail: { worse: 'less' as const, margin },
    }));
    expect(analyseExperiment({ ...rows, metrics: mirrored }, SETTINGS).comparisons[0]?.guardrail).toBe(standing);
  });
});
