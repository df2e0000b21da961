/** One approval as the tables have it, locked in the order in which everybody locks them, and what changed of it written back. */
import type { Selectable } from 'kysely';
import type { Tx } from '../store/open-store.ts';
import type { ActionRequestRow, ApprovalRequestTable, Tables } from '../store/tables.ts';
import type { ApprovalTerms, Circumstances, Standing } from './approval-machine.ts';
import { circumstances } from './who-decides.ts';

export type ApprovalRow = Selectable<ApprovalRequestTable>;
export type BreakRow = Selectable<Tables['approval_breaks']>;

export interface Loaded {
  readonly row: ApprovalRow;
  /** Null: a case known to be wrong. */
  readonly request: ActionRequestRow | null;
  readonly standing: Standing;
  readonly terms: ApprovalTerms;
  readonly broken: BreakRow | null;
  readonly now: Circumstances;
}

/** Null where there is none. `by`: who does something, besides those whose word was given already. */
export async function loadApproval(tx: Tx, approvalId: string, by: readonly string[], nowMs: number): Promise<Loaded | null> {
  const found = await tx.selectFrom('approval_requests').select('outcome_id').where('approval_id', '=', approvalId).executeTakeFirst();
  if (found === undefined) return null;
  // The request first, then what is asked for it.
  const request =
    found.outcome_id === null
      ? null
      : await tx.selectFrom('action_requests').selectAll().where('outcome_id', '=', found.outcome_id).forUpdate().executeTakeFirstOrThrow();
  const row = await tx.selectFrom('approval_requests').selectAll().where('approval_id', '=', approvalId).forUpdate().executeTakeFirst();
  if (row === undefined) return null;
  const verdicts = await tx
    .selectFrom('approval_verdicts')
    .select(['approver as person', 'verdict'])
    .where('approval_id', '=', approvalId)
    .orderBy('at_ms')
    .orderBy('approver')
    .execute();
  const broken = (await tx.selectFrom('approval_breaks').selectAll().where('approval_id', '=', approvalId).executeTakeFirst()) ?? null;
  const people = [...by, ...verdicts.map(({ person }) => person), ...(broken === null ? [] : [broken.broken_by])];
  return {
    row,
    request,
    broken,
    now: await circumstances(tx, row.requester, row.roles, people, nowMs),
    terms: {
      requester: row.requester,
      needed: row.needed,
      isSeeded: row.is_seeded,
      levels: row.levels,
      expiresAtMs: row.expires_at_ms,
    },
    standing: {
      state: row.state,
      level: row.level,
      assignee: row.assignee,
      goalAtMs: row.goal_at_ms,
      deadlineAtMs: row.deadline_at_ms,
      verdicts,
      brokenBy: broken?.broken_by ?? null,
      end: row.end_reason,
    },
  };
}

/** Writes how it stands now, but for `executed`, which the execution itself writes. False where nothing changed. */
export async function writeStanding(tx: Tx, { row }: Loaded, next: Standing, detail: string | null, nowMs: number): Promise<boolean> {
  const isSame =
    row.state === next.state && row.level === next.level && row.assignee === next.assignee && row.deadline_at_ms === next.deadlineAtMs;
  if (isSame) return false;
  // The tables take one level at a time.
  for (let level = row.level + 1; level < next.level; level++)
    await tx
      .updateTable('approval_requests')
      .set({ state: 'escalated', level, assignee: null, changed_at_ms: nowMs })
      .where('approval_id', '=', row.approval_id)
      .execute();
  await tx
    .updateTable('approval_requests')
    .set({
      state: next.state,
      level: next.level,
      assignee: next.assignee,
      goal_at_ms: next.goalAtMs,
      deadline_at_ms: next.deadlineAtMs,
      changed_at_ms: nowMs,
      ended_at_ms: next.end === null ? null : nowMs,
      end_reason: next.end,
      end_detail: detail,
    })
    .where('approval_id', '=', row.approval_id)
    .execute();
  return true;
}
