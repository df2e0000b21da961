/** What outcomes change besides being kept: the customers' histories, and what is asked of the system of record. */
import { sql } from 'kysely';
import type { ActionDefinition } from '#contract/policy.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { OutcomeKind } from '#contract/profile.ts';
import type { Tx } from '../store/open-store.ts';

export interface OutcomeRules {
  /** What accepting an action asks for, by the revision it was decided with; null = nothing. */
  readonly requestOf: (tx: Tx, policyHash: string | null, actionId: string) => Promise<ActionRule | null>;
  readonly expireAfterMs: number;
  readonly undoMs: number;
}

export interface ActionRule {
  readonly request: NonNullable<ActionDefinition['request']>;
  readonly significant: boolean;
}

/** What a policy may count. The others only say how a prompt moved over the screen. */
const COUNTED: ReadonlySet<OutcomeKind> = new Set([
  'seen',
  'accepted',
  'rejected',
  'snoozed',
  'overridden',
  'expired',
  'acted',
  'not-acted',
  'customer-accepted',
  'customer-declined',
  'complaint',
  'opt-out',
  'resolved',
  'churned',
]);

/** To be called once, in the transaction that stored the outcomes. */
export async function applyOutcomes(tx: Tx, outcomes: readonly Outcome[], rules: OutcomeRules, nowMs: number): Promise<void> {
  if (outcomes.length === 0) return;
  const takenBack = await takenBackOf(tx, outcomes);
  await insertInteractions(tx, outcomes, takenBack);
  await insertRequests(tx, outcomes, takenBack, rules, nowMs);
  await takeBack(tx, outcomes, nowMs);
}

/** Adds outcomes to the customers' histories, marked where they were taken back before they came. */
export async function remember(tx: Tx, outcomes: readonly Outcome[]): Promise<void> {
  await insertInteractions(tx, outcomes, await takenBackOf(tx, outcomes));
}

async function insertInteractions(tx: Tx, outcomes: readonly Outcome[], takenBack: ReadonlySet<string>): Promise<void> {
  const counted = outcomes.filter(({ customerId, kind }) => customerId !== null && COUNTED.has(kind));
  if (counted.length === 0) return;
  const column = <T>(read: (outcome: Outcome) => T): readonly T[] => counted.map(read);
  await sql`
    insert into interactions (id, customer_id, call_id, kind, channel, at_ms, action_id, retracted)
    select * from unnest(
      ${column(({ id }) => id)}::text[], ${column(({ customerId }) => customerId)}::text[], ${column(({ callId }) => callId)}::text[],
      ${column(({ kind }) => kind)}::text[], ${column(({ channel }) => channel)}::text[], ${column(({ atMs }) => atMs)}::bigint[],
      ${column(({ actionId }) => actionId)}::text[], ${column(({ id }) => takenBack.has(id))}::boolean[])`.execute(tx);
}

/** The ids of those that an outcome of the same call takes back: only what was answered on a call can be taken back from it. */
async function takenBackOf(tx: Tx, outcomes: readonly Outcome[]): Promise<ReadonlySet<string>> {
  const callOf = new Map(outcomes.map(({ id, callId }) => [id, callId]));
  const rows = await tx
    .selectFrom('outcomes')
    .select(['retracts', 'call_id'])
    .where('retracts', '=', sql<string>`any(${[...callOf.keys()]}::text[])`)
    .execute();
  return new Set(rows.flatMap(({ retracts, call_id }) => (retracts !== null && callOf.get(retracts) === call_id ? [retracts] : [])));
}

async function takeBack(tx: Tx, outcomes: readonly Outcome[], nowMs: number): Promise<void> {
  const backs = outcomes.filter(({ kind, retracts }) => kind === 'retracted' && retracts !== undefined);
  if (backs.length === 0) return;
  const of = sql`unnest(${backs.map(({ retracts }) => retracts ?? '')}::text[], ${backs.map(({ callId }) => callId)}::text[]) as back (id, call_id)`;
  await sql`
    update interactions set retracted = true from ${of}
    where interactions.id = back.id and interactions.call_id = back.call_id`.execute(tx);
  await sql`
    update action_requests set state = 'cancelled', answered_at_ms = ${nowMs}, detail = 'taken back by the agent before it was sent' from ${of}
    where outcome_id = back.id and action_requests.call_id = back.call_id
      and (state = 'waiting' or (state = 'pending' and attempts = 0))`.execute(tx);
}

/** Which action an answer takes; null = none. */
const takenAction = ({ kind, actionId, chosenActionId }: Outcome): string | null =>
  kind === 'accepted' ? actionId : kind === 'overridden' ? (chosenActionId ?? null) : null;

async function insertRequests(
  tx: Tx,
  outcomes: readonly Outcome[],
  takenBack: ReadonlySet<string>,
  rules: OutcomeRules,
  nowMs: number,
): Promise<void> {
  const taking = outcomes.flatMap((outcome) => {
    const actionId = takenAction(outcome);
    return actionId === null ? [] : [{ outcome, actionId }];
  });
  if (taking.length === 0) return;
  const policies = await policiesOf(tx, [...new Set(taking.map(({ outcome }) => outcome.decisionId))]);
  const rows = [];
  for (const { outcome, actionId } of taking) {
    const rule = await rules.requestOf(tx, policies.get(outcome.decisionId) ?? null, actionId);
    if (rule === null) continue;
    // The device's clock may be ahead; its word cannot make a request live longer.
    const expiresAtMs = Math.min(outcome.atMs, nowMs) + rules.expireAfterMs;
    rows.push({
      outcome_id: outcome.id,
      decision_id: outcome.decisionId,
      call_id: outcome.callId,
      customer_id: outcome.customerId,
      agent_id: outcome.agentId,
      action_id: actionId,
      kind: rule.request.kind,
      amount: rule.request.amount ?? null,
      significant: rule.significant,
      approval_id: null,
      state: takenBack.has(outcome.id) ? ('cancelled' as const) : rule.significant ? ('waiting' as const) : ('pending' as const),
      attempts: 0,
      next_attempt_at_ms: expiresAtMs <= nowMs ? 0 : Date.now() + (rule.significant ? 0 : rules.undoMs),
      expires_at_ms: expiresAtMs,
      answered_at_ms: null,
      detail: null,
    });
  }
  if (rows.length > 0) await tx.insertInto('action_requests').values(rows).execute();
}

async function policiesOf(tx: Tx, decisionIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx
    .selectFrom('decisions')
    .select(['id', 'policy'])
    .where('id', '=', sql<string>`any(${decisionIds}::text[])`)
    .execute();
  return new Map(rows.map(({ id, policy }) => [id, policy]));
}
