/** What is used up of a scarce thing in the period that now lies in. */
import type { CheckedConstraint } from '#contract/checked-policy.ts';
import type { ConstraintUse } from '#contract/decision.ts';
import { CLOCK_TOLERANCE_MS } from './field-values.ts';
import { isoFromMs, parseIsoMs } from './iso-time.ts';

const DAY_MS = 86_400_000;

/** Null where central has not counted lately, or counts by a clock ahead of this one. */
export function usedNow(constraint: CheckedConstraint, usage: readonly ConstraintUse[], nowMs: number): number | null {
  const known = newest(constraint, usage);
  if (known === null) return null;
  const ageMs = nowMs - known.asOfMs;
  if (ageMs > constraint.maxAgeMs || ageMs < -CLOCK_TOLERANCE_MS) return null;
  return known.asOfMs < periodStartMs(constraint.period, nowMs) ? 0 : known.used;
}

/** The next moment at which time alone changes that: the count may be used, is too old, or is of a period that is over. */
export function useTurnsAtMs(constraint: CheckedConstraint, usage: readonly ConstraintUse[], nowMs: number): number | null {
  const known = newest(constraint, usage);
  if (known === null) return null;
  const usableAtMs = known.asOfMs - CLOCK_TOLERANCE_MS;
  if (nowMs < usableAtMs) return usableAtMs;
  const tooOldAtMs = known.asOfMs + constraint.maxAgeMs + 1;
  return nowMs >= tooOldAtMs ? null : Math.min(tooOldAtMs, periodEndMs(constraint.period, nowMs));
}

function newest({ id }: CheckedConstraint, usage: readonly ConstraintUse[]): ConstraintUse | null {
  let known: ConstraintUse | null = null;
  for (const use of usage) if (use.constraintId === id && (known === null || use.asOfMs > known.asOfMs)) known = use;
  return known !== null && known.used >= 0 ? known : null;
}

/** From the start of a period into the next one. */
const BEYOND_MS = { day: DAY_MS, week: 7 * DAY_MS, month: 32 * DAY_MS } as const;

function periodEndMs(period: CheckedConstraint['period'], atMs: number): number {
  return period === 'total' ? Infinity : periodStartMs(period, periodStartMs(period, atMs) + BEYOND_MS[period]);
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
