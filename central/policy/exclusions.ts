/** Actions taken out in an emergency: by one person, with an end, and looked at by another the next day. */
import type { z } from 'zod';
import type { Exclusion, ExclusionReview, ExclusionView } from '#contract/change-request.ts';
import type { Query, Store } from '../store/open-store.ts';

const REVIEWED_WITHIN_MS = 24 * 3_600_000;
const LONGEST_MS = 31 * 24 * 3_600_000;
/** Those told of in a status that are over and reviewed. */
const TOLD_FOR_MS = 7 * 24 * 3_600_000;

export type Excluded = { readonly ok: true; readonly exclusionId: string } | { readonly ok: false; readonly reason: string };
export type Settled = { readonly ok: true } | { readonly ok: false; readonly reason: 'not-found' | 'own-exclusion' | 'over' };

/** Ids of the actions that are out now, and when that next changes by itself. */
export async function excludedAt(db: Query, nowMs: number): Promise<{ readonly excluded: string[]; readonly nextEndMs: number | null }> {
  const rows = await db
    .selectFrom('emergency_exclusions')
    .select(['action_id', 'until_ms'])
    .where('lifted_at_ms', 'is', null)
    .where('until_ms', '>', nowMs)
    .execute();
  const ends = rows.map(({ until_ms }) => until_ms);
  return {
    excluded: [...new Set(rows.map(({ action_id }) => action_id))].toSorted(),
    nextEndMs: ends.length === 0 ? null : Math.min(...ends),
  };
}

/** `known`: the actions there are. */
export async function exclude(
  db: Query,
  { actionId, reason, untilMs }: z.output<typeof Exclusion>,
  by: string,
  known: ReadonlySet<string>,
  nowMs: number,
): Promise<Excluded> {
  if (!known.has(actionId)) return { ok: false, reason: 'unknown-action' };
  if (untilMs <= nowMs) return { ok: false, reason: 'end-is-past' };
  if (untilMs > nowMs + LONGEST_MS) return { ok: false, reason: 'end-too-far' };
  const { exclusion_id } = await db
    .insertInto('emergency_exclusions')
    .values({
      action_id: actionId,
      reason,
      excluded_by: by,
      from_ms: nowMs,
      until_ms: untilMs,
      ...NOT_YET,
      review_due_ms: nowMs + REVIEWED_WITHIN_MS,
    })
    .returning('exclusion_id')
    .executeTakeFirstOrThrow();
  return { ok: true, exclusionId: exclusion_id };
}

const NOT_YET = {
  lifted_by: null,
  lifted_at_ms: null,
  reviewed_by: null,
  verdict: null,
  review_reason: null,
  reviewed_at_ms: null,
} as const;

/** Ends it before its time; whoever may exclude may. */
export async function lift(db: Query, exclusionId: string, by: string, nowMs: number): Promise<Settled> {
  const row = await db
    .updateTable('emergency_exclusions')
    .set({ lifted_by: by, lifted_at_ms: nowMs })
    .where('exclusion_id', '=', exclusionId)
    .where('lifted_at_ms', 'is', null)
    .where('until_ms', '>', nowMs)
    .returning('exclusion_id')
    .executeTakeFirst();
  return row === undefined ? { ok: false, reason: 'over' } : { ok: true };
}

/** Another person says whether it was right. That changes nothing of it: what is wrong is lifted. */
export function reviewExclusion(
  store: Store,
  exclusionId: string,
  { verdict, reason }: z.output<typeof ExclusionReview>,
  by: string,
  nowMs: number,
): Promise<Settled> {
  return store.transaction(async (tx) => {
    const row = await tx
      .selectFrom('emergency_exclusions')
      .select(['excluded_by', 'reviewed_by'])
      .where('exclusion_id', '=', exclusionId)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) return { ok: false, reason: 'not-found' };
    if (row.excluded_by === by) return { ok: false, reason: 'own-exclusion' };
    if (row.reviewed_by !== null) return { ok: false, reason: 'over' };
    await tx
      .updateTable('emergency_exclusions')
      .set({ reviewed_by: by, verdict, review_reason: reason, reviewed_at_ms: nowMs })
      .where('exclusion_id', '=', exclusionId)
      .execute();
    return { ok: true };
  });
}

/** Those in force, those nobody has looked at, and those of the last days; the newest first. */
export async function exclusionViews(db: Query, nowMs: number): Promise<readonly ExclusionView[]> {
  const rows = await db
    .selectFrom('emergency_exclusions')
    .selectAll()
    .where((eb) => eb.or([eb('until_ms', '>', nowMs - TOLD_FOR_MS), eb('reviewed_by', 'is', null)]))
    .orderBy('from_ms', 'desc')
    .limit(200)
    .execute();
  return rows.map((row) => ({
    exclusionId: row.exclusion_id,
    actionId: row.action_id,
    reason: row.reason,
    excludedBy: row.excluded_by,
    fromMs: row.from_ms,
    untilMs: row.until_ms,
    isInForce: row.lifted_at_ms === null && row.until_ms > nowMs,
    reviewDueMs: row.review_due_ms,
    reviewedBy: row.reviewed_by,
    verdict: row.verdict,
  }));
}
