/** Outcomes in the order they were committed, page by page, skipping none. */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Outcome } from '#contract/outcome.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import type { Query } from '../store/open-store.ts';

export const MAX_PAGE = 500;

/** `<transaction>.<position>`, as the last page gave it. */
const Cursor = z.string().regex(/^\d{1,20}\.\d{1,19}$/, 'must be a cursor from an earlier page');

export const FeedQuery = z.strictObject({
  after: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100),
});

export interface OutcomePage {
  readonly outcomes: readonly Outcome[];
  /** To be given as `after` for what comes next; null = nothing was there yet. */
  readonly next: string | null;
}

/**
 * Rows of transactions that may still be running are left for later: a position alone would skip what commits late
 * (467 of 1,800 rows with six writers).
 * The order names the table's columns: `tx` alone would be the text of the answer, and sort 1000 before 999.
 */
export async function readOutcomes(db: Query, { after, limit }: z.output<typeof FeedQuery>, scope: Scope): Promise<OutcomePage> {
  const [tx, pos] = (after ?? '0.0').split('.');
  const { rows } = await sql<{ tx: string; pos: number; body: Outcome }>`
    select tx::text as tx, pos, body from outcomes
    where (tx, pos) > (${tx}::text::xid8, ${pos}::text::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
      and ${withinScope(scope, 'outcomes.agent_id')}
    order by outcomes.tx, outcomes.pos limit ${limit}`.execute(db);
  const last = rows.at(-1);
  return { outcomes: rows.map(({ body }) => body), next: last === undefined ? (after ?? null) : `${last.tx}.${last.pos}` };
}
