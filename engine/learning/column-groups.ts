/** Cells of a column in groups that can be counted: numbers in as many equally full parts, names one each, the unknown apart. */
import { isDecimal } from './read-cell.ts';

export interface ColumnGroups {
  /** In words, in the order of the numbers `groupOf` gives. */
  readonly names: readonly string[];
  groupOf(cell: string): number;
}

/** Numbers with fewer different values are taken value by value. */
const FEW = 40;
/** Names kept apart, the most frequent first; the others share a group. */
const MOST_NAMES = 40;
const UNKNOWN = 'unknown';
const OTHERS = 'others';

/** Where the parts of these numbers end; null where they are not all numbers, or few different ones. */
const edgesOf = (known: readonly string[], parts: number): readonly number[] | null => {
  if (new Set(known).size < Math.max(FEW, parts) || !known.every(isDecimal)) return null;
  const sorted = known.map(Number).toSorted((a, b) => a - b);
  const edges = Array.from({ length: parts - 1 }, (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / parts)] as number);
  return [...new Set(edges)];
};

const byNumber = (edges: readonly number[]): ColumnGroups => ({
  names: [
    UNKNOWN,
    ...[-Infinity, ...edges].map((from, at) =>
      at === 0 ? `below ${edges[0]}` : at === edges.length ? `from ${from}` : `${from} to ${edges[at]}`,
    ),
  ],
  groupOf(cell) {
    if (cell === '' || !isDecimal(cell)) return 0;
    const number = Number(cell);
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((edges[middle] as number) <= number) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  },
});

const byName = (known: readonly string[]): ColumnGroups => {
  const counts = new Map<string, number>();
  for (const cell of known) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  const frequent = [...counts]
    .toSorted(([a, some], [b, others]) => others - some || (a < b ? -1 : 1))
    .slice(0, MOST_NAMES)
    .map(([name]) => name);
  const place = new Map(frequent.map((name, at) => [name, at + 2]));
  return { names: [UNKNOWN, OTHERS, ...frequent], groupOf: (cell) => (cell === '' ? 0 : (place.get(cell) ?? 1)) };
};

/** Groups as these cells make them; cells of another table can be put into them. */
export const columnGroups = (cells: readonly string[], parts: number): ColumnGroups => {
  const known = cells.filter((cell) => cell !== '');
  const edges = edgesOf(known, parts);
  return edges === null ? byName(known) : byNumber(edges);
};
