/**
 * Propensity smoothed with starting evidence: (SE·SP + ME·P) / (SE + ME), and SP when both weights are 0.
 * Source: DESIGN.md §6. (The widely published form divides by SE + ME + 1 and misses SP at no evidence.)
 */
export function smooth(propensity: number, evidence: number, startingPropensity: number, startingEvidence: number): number {
  const weight = startingEvidence + evidence;
  if (weight === 0 || evidence === 0) return startingPropensity;
  return (startingEvidence * startingPropensity + evidence * propensity) / weight;
}
