/** How far two who judged the same cases agree, beyond what chance would give. Pure. */
import type { Agreement, OverrideFinding } from '#contract/override-review.ts';
import { seededRandom } from '#learning';
import { CONFIDENCE, rateOf } from '../measured.ts';

export type Pair = readonly [OverrideFinding, OverrideFinding];

/** Below this nothing is said. */
export const LEAST_PAIRS = 20;
const RESAMPLES = 1_000;
const SEED = 20_261_123;

/**
 * Krippendorff's alpha for two findings a case, by name (K. Krippendorff, Content Analysis, ch. 11): 1 − observed ÷ expected disagreement.
 * Null where all findings are the same: then there is nothing to disagree about, and no telling.
 */
export function krippendorffAlpha(pairs: readonly Pair[]): number | null {
  const counts = new Map<OverrideFinding, number>();
  for (const finding of pairs.flat()) counts.set(finding, (counts.get(finding) ?? 0) + 1);
  const n = pairs.length * 2;
  const alike = [...counts.values()].reduce((sum, count) => sum + count * (count - 1), 0);
  const expected = 1 - alike / (n * (n - 1));
  if (pairs.length === 0 || expected === 0) return null;
  return 1 - pairs.filter(([a, b]) => a !== b).length / pairs.length / expected;
}

/** With the interval of resampled cases (percentile bootstrap, the same numbers each time). */
export function agreementOf(pairs: readonly Pair[]): Agreement {
  const estimate = pairs.length < LEAST_PAIRS ? null : krippendorffAlpha(pairs);
  return {
    cases: pairs.length,
    agreement: rateOf(
      pairs.map(([a, b]) => a === b),
      LEAST_PAIRS,
    ),
    alpha: estimate === null ? null : { estimate, ...resampled(pairs, estimate) },
  };
}

function resampled(pairs: readonly Pair[], estimate: number): { readonly low: number; readonly high: number } {
  const random = seededRandom(SEED);
  const found: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const drawn = pairs.flatMap(() => {
      const pair = pairs[Math.floor(random() * pairs.length)];
      return pair === undefined ? [] : [pair];
    });
    // Where chance drew one finding alone, nothing is known of it: as bad as it can be is not assumed, nor as good.
    found.push(krippendorffAlpha(drawn) ?? estimate);
  }
  found.sort((a, b) => a - b);
  const tail = (1 - CONFIDENCE) / 2;
  return { low: found[Math.floor(tail * RESAMPLES)] ?? estimate, high: found[Math.ceil((1 - tail) * RESAMPLES) - 1] ?? estimate };
}
