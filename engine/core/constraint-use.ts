/** What is used up of a scarce thing in the period that now lies in. */
import type { CheckedConstraint } from '#contract/checked-policy.ts';
import type { ConstraintUse } from '#contract/decision.ts';
import { CLOCK_TOLERANCE_MS } from './field-values.ts';
import { isoFromMs, parseIsoMs } from './iso-time.ts';

const DAY_MS = 86_400_000;

/** Null where central has not counted lately, or counts by a clock ahead of this one. */
export function usedNow(constraint: CheckedConstraint, usage: readonly ConstraintUse[], nowMs: number): number | null {
  let known: ConstraintUse | null = null;
  for (const use of usage) if (use.constraintId === constraint.id && (known === null || use.asOfMs > known.asOfMs)) known = use;
  if (known === null || !(known.used >= 0)) return null;
  const ageMs = nowMs - known.asOfMs;
  if (ageMs > constraint.maxAgeMs || ageMs < -CLOCK_TOLERANCE_MS) return null;
  return known.asOfMs < periodStartMs(constraint.period, nowMs) ? 0 : known.used;
}

/** When the period that `atMs` lies in began: a day, a week from Monday or a month in UTC, or the beginning of time. */
export function periodStartMs(period: CheckedConstraint['period'], atMs: number): number {
  const day = Math.floor(atMs / DAY_MS);
  switch (period) {
    case 'day':
      return day * DAY_MS;
    case 'week':
      // 1970-01-01 was a Thursday.
      return (Math.floor((day + 3) / 7) * 7 - 3) * DAY_MS;
    case 'month':
      return parseIsoMs(`${isoFromMs(atMs).slice(0, 7)}-01`);
    case 'total':
      return 0;
  }
}
