/** Theil–Sen: the median of the slopes between all pairs of points, and the upper end of its 95 % interval (Sen 1968, by Kendall's variance). */
export interface Slope {
  readonly median: number;
  readonly upper: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Ninety-five of a hundred, two-sided. */
const Z = 1.96;
const LEAST_POINTS = 8;

/** `y` per `x`. Throws where there are too few points to say anything. */
export function theilSen(points: readonly Point[]): Slope {
  const n = points.length;
  if (n < LEAST_POINTS) throw new Error(`${n} points say nothing of a slope: at least ${LEAST_POINTS}`);
  const slopes = points.flatMap((a, i) => points.slice(i + 1).map((b) => (b.y - a.y) / (b.x - a.x))).toSorted((a, b) => a - b);
  const spread = Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (place: number): number => slopes[Math.max(0, Math.min(slopes.length - 1, Math.round(place)))] ?? Number.NaN;
  return { median: at((slopes.length - 1) / 2), upper: at((slopes.length + spread) / 2) };
}
