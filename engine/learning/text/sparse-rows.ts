/** Many sparse rows, one after the other. */
import type { SparseRow } from './vocabulary.ts';

export interface SparseRows {
  /** Row r holds the entries from starts[r] to before starts[r + 1]. */
  readonly starts: Uint32Array;
  readonly places: Int32Array;
  readonly weights: Float32Array;
}

export const stackRows = (rows: readonly SparseRow[]): SparseRows => {
  const starts = new Uint32Array(rows.length + 1);
  for (const [at, { places }] of rows.entries()) starts[at + 1] = (starts[at] as number) + places.length;
  const places = new Int32Array(starts[rows.length] as number);
  const weights = new Float32Array(places.length);
  for (const [at, row] of rows.entries()) {
    places.set(row.places, starts[at]);
    weights.set(row.weights, starts[at]);
  }
  return { starts, places, weights };
};

export const rowsCount = ({ starts }: SparseRows): number => starts.length - 1;
