/** Columns of two files of the same kind, as counts per bin: then and now. */
import { countsIn, evenBins, isDecimal, populationStability } from '#learning';
import type { DataFile } from '../datasets/data-file.ts';
import { ValueCodes } from './value-codes.ts';

const BINS = 10;
/** Values of a column of names that are told apart; the rest are one bin. */
const MOST_NAMES = 50;

export interface DriftColumn {
  readonly column: string;
  readonly kind: 'number' | 'name';
  readonly psi: number;
  /** Share of rows that say nothing. */
  readonly unknown: { readonly before: number; readonly now: number };
}

export interface ReadColumns {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, ValueCodes>;
}

export const readColumns = async (data: DataFile, names: readonly string[], onRow: (rows: number) => void): Promise<ReadColumns> => {
  const columns = new Map(names.map((name) => [name, new ValueCodes()]));
  const places = names.map((name) => ({ at: data.columns.indexOf(name), codes: columns.get(name) }));
  let rows = 0;
  for await (const { fields } of data.rows) {
    for (const { at, codes } of places) codes?.add((fields[at] ?? '').trim());
    if (++rows % 1_000 === 0) onRow(rows);
  }
  return { rows, columns };
};

export const driftOf = (column: string, then: ValueCodes, now: ValueCodes): DriftColumn => {
  const isNumber = [then, now].every(({ names }) => names.every((name) => name === '' || isDecimal(name)));
  const psi = isNumber ? numberDrift(then, now) : nameDrift(then, now);
  return { column, kind: isNumber ? 'number' : 'name', psi, unknown: { before: unknownShare(then), now: unknownShare(now) } };
};

/** What is unknown is a bin like another: that a column falls silent is a drift. */
const numberDrift = (then: ValueCodes, now: ValueCodes): number => {
  const [was, is] = [numbersOf(then), numbersOf(now)];
  const ends = evenBins(was, BINS);
  const withUnknown = (values: Float64Array, { codes }: ValueCodes): readonly number[] => [
    ...countsIn(values, ends),
    codes.length - values.length,
  ];
  return populationStability(withUnknown(was, then), withUnknown(is, now));
};

const nameDrift = (then: ValueCodes, now: ValueCodes): number => {
  const [was, is] = [countsOf(then), countsOf(now)];
  const kept = [...new Set([...was.keys(), ...is.keys()])]
    .toSorted((a, b) => (was.get(b) ?? 0) - (was.get(a) ?? 0) || (is.get(b) ?? 0) - (is.get(a) ?? 0))
    .slice(0, MOST_NAMES);
  const binned = (counts: ReadonlyMap<string, number>, all: number): readonly number[] => {
    const own = kept.map((name) => counts.get(name) ?? 0);
    return [...own, all - own.reduce((sum, count) => sum + count, 0)];
  };
  return populationStability(binned(was, then.codes.length), binned(is, now.codes.length));
};

const numbersOf = ({ names, codes }: ValueCodes): Float64Array => {
  const numbers = names.map((name) => (name === '' ? Number.NaN : Number(name)));
  return Float64Array.from(codes, (code) => numbers[code] ?? Number.NaN).filter((value) => !Number.isNaN(value));
};

const countsOf = ({ names, codes }: ValueCodes): ReadonlyMap<string, number> => {
  const counts = names.map(() => 0);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return new Map(names.map((name, code) => [name, counts[code] ?? 0]));
};

const unknownShare = (values: ValueCodes): number => (countsOf(values).get('') ?? 0) / Math.max(1, values.codes.length);
