/** Whether a purpose may be followed now, the slow way. */
import type { DecisionInputs } from '#contract/decision.ts';
import type { PurposeDefinition } from '#contract/policy.ts';
import type { ProfileSlice } from '#contract/profile.ts';

const HOUR = 3_600_000;
/** How far ahead of this clock another one may be. */
export const AHEAD = 300_000;

/** Why it may not be followed; null when it may. `profile`: of the person on the line. */
export function plainBasis(purpose: PurposeDefinition, inputs: DecisionInputs, profile: ProfileSlice | null): string | null {
  if (purpose.basis === 'legal-obligation') return null;
  const { nowMs, call, centralHeardAtMs } = inputs;
  const words = [
    ...(profile?.consents ?? []).map((one) => ({ ...one, learnt: centralHeardAtMs })),
    ...(call.identity === 'unknown' ? [] : call.consents).map((one) => ({ ...one, learnt: one.atMs })),
  ].filter((one) => one.purpose === purpose.id);
  const newest = Math.max(...words.map(({ atMs }) => atMs));
  const last = words.filter(({ atMs }) => atMs === newest);
  const granted = last.some((one) => one.granted);
  const refused = last.some((one) => !one.granted);
  const contradictory = granted && (refused || newest > nowMs + AHEAD);
  if (purpose.basis !== 'consent' && profile === null) return 'basis-unknown';
  if (purpose.basis === 'contract') return null;
  if (contradictory) return 'basis-unknown';
  if (purpose.basis === 'legitimate-interest') return refused ? 'objected' : null;
  if (refused) return 'no-basis';
  if (!granted || profile === null) return 'basis-unknown';
  const age = nowMs - Math.max(...last.map(({ learnt }) => learnt));
  return age < -AHEAD || age > purpose.maxAgeHours * HOUR ? 'basis-unknown' : null;
}
