/** The fairness report: against plain counting, a published example, and what it must not say. */
import { describe, expect, it } from 'vitest';
import { type NamedCounts, type PartitionReport, reportOf, seededRandom, selectionGini, warningsOf } from '#learning';

const SETTINGS = { leastRows: 20, confidence: 0.95, redraws: 400, seed: 1, hasLabels: true };
const group = (name: string, ...cells: readonly [number, number, number, number]): NamedCounts => ({ values: [name], cells });
const report = (groups: readonly NamedCounts[], more: Partial<typeof SETTINGS> = {}): PartitionReport =>
  reportOf({ by: ['group'], groups }, { ...SETTINGS, ...more });

describe('a fairness report', () => {
  it('counts what plain counting counts', () => {
    const random = seededRandom(3);
    const rows = Array.from({ length: 600 }, () => {
      const name = ['a', 'b', 'c'][Math.floor(random() * 3)] ?? '';
      return { name, selected: random() < (name === 'a' ? 0.6 : 0.4), positive: random() < 0.5 };
    });
    const groups = ['a', 'b', 'c'].map((name) => {
      const of = (selected: boolean, positive: boolean): number =>
        rows.filter((row) => row.name === name && row.selected === selected && row.positive === positive).length;
      return group(name, of(true, true), of(true, false), of(false, true), of(false, false));
    });
    const { groups: told, disparity, overall } = report(groups);
    const rate = (all: typeof rows): number => all.filter(({ selected }) => selected).length / all.length;
    const plain = ['a', 'b', 'c'].map((name) => {
      const own = rows.filter((row) => row.name === name);
      return {
        selectionRate: rate(own),
        tpr: rate(own.filter(({ positive }) => positive)),
        fpr: rate(own.filter(({ positive }) => !positive)),
      };
    });
    for (const [i, one] of told.entries()) expect(one).toMatchObject({ suppressed: false, ...plain[i] });
    const gap = (of: (one: (typeof plain)[number]) => number): number => Math.max(...plain.map(of)) - Math.min(...plain.map(of));
    const ratio = (of: (one: (typeof plain)[number]) => number): number => Math.min(...plain.map(of)) / Math.max(...plain.map(of));
    expect(disparity.parityDifference).toBeCloseTo(
      gap(({ selectionRate }) => selectionRate),
      12,
    );
    expect(disparity.parityRatio).toBeCloseTo(
      ratio(({ selectionRate }) => selectionRate),
      12,
    );
    expect(disparity.equalisedOddsDifference).toBeCloseTo(
      Math.max(
        gap(({ tpr }) => tpr),
        gap(({ fpr }) => fpr),
      ),
      12,
    );
    expect(disparity.equalisedOddsRatio).toBeCloseTo(
      Math.min(
        ratio(({ tpr }) => tpr),
        ratio(({ fpr }) => fpr),
      ),
      12,
    );
    expect(overall).toMatchObject({ n: 600, selectionRate: rate(rows) });
  });

  it('has the rate ratio of the published example', () => {
    const { groups } = report([group('a', 0, 500, 0, 20_000), group('b', 0, 1_000, 0, 18_000)]);
    expect(groups.map((one) => (one.suppressed ? null : one.rateRatio?.toFixed(3)))).toEqual(['0.463', '2.158']);
  });

  it('has intervals as wide as rates of so many rows have', () => {
    const { groups, intervals } = report([group('a', 150, 150, 350, 350), group('b', 200, 200, 300, 300)], { redraws: 2_000 });
    const [a] = groups;
    const { low = 0, high = 0 } = (a?.suppressed === false && a.intervals.selectionRate) || {};
    const error = Math.sqrt((0.3 * 0.7) / 1_000);
    expect((high - low) / (2 * 1.96 * error)).toBeCloseTo(1, 1);
    const apart = intervals.parityDifference;
    const errorApart = Math.hypot(error, Math.sqrt((0.4 * 0.6) / 1_000));
    expect(((apart?.high ?? 0) - (apart?.low ?? 0)) / (2 * 1.96 * errorApart)).toBeCloseTo(1, 0);
  });

  it('covers the true rate as often as it says', () => {
    let covered = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed);
      const counts: [number, number, number, number] = [0, 0, 0, 0];
      for (let row = 0; row < 300; row++) counts[random() < 0.3 ? (random() < 0.5 ? 0 : 1) : random() < 0.5 ? 2 : 3]++;
      const [only] = report([group('a', ...counts)], { redraws: 200, seed }).groups;
      const interval = only?.suppressed === false ? only.intervals.selectionRate : null;
      if (interval !== null && interval.low <= 0.3 && 0.3 <= interval.high) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.88);
  });

  it('says nothing of a small group, nor what it would follow from', () => {
    const told = report([group('large', 100, 100, 100, 100), group('larger', 200, 100, 100, 100), group('small', 5, 4, 5, 5)]);
    expect(told.groups[2]).toEqual({ group: { group: 'small' }, suppressed: true });
    expect(told.overall).toBe(null);
    const without = report([group('large', 100, 100, 100, 100), group('larger', 200, 100, 100, 100)]);
    expect({ ...told, groups: told.groups.slice(0, 2), overall: without.overall }).toEqual(without);
  });

  it('is the same with the same seed, and leaves out error rates where nothing says what became of the rows', () => {
    const groups = [group('a', 40, 40, 40, 40), group('b', 30, 30, 50, 50)];
    expect(report(groups)).toEqual(report(groups));
    expect(report(groups, { seed: 2 })).not.toEqual(report(groups));
    const [first] = report(groups, { hasLabels: false }).groups;
    expect(first).toMatchObject({ selectionRate: 0.5, tpr: null, fpr: null });
    expect(report(groups, { hasLabels: false }).disparity).toMatchObject({ parityDifference: 0.125, equalisedOddsDifference: null });
  });

  it('warns where the council said so, and only there', () => {
    const told = report([group('a', 300, 300, 100, 100), group('b', 100, 100, 300, 300)]);
    expect(warningsOf(told, {})).toEqual([]);
    expect(warningsOf(told, { parityDifference: 0.6, parityRatio: 0.2, rateRatio: [0.2, 5] })).toEqual([]);
    const warnings = warningsOf(told, { parityDifference: 0.1, parityRatio: 0.8, rateRatio: [0.8, 1.25], equalisedOddsDifference: 0.49 });
    expect(warnings.map(({ figure, certain }) => [figure, certain])).toEqual([
      ['parityDifference', true],
      ['parityRatio', true],
      ['equalisedOddsDifference', false],
      ['rateRatio', null],
      ['rateRatio', null],
    ]);
  });
});

describe('the Gini of a number', () => {
  it('is 0 for an even selection, ±1 for a sorted one, and by hand in between', () => {
    const values = Float64Array.of(10, 20, 30, 40);
    expect(selectionGini(values, Uint8Array.of(0, 0, 1, 1))).toBe(1);
    expect(selectionGini(values, Uint8Array.of(1, 1, 0, 0))).toBe(-1);
    expect(selectionGini(values, Uint8Array.of(1, 0, 0, 1))).toBe(0);
    expect(selectionGini(values, Uint8Array.of(0, 1, 0, 1))).toBeCloseTo(0.5, 12);
    expect(selectionGini(values, Uint8Array.of(1, 1, 1, 1))).toBe(null);
  });
});
