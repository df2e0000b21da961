export interface Percentiles {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
}

/** Nearest-rank percentiles of milliseconds, to a hundredth; 0 where there are no samples. */
export function percentiles(samples: readonly number[]): Percentiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) * 100) / 100;
  return { n: sorted.length, p50: at(0.5), p99: at(0.99) };
}
