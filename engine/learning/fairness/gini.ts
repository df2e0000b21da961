/**
 * How unevenly a selection lies along a number, such as an age: 2·AUC − 1 of the number as a sign of being selected. 0 = evenly,
 * 1 = those with the highest numbers, −1 = those with the lowest. Null where all or none are selected.
 */
import { measureQuality } from '../model-quality.ts';

export function selectionGini(values: Float64Array, selected: Uint8Array): number | null {
  if (!selected.includes(0) || !selected.includes(1)) return null;
  return 2 * measureQuality(values, selected).auc - 1;
}
