/** What a reviewer found: once, of a case that is not their own; the tables refuse by themselves whatever should not be. */
import type { OverrideRefusal, OverrideVerdict } from '#contract/override-review.ts';
import { redact } from '#core';
import { sqlState, type Store } from '../store/open-store.ts';
import { MOST_VERDICTS } from './read-cases.ts';

const CHECK_VIOLATION = '23514';
const UNIQUE_VIOLATION = '23505';

/** Null: it is kept. */
export async function judgeCase(
  store: Store,
  outcomeId: string,
  reviewer: string,
  { verdict, note }: OverrideVerdict,
  nowMs: number,
): Promise<OverrideRefusal | null> {
  const before = (isLast: boolean) =>
    store.transaction(async (tx): Promise<OverrideRefusal | null> => {
      const seen = await tx
        .selectFrom('override_cases')
        .select('person_id')
        .where('outcome_id', '=', outcomeId)
        .forUpdate()
        .executeTakeFirst();
      if (seen === undefined) return 'not-found';
      if (seen.person_id === reviewer) return 'own-case';
      const given = await tx.selectFrom('override_verdicts').select('reviewer').where('outcome_id', '=', outcomeId).execute();
      if (given.some((one) => one.reviewer === reviewer)) return 'judged-already';
      if (given.length >= MOST_VERDICTS) return 'two-judged-it';
      if (isLast) return 'not-your-role';
      await tx
        .insertInto('override_verdicts')
        .values({ outcome_id: outcomeId, reviewer, verdict, note: note === undefined ? null : redact(note).text, at_ms: nowMs })
        .execute();
      return null;
    });
  try {
    return await before(false);
  } catch (error) {
    // Their role went meanwhile, or it was never for this case: asked again, there is a reason.
    if (![CHECK_VIOLATION, UNIQUE_VIOLATION].includes(sqlState(error) ?? '')) throw error;
    return before(true);
  }
}
