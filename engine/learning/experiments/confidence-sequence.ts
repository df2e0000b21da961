/**
 * An interval that may be looked at after every decision: it holds at all times together, so an experiment can be stopped when it
 * excludes zero (asymptotic confidence sequence, Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2021).
 *
 *   μ̂ ± s·√N · √( 2(Nρ² + 1)/(N²ρ²) · ln(√(Nρ² + 1)/α) ),   ρ = √( (−2 ln α + ln(1 − 2 ln α)) / N* )
 *
 * s is the standard error of the estimate at N; the interval is tightest about N*.
 */
export interface SequenceSettings {
  /** Such as 0.95. */
  readonly confidence: number;
  /** N*: how many are expected. */
  readonly tunedFor: number;
}

/** Half of the interval's width. */
export function sequenceHalfWidth(standardError: number, n: number, { confidence, tunedFor }: SequenceSettings): number {
  const alpha = 1 - confidence;
  const squared = (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / tunedFor;
  const grown = n * squared + 1;
  return standardError * Math.sqrt(n) * Math.sqrt(((2 * grown) / (n * n * squared)) * Math.log(Math.sqrt(grown) / alpha));
}
