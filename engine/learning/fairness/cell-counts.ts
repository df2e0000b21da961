/** Rows of a fairness report counted: all that is kept of them. */

/** Of one group: rows by whether they were selected, and by what became of them. */
export interface CellCounts {
  /** Selected and positive, selected and negative, not selected and positive, not selected and negative. */
  readonly cells: readonly [number, number, number, number];
}

export interface GroupRates {
  readonly selectionRate: number;
  /** Selected among the positive; null where none is, or where nothing says what became of them. */
  readonly tpr: number | null;
  /** Selected among the negative. */
  readonly fpr: number | null;
}

export const RATES = ['selectionRate', 'tpr', 'fpr'] as const satisfies readonly (keyof GroupRates)[];

/** Null where there is no row. Without labels every row counts as negative and TPR and FPR are not asked for. */
export function ratesOf({ cells: [sp, sn, np, nn] }: CellCounts, hasLabels: boolean): GroupRates | null {
  const n = sp + sn + np + nn;
  if (!(n > 0)) return null;
  const share = (part: number, whole: number): number | null => (hasLabels && whole > 0 ? part / whole : null);
  return { selectionRate: (sp + sn) / n, tpr: share(sp, sp + np), fpr: share(sn, sn + nn) };
}

export const rowsOf = ({ cells }: CellCounts): number => cells.reduce((sum, count) => sum + count, 0);

export const addedUp = (groups: readonly CellCounts[]): CellCounts => {
  const cells: [number, number, number, number] = [0, 0, 0, 0];
  for (const group of groups) for (const [i, count] of group.cells.entries()) cells[i as 0] += count;
  return { cells };
};

/** Poisson bootstrap: every count becomes one that could as well have been counted. */
export function redrawn({ cells: [sp, sn, np, nn] }: CellCounts, random: () => number): CellCounts {
  return { cells: [poisson(sp, random), poisson(sn, random), poisson(np, random), poisson(nn, random)] };
}

/** Above this the normal curve is near enough: skewness below 0.15. */
const MANY = 50;

function poisson(mean: number, random: () => number): number {
  if (mean === 0) return 0;
  if (mean > MANY) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  // By inversion: as many factors as it takes to fall below e^−mean.
  const end = Math.exp(-mean);
  let product = random();
  let count = 0;
  while (product > end) {
    product *= random();
    count++;
  }
  return count;
}
