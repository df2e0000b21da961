/** What a desk should still have on a day, worked out without the store: when what was made of each call is to go, by kind. */
import type { StoredKind } from '#contract/retention.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';

export const DAY_MS = 86_400_000;

export interface MadeCall {
  readonly callId: string;
  readonly decisionId: string;
  readonly customerId: string;
  /** The last that was heard of it, or when it was ended. */
  readonly overAtMs: number;
  /** Under way until then, whatever its age. */
  readonly runsUntilMs: number;
  readonly heldUntilMs: number;
  /** Central has all of it from then on. */
  readonly sentAtMs: number;
  /** Central refused its decision then. */
  readonly refusedAtMs: number | null;
  readonly profileAsOfMs: number;
}

export type Days = Readonly<Record<StoredKind, number>>;

/** What of one call is there, or should be. */
export type There = Readonly<Record<'transcript' | 'card' | 'outcome' | 'record' | 'profile', boolean>>;

export function shouldBeThere(call: MadeCall, nowMs: number, days: Days): There {
  const isFree = nowMs >= call.runsUntilMs && nowMs >= call.heldUntilMs;
  const isPast = (kind: StoredKind): boolean => isFree && nowMs >= call.overAtMs + days[kind] * DAY_MS;
  const isSent = nowMs >= call.sentAtMs;
  const isDeadLetter =
    call.refusedAtMs !== null &&
    nowMs >= call.refusedAtMs &&
    (nowMs < call.heldUntilMs || nowMs < call.refusedAtMs + days['dead-letter'] * DAY_MS);
  return {
    transcript: !isPast('transcript'),
    card: !isPast('card'),
    outcome: !(isPast('outcome') && isSent),
    record: !(isPast('record') && isSent && !isDeadLetter),
    profile: !(nowMs >= call.profileAsOfMs + days.profile * DAY_MS && nowMs >= call.runsUntilMs),
  };
}

export function isThere(store: SqliteStore, { callId, decisionId, customerId }: MadeCall): There {
  const stored = store.loadCall(callId);
  return {
    transcript: (stored?.events.length ?? 0) > 0,
    card: (stored?.cards.length ?? 0) > 0,
    outcome: (stored?.outcomes.length ?? 0) > 0,
    record: store.decisionRecord(decisionId) !== null,
    profile: store.profile(customerId) !== null,
  };
}
