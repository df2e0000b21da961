/** Latencies of a phase, all kept: a percentile of a sample would hide the tail it is asked about. */
export class Latencies {
  #values = new Float64Array(1 << 14);
  #count = 0;

  add(ms: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = ms;
  }

  get count(): number {
    return this.#count;
  }

  /** `share` of 0.99 is the 99th percentile (nearest rank); null where nothing was measured. */
  percentile(share: number): number | null {
    if (this.#count === 0) return null;
    const sorted = this.#values.slice(0, this.#count).toSorted();
    return Math.round((sorted[Math.min(this.#count - 1, Math.ceil(share * this.#count) - 1)] ?? 0) * 10) / 10;
  }

  summary(): LatencySummary {
    return { count: this.#count, p50Ms: this.percentile(0.5), p99Ms: this.percentile(0.99), maxMs: this.percentile(1) };
  }
}

export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}
