/** Mean of one arm with its standard error: rows by themselves, or in clusters that were assigned as one (an agent, a site). */

export interface ArmMean {
  readonly rows: number;
  /** What was assigned: rows, or clusters. */
  readonly units: number;
  readonly mean: number;
  readonly standardError: number;
}

/**
 * Clusters: the mean over rows is a ratio of two sums over clusters, and its variance that of the ratio's linear part,
 * G/(G − 1) · Σ(Y_g − m·n_g)² / n² (Cochran, Sampling Techniques, 6.3). One unit alone has an infinite error. `clusters`: a number
 * per row, equal where they belong together; null = every row is its own.
 */
export function armMean(values: Float64Array, clusters: Int32Array | null, ofArm: Uint8Array, arm: number): ArmMean {
  let rows = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (ofArm[i] !== arm) continue;
    rows++;
    sum += values[i] as number;
  }
  const mean = sum / rows;
  const residuals = new Map<number, number>();
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (ofArm[i] !== arm) continue;
    const residual = (values[i] as number) - mean;
    if (clusters === null) squares += residual * residual;
    else residuals.set(clusters[i] as number, (residuals.get(clusters[i] as number) ?? 0) + residual);
  }
  for (const residual of residuals.values()) squares += residual * residual;
  const units = clusters === null ? rows : residuals.size;
  return { rows, units, mean, standardError: units > 1 ? Math.sqrt(((units / (units - 1)) * squares) / (rows * rows)) : Infinity };
}
