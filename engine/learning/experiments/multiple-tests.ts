/** p-values of several questions asked at once, adjusted so that each can be held against the level of one. */

export const ADJUSTMENTS = ['holm', 'bh', 'none'] as const;
export type Adjustment = (typeof ADJUSTMENTS)[number];

/** In their order. */
export function adjusted(pValues: readonly number[], by: Adjustment): readonly number[] {
  switch (by) {
    case 'holm':
      return holm(pValues);
    case 'bh':
      return benjaminiHochberg(pValues);
    case 'none':
      return [...pValues];
  }
}

/** Keeps the chance of even one false finding (Holm 1979). */
function holm(pValues: readonly number[]): readonly number[] {
  const result = pValues.map(() => 1);
  let most = 0;
  for (const [rank, { p, at }] of ascending(pValues).entries()) {
    most = Math.max(most, Math.min(1, (pValues.length - rank) * p));
    result[at] = most;
  }
  return result;
}

/** Keeps the share of false ones among the findings (Benjamini & Hochberg 1995). */
function benjaminiHochberg(pValues: readonly number[]): readonly number[] {
  const result = pValues.map(() => 1);
  let least = 1;
  for (const [fromEnd, { p, at }] of ascending(pValues).toReversed().entries()) {
    least = Math.min(least, (pValues.length / (pValues.length - fromEnd)) * p);
    result[at] = least;
  }
  return result;
}

const ascending = (pValues: readonly number[]): readonly { readonly p: number; readonly at: number }[] =>
  pValues.map((p, at) => ({ p, at })).toSorted((a, b) => a.p - b.p || a.at - b.at);
