/**
 * Selection, errors and distances between groups, with bootstrap intervals; groups too small to be told apart from persons are
 * suppressed. Takes counts and gives figures: no row and no person's value gets out of it.
 */
import { seededRandom } from '../seeded-random.ts';
import type { Interval } from '../evaluation/likelihood-interval.ts';
import { addedUp, type CellCounts, type GroupRates, RATES, ratesOf, redrawn, rowsOf } from './cell-counts.ts';
import { DISPARITIES, type Disparity, disparityOf } from './disparity.ts';

/** Groups of one attribute, or of several crossed. */
export interface Partition {
  readonly by: readonly string[];
  readonly groups: readonly NamedCounts[];
}

export interface NamedCounts extends CellCounts {
  /** Value per attribute. */
  readonly values: readonly string[];
}

export interface FairnessSettings {
  /** Groups of fewer rows are suppressed. */
  readonly leastRows: number;
  readonly confidence: number;
  readonly redraws: number;
  readonly seed: number;
  readonly hasLabels: boolean;
}

type Intervals<K extends string> = { readonly [key in K]: Interval | null };

export interface GroupReport extends GroupRates {
  readonly group: Readonly<Record<string, string>>;
  readonly suppressed: false;
  readonly n: number;
  readonly intervals: Intervals<(typeof RATES)[number]>;
  /** Selection rate over that of all other groups shown; null where theirs is 0, or where it is not among the most frequent. */
  readonly rateRatio: number | null;
}

/** All that is said of a group that is too small. */
export interface SuppressedGroup {
  readonly group: Readonly<Record<string, string>>;
  readonly suppressed: true;
}

export interface PartitionReport {
  readonly by: readonly string[];
  readonly groups: readonly (GroupReport | SuppressedGroup)[];
  /** Null where a group is suppressed: the difference to those shown would give it away. */
  readonly overall: (GroupRates & { readonly n: number }) | null;
  readonly disparity: Disparity;
  readonly intervals: Intervals<(typeof DISPARITIES)[number]>;
}

/** Values of an attribute whose rate ratio is given: as in Pega's bias simulation. */
const MOST_FREQUENT = 20;

export function reportOf({ by, groups }: Partition, settings: FairnessSettings): PartitionReport {
  const { leastRows, hasLabels } = settings;
  const shown = groups.filter((group) => rowsOf(group) >= leastRows);
  const all = addedUp(shown);
  const overall = ratesOf(all, hasLabels);
  const bootstrap = redrawAll(shown, settings);
  const frequent = new Set(shown.toSorted((a, b) => rowsOf(b) - rowsOf(a)).slice(0, MOST_FREQUENT));
  return {
    by,
    groups: groups.map((group) => {
      const named = Object.fromEntries(by.map((attribute, i) => [attribute, group.values[i] ?? '']));
      const place = shown.indexOf(group);
      const rates = place < 0 ? null : ratesOf(group, hasLabels);
      if (rates === null) return { group: named, suppressed: true };
      return {
        group: named,
        suppressed: false,
        n: rowsOf(group),
        ...rates,
        intervals: bootstrap.ofGroups[place] as GroupReport['intervals'],
        rateRatio: frequent.has(group) ? rateRatio(group, all) : null,
      };
    }),
    overall: overall === null || shown.length < groups.length ? null : { n: rowsOf(all), ...overall },
    disparity: disparityOf(shown.flatMap((group) => ratesOf(group, hasLabels) ?? [])),
    intervals: bootstrap.ofDisparity,
  };
}

/** Selection rate of the group over the selection rate of the rest. */
function rateRatio(group: CellCounts, all: CellCounts): number | null {
  const own = ratesOf(group, false);
  const rest = ratesOf({ cells: all.cells.map((count, i) => count - (group.cells[i] ?? 0)) as [number, number, number, number] }, false);
  return own === null || rest === null || rest.selectionRate === 0 ? null : own.selectionRate / rest.selectionRate;
}

function redrawAll(
  shown: readonly CellCounts[],
  { confidence, redraws, seed, hasLabels }: FairnessSettings,
): { readonly ofGroups: readonly GroupReport['intervals'][]; readonly ofDisparity: PartitionReport['intervals'] } {
  const random = seededRandom(seed);
  const ofGroups = shown.map(() => RATES.map((): number[] => []));
  const ofDisparity = DISPARITIES.map((): number[] => []);
  for (let redraw = 0; redraw < redraws; redraw++) {
    const rates = shown.map((group) => ratesOf(redrawn(group, random), hasLabels));
    for (const [g, group] of rates.entries()) {
      for (const [i, name] of RATES.entries()) keep(ofGroups[g]?.[i], group?.[name] ?? null);
    }
    const apart = disparityOf(rates.filter((group) => group !== null));
    for (const [i, name] of DISPARITIES.entries()) keep(ofDisparity[i], apart[name]);
  }
  const named = <K extends string>(names: readonly K[], drawn: readonly number[][]): Intervals<K> =>
    Object.fromEntries(names.map((name, i) => [name, percentiles(drawn[i] ?? [], confidence, redraws)])) as Intervals<K>;
  return { ofGroups: ofGroups.map((drawn) => named(RATES, drawn)), ofDisparity: named(DISPARITIES, ofDisparity) };
}

function keep(drawn: number[] | undefined, value: number | null): void {
  if (value !== null) drawn?.push(value);
}

/** Null where the figure was there in fewer than half of the redraws. */
function percentiles(drawn: readonly number[], confidence: number, redraws: number): Interval | null {
  if (drawn.length === 0 || drawn.length < redraws / 2) return null;
  const sorted = drawn.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const from = sorted[below] ?? 0;
    return from + (place - below) * ((sorted[below + 1] ?? from) - from);
  };
  return { low: at((1 - confidence) / 2), high: at(1 - (1 - confidence) / 2) };
}
