/**
 * Rows for a fairness report. What is read of persons stays in this process's memory: no message quotes a cell of these columns, and
 * only counts leave this file.
 */
import { isDecimal, type NamedCounts, type Partition } from '#learning';
import { STAGES } from '#contract/reason-codes.ts';
import { DataFileFault } from '../datasets/data-file-fault.ts';
import type { DataFile } from '../datasets/data-file.ts';
import { UNKNOWN, ValueCodes } from './value-codes.ts';

export interface FairnessColumns {
  readonly prediction: string;
  readonly label: string | null;
  readonly groups: readonly string[];
  readonly stage: string | null;
  /** Value for yes of prediction and label; null where they are 1/0, true/false or yes/no. */
  readonly positive: string | null;
  /** The prediction is a number, selected from here. */
  readonly threshold: number | null;
  /** By column of groups: ends between groups of its numbers. */
  readonly bins: ReadonlyMap<string, readonly number[]>;
}

export interface FairnessRows {
  readonly n: number;
  /** One where there is no column of stages, with the name null. */
  readonly stages: readonly StageRows[];
}

export interface StageRows {
  readonly stage: string | null;
  readonly n: number;
  readonly partitions: readonly Partition[];
  readonly numbers: readonly { readonly column: string; readonly values: Float64Array; readonly selected: Uint8Array }[];
}

/** More values than this are no groups, unless they are numbers. */
const MOST_GROUPS = 200;
/** Up to so many different numbers are groups of their own. */
const FEW_NUMBERS = 20;
const YES = new Set(['1', 'true', 'yes', 'y']);
const NO = new Set(['0', 'false', 'no', 'n']);

export const readFairnessRows = async (data: DataFile, columns: FairnessColumns, onRow: (rows: number) => void): Promise<FairnessRows> => {
  const at = (name: string): number => data.columns.indexOf(name);
  const attributes = columns.groups.map((name) => ({ name, at: at(name), values: new ValueCodes() }));
  const stages = new ValueCodes();
  const cells = new ValueCodes();
  const predictionAt = at(columns.prediction);
  const labelAt = columns.label === null ? -1 : at(columns.label);
  const stageAt = columns.stage === null ? -1 : at(columns.stage);
  let rows = 0;
  for await (const { line, fields } of data.rows) {
    const fault = (name: string, words: string) => new DataFileFault(data.file, `line ${line}, column "${name}": ${words}`);
    const selected = isSelected(fields[predictionAt] ?? '', columns, fault);
    const positive = labelAt >= 0 && isYes(fields[labelAt] ?? '', columns.positive, (words) => fault(columns.label ?? '', words));
    cells.add(`${selected ? 0 : 2}${positive ? 0 : 1}`);
    if (stageAt >= 0) stages.addGroup(fields[stageAt] ?? '');
    for (const attribute of attributes) attribute.values.addGroup(fields[attribute.at] ?? '');
    if (++rows % 1_000 === 0) onRow(rows);
  }
  // Of what was typed there is no harm in quoting.
  const isSeen = (yes: (name: string) => boolean): boolean => columns.positive === null || rows === 0 || cells.names.some(yes);
  const unseen =
    isSeen((name) => name.endsWith('0')) || labelAt < 0
      ? isSeen((name) => name.startsWith('0')) || columns.threshold !== null
        ? null
        : columns.prediction
      : columns.label;
  if (unseen !== null)
    throw new DataFileFault(data.file, `column "${unseen}" is "${columns.positive ?? ''}" in no row; look at --positive`);
  const cellOf = cells.names.map((name) => Number(name[0]) + Number(name[1]));
  const ofRow = cells.codes.map((code) => cellOf[code] ?? 0);
  const known = attributes.map(({ name, values }) => attributeOf(data.file, name, values, columns.bins.get(name) ?? null));
  const order = stageAt < 0 ? [null] : stageOrder(stages.names);
  const stageCodes = stages.codes;
  return {
    n: rows,
    stages: order.map((stage) => {
      const code = stage === null ? -1 : stages.names.indexOf(stage);
      const places = Int32Array.from(ofRow.keys()).filter((row) => code < 0 || stageCodes[row] === code);
      return stageRows(stage, places, ofRow, known);
    }),
  };
};

export interface Attribute {
  readonly name: string;
  readonly groups: readonly string[];
  readonly ofRow: Int32Array;
  /** By row, where the column is of numbers. */
  readonly numbers: Float64Array | null;
}

const isSelected = (cell: string, columns: FairnessColumns, fault: (name: string, words: string) => DataFileFault): boolean => {
  if (columns.threshold === null) return isYes(cell, columns.positive, (words) => fault(columns.prediction, words));
  if (!isDecimal(cell.trim())) throw fault(columns.prediction, 'is no finite number, and --threshold asks for one');
  return Number(cell) >= columns.threshold;
};

const isYes = (cell: string, positive: string | null, fault: (words: string) => DataFileFault): boolean => {
  const text = cell.trim();
  if (text === '') throw fault('is empty; every row needs a value');
  if (positive !== null) return text === positive;
  const lower = text.toLowerCase();
  if (YES.has(lower)) return true;
  if (NO.has(lower)) return false;
  throw fault(
    'is neither 1/0, true/false nor yes/no: name the value for yes with --positive, or the least selected score with --threshold',
  );
};

/** A column of groups, or of numbers divided into some. Throws a DataFileFault where it is neither. */
export const attributeOf = (file: string, name: string, values: ValueCodes, bins: readonly number[] | null): Attribute => {
  const { names, codes } = values;
  const isNumeric = names.some((one) => one !== UNKNOWN) && names.every((one) => one === UNKNOWN || isDecimal(one));
  if (bins !== null && !isNumeric) throw new DataFileFault(file, `column "${name}" is to be divided by --bins and holds what is no number`);
  if (!isNumeric || (bins === null && names.length <= FEW_NUMBERS)) {
    if (names.length > MOST_GROUPS)
      throw new DataFileFault(
        file,
        `column "${name}" has ${names.length} different values, more than ${MOST_GROUPS} groups; leave it out of --groups`,
      );
    return { name, groups: names, ofRow: codes, numbers: null };
  }
  const numberOf = names.map((one) => (one === UNKNOWN ? Number.NaN : Number(one)));
  const numbers = Float64Array.from(codes, (code) => numberOf[code] ?? Number.NaN);
  const ends = bins ?? quartiles(numbers);
  const groups = [...[...ends, Infinity].map((to, i) => binName(ends[i - 1] ?? -Infinity, to)), UNKNOWN];
  const binOf = numberOf.map((one) => (Number.isNaN(one) ? groups.length - 1 : ends.filter((end) => end <= one).length));
  return { name, groups, ofRow: codes.map((code) => binOf[code] ?? 0), numbers };
};

const binName = (from: number, to: number): string => {
  if (from === -Infinity) return `below ${to}`;
  return to === Infinity ? `${from} and above` : `${from} to below ${to}`;
};

const quartiles = (numbers: Float64Array): readonly number[] => {
  const sorted = numbers.filter((one) => !Number.isNaN(one)).toSorted();
  return [...new Set([0.25, 0.5, 0.75].map((share) => sorted[Math.floor(share * sorted.length)] ?? 0))].filter(
    (end) => end > (sorted[0] ?? 0),
  );
};

/** Stages of a decision in their order, others as they came. */
const stageOrder = (names: readonly string[]): readonly string[] => {
  const order: readonly string[] = STAGES;
  return names.every((name) => order.includes(name)) ? order.filter((stage) => names.includes(stage)) : names;
};

/** `cells`: by row, 0 or 1 selected, 2 or 3 not; odd = negative. */
export const stageRows = (stage: string | null, places: Int32Array, cells: Int32Array, attributes: readonly Attribute[]): StageRows => {
  const partitions = attributes.map((attribute) => partitionOf([attribute], places, cells));
  return {
    stage,
    n: places.length,
    partitions: attributes.length > 1 ? [...partitions, partitionOf(attributes, places, cells)] : partitions,
    numbers: attributes.flatMap(({ name, numbers }) => {
      if (numbers === null) return [];
      const known = places.filter((row) => !Number.isNaN(numbers[row]));
      return [
        {
          column: name,
          values: Float64Array.from(known, (row) => numbers[row] ?? 0),
          selected: Uint8Array.from(known, (row) => ((cells[row] ?? 0) < 2 ? 1 : 0)),
        },
      ];
    }),
  };
};

const partitionOf = (attributes: readonly Attribute[], places: Int32Array, cells: Int32Array): Partition => {
  const counts = new Map<number, [number, number, number, number]>();
  for (const row of places) {
    let key = 0;
    for (const { groups, ofRow } of attributes) key = key * groups.length + (ofRow[row] ?? 0);
    let own = counts.get(key);
    if (own === undefined) counts.set(key, (own = [0, 0, 0, 0]));
    const cell = cells[row] as 0;
    own[cell] += 1;
  }
  const groups = [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([key, own]): NamedCounts => ({ values: valuesOf(attributes, key), cells: own }));
  return { by: attributes.map(({ name }) => name), groups };
};

const valuesOf = (attributes: readonly Attribute[], key: number): readonly string[] => {
  const values: string[] = [];
  let rest = key;
  for (const { groups } of attributes.toReversed()) {
    values.unshift(groups[rest % groups.length] ?? '');
    rest = Math.floor(rest / groups.length);
  }
  return values;
};
