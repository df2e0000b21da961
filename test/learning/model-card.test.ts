import { describe, expect, it } from 'vitest';
import { cardGroups, type CardRow, challengeOf, type CardThresholds, logistic, modelCard, seededRandom, stabilityIndex } from '#learning';

const COUNCIL: CardThresholds = { leastAuc: 0.52, mostAuc: 0.9, leastPositives: 200 };
const random = seededRandom(3);
/** Propensities that mean what they say; `region` small is the one with few rows. */
const rows = (count: number, turned = false): CardRow[] =>
  Array.from({ length: count }, (_, at) => {
    const x = random() * 4 - 2;
    const p = logistic(x - 1);
    return {
      propensity: turned ? 1 - p : p,
      isPositive: random() < p,
      action: at % 3 === 0 ? 'show-app' : 'offer-fibre',
      features: [x.toFixed(4), random() < 0.5 ? 'a' : 'b'],
      segments: [at < 12 ? 'small' : at % 2 === 0 ? 'north' : 'south'],
    };
  });
const cardOf = (of: readonly CardRow[], thresholds = COUNCIL, training: readonly CardRow[] | null = null) =>
  modelCard(of, ['x', 'kind'], ['region'], training, thresholds);

const numbers = (shift: number) => Array.from({ length: 2_000 }, (_, at) => String((at % 500) / 50 + shift));

describe('a model card', () => {
  it('gives lift and z-ratio of each group by the formulas the field uses', () => {
    const cells = [...Array<string>(40).fill('a'), ...Array<string>(60).fill('b')];
    const outcomes = cells.map((_, at) => at < 20 || at >= 90);
    const [a] = cardGroups(cells, outcomes).filter(({ name }) => name === 'a');
    // 20 of 40 positive, 30 of 100 in all; two thirds of the positives, 20 of 70 negatives.
    expect(a).toMatchObject({ rows: 40, positives: 20 });
    expect(a?.lift).toBeCloseTo(0.5 / 0.3, 12);
    const [p, n] = [20 / 30, 20 / 70];
    expect(a?.zRatio).toBeCloseTo((p - n) / Math.sqrt((p * (1 - p)) / 30 + (n * (1 - n)) / 70), 12);
  });

  it('gives the population stability index of what changed, and none of what did not', () => {
    const then = [...Array<string>(500).fill('a'), ...Array<string>(500).fill('b')];
    const now = [...Array<string>(800).fill('a'), ...Array<string>(200).fill('b')];
    expect(stabilityIndex(now, then)).toBeCloseTo(0.3 * Math.log(0.8 / 0.5) - 0.3 * Math.log(0.2 / 0.5), 9);
    expect(stabilityIndex(then, then)).toBe(0);
    expect(stabilityIndex([...now, 'new'], then)).toBeGreaterThan(0.25);
    expect(stabilityIndex(numbers(0), numbers(0))).toBeLessThan(1e-9);
    expect(stabilityIndex(numbers(3), numbers(0))).toBeGreaterThan(0.25);
  });

  it('never folds the AUC: a model that ranks the wrong way round shows less than half, and is refused', () => {
    const turned = cardOf(rows(4_000, true));
    expect(turned.auc).toBeLessThan(0.35);
    expect(turned.refusals.join()).toMatch(/council asks for 0.52; it ranks the wrong way round/);
    expect(cardOf(rows(4_000)).auc).toBeGreaterThan(0.65);
  });

  it('has intervals that hold: the AUC of the truth lies within in most of a hundred samples, and not in all', () => {
    const truth = cardOf(rows(60_000)).auc;
    const within = Array.from({ length: 100 }, () => cardOf(rows(400)).aucInterval).filter(
      ({ low, high }) => low <= truth && truth <= high,
    ).length;
    expect(within).toBeGreaterThanOrEqual(88);
    expect(within).toBeLessThan(100);
  });

  it('is calibrated where the model is, tells segments apart, and says nothing of small ones', () => {
    const card = cardOf(rows(6_000));
    expect(card.calibration).toHaveLength(10);
    for (const { meanPropensity, rateInterval } of card.calibration) {
      expect(meanPropensity).toBeGreaterThan(rateInterval.low - 0.03);
      expect(meanPropensity).toBeLessThan(rateInterval.high + 0.03);
    }
    expect(card.lift[0]?.lift).toBeGreaterThan(card.lift[4]?.lift ?? 9);
    expect(card.lift[9]).toMatchObject({ share: 1, ofPositives: 1, lift: 1 });
    expect(card.segments.map(({ value, rows: own }) => [value, own])).toEqual([
      ['north', 2_994],
      ['south', 2_994],
      ['small', 12],
    ]);
    expect(card.segments[2]).toMatchObject({ rate: null, rateInterval: null, auc: null, meanPropensity: null });
    expect(card.actions.map(({ value }) => value)).toEqual(['offer-fibre', 'show-app']);
    expect(card.refusals).toEqual([]);
  });

  it('is refused below and above the council’s thresholds, with the reason', () => {
    expect(cardOf(rows(400)).refusals.join()).toMatch(/measured on \d+ positives, and the council asks for 200/);
    expect(cardOf(rows(4_000), { ...COUNCIL, mostAuc: 0.6 }).refusals.join()).toContain('suspected of knowing the outcome');
    expect(cardOf(rows(4_000), { ...COUNCIL, leastAuc: 0.8 }).refusals.join()).toContain('council asks for 0.8');
  });

  it('tells drift against the rows of the training', () => {
    const then = rows(3_000);
    const now = rows(3_000).map((row) => ({ ...row, features: [String(Number(row.features[0]) + 2), row.features[1] ?? ''] }));
    const { psi } = cardOf(now, COUNCIL, then);
    expect(psi?.features.find(({ field }) => field === 'x')?.psi).toBeGreaterThan(0.25);
    expect(psi?.features.find(({ field }) => field === 'kind')?.psi).toBeLessThan(0.1);
    expect(cardOf(now).psi).toBeNull();
  });

  it('says which of two models foretells better only where that is beyond chance', () => {
    const some = rows(4_000);
    const champion = some.map(({ propensity }) => 0.5 * propensity + 0.15);
    expect(challengeOf(some, champion)).toMatchObject({ verdict: 'better' });
    expect(
      challengeOf(
        some.map((row, at) => ({ ...row, propensity: champion[at] ?? 0 })),
        some.map(({ propensity }) => propensity),
      ).verdict,
    ).toBe('worse');
    expect(
      challengeOf(
        some,
        some.map(({ propensity }, at) => propensity + (at % 2 === 0 ? 1e-4 : -1e-4)),
      ).verdict,
    ).toBe('undecided');
  });
});
