/** Outcomes in the order they were committed, page by page, skipping none. */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Outcome } from '#contract/outcome.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import { inLogOrder, isAfter, LOG_START } from '../store/log-place.ts';
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

export async function readOutcomes(db: Query, { after, limit }: z.output<typeof FeedQuery>, scope: Scope): Promise<OutcomePage> {
  const [tx = '', pos = ''] = after?.split('.') ?? [];
  const { rows } = await sql<{ tx: string; pos: number; body: Outcome }>`
    select tx::text as tx, pos, body from outcomes
    where ${isAfter(after === undefined ? LOG_START : { tx, pos: Number(pos) })} and ${withinScope(scope, 'outcomes.agent_id')}
    order by ${inLogOrder('outcomes')} limit ${limit}`.execute(db);
  const last = rows.at(-1);
  return { outcomes: rows.map(({ body }) => body), next: last === undefined ? (after ?? null) : `${last.tx}.${last.pos}` };
}
