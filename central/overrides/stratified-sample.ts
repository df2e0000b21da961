/** A sample in which every stratum has its part. Pure: the same seed and the same cases give the same sample, in whatever order they come. */

export interface Stratified<T> {
  readonly one: T;
  /** How many of its stratum it stands for. */
  readonly weight: number;
}

/**
 * One of every stratum, as far as `size` goes, the largest first; what is left is shared out in proportion to how many they have besides
 * (largest remainder). Within a stratum those whose `ticket` is lowest: a keyed hash of the case, so that a case that comes later does not
 * change whether another is drawn but by taking its place.
 */
export function stratifiedSample<T>(
  cases: readonly T[],
  size: number,
  stratumOf: (one: T) => string,
  ticketOf: (one: T) => string,
): readonly Stratified<T>[] {
  const strata = [...Map.groupBy(cases, stratumOf)]
    .map(([name, all]) => ({ name, all }))
    .toSorted((a, b) => b.all.length - a.all.length || (a.name < b.name ? -1 : 1));
  const drawn = strata.map((_, place): number => (place < size ? 1 : 0));
  const wanted = Math.min(size, cases.length) - drawn.reduce((sum, n) => sum + n, 0);
  const spare = strata.map(({ all }, place) => all.length - (drawn[place] ?? 0));
  const spareInAll = spare.reduce((sum, n) => sum + n, 0);
  if (wanted > 0) {
    const quotas = spare.map((n) => (wanted * n) / spareInAll);
    const whole = quotas.map(Math.floor);
    const rest = wanted - whole.reduce((sum, n) => sum + n, 0);
    const next = quotas
      .map((quota, place) => ({ place, remainder: quota - Math.floor(quota) }))
      .toSorted((a, b) => b.remainder - a.remainder || a.place - b.place)
      .slice(0, rest);
    for (const { place } of next) whole[place] = (whole[place] ?? 0) + 1;
    whole.forEach((n, place) => {
      drawn[place] = (drawn[place] ?? 0) + n;
    });
  }
  return strata.flatMap(({ all }, place) => {
    const n = drawn[place] ?? 0;
    return all
      .map((one) => ({ one, ticket: ticketOf(one) }))
      .toSorted((a, b) => (a.ticket < b.ticket ? -1 : a.ticket > b.ticket ? 1 : 0))
      .slice(0, n)
      .map(({ one }) => ({ one, weight: all.length / n }));
  });
}
