/** What an outcome changes besides being kept: the customer's history, and what is asked of the system of record. */
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

/** To be called once, in the transaction that stored the outcome. */
export async function applyOutcome(tx: Tx, outcome: Outcome, rules: OutcomeRules, nowMs: number): Promise<void> {
  await remember(tx, outcome);
  if (outcome.kind === 'retracted' && outcome.retracts !== undefined) await takeBack(tx, outcome.retracts, outcome.callId, nowMs);
  if (outcome.kind === 'accepted') await request(tx, outcome, outcome.actionId, rules, nowMs);
  if (outcome.kind === 'overridden' && outcome.chosenActionId !== undefined)
    await request(tx, outcome, outcome.chosenActionId, rules, nowMs);
}

/** Adds the outcome to the customer's history, unless it was taken back before it came. */
export async function remember(tx: Tx, outcome: Outcome): Promise<void> {
  if (outcome.customerId === null || !COUNTED.has(outcome.kind)) return;
  await tx
    .insertInto('interactions')
    .values({
      id: outcome.id,
      customer_id: outcome.customerId,
      call_id: outcome.callId,
      kind: outcome.kind,
      channel: outcome.channel,
      at_ms: outcome.atMs,
      action_id: outcome.actionId,
      retracted: await isTakenBack(tx, outcome),
    })
    .execute();
}

/** Only what was answered on the same call can be taken back from it. */
async function takeBack(tx: Tx, outcomeId: string, callId: string, nowMs: number): Promise<void> {
  await tx.updateTable('interactions').set({ retracted: true }).where('id', '=', outcomeId).where('call_id', '=', callId).execute();
  await tx
    .updateTable('action_requests')
    .set({ state: 'cancelled', answered_at_ms: nowMs, detail: 'taken back by the agent before it was sent' })
    .where('outcome_id', '=', outcomeId)
    .where('call_id', '=', callId)
    .where((eb) => eb.or([eb('state', '=', 'waiting'), eb.and([eb('state', '=', 'pending'), eb('attempts', '=', 0)])]))
    .execute();
}

async function request(tx: Tx, outcome: Outcome, actionId: string, rules: OutcomeRules, nowMs: number): Promise<void> {
  const decision = await tx.selectFrom('decisions').select('policy').where('id', '=', outcome.decisionId).executeTakeFirst();
  const rule = await rules.requestOf(tx, decision?.policy ?? null, actionId);
  if (rule === null) return;
  // The device's clock may be ahead; its word cannot make a request live longer.
  const expiresAtMs = Math.min(outcome.atMs, nowMs) + rules.expireAfterMs;
  const isExpired = expiresAtMs <= nowMs;
  const isTaken = await isTakenBack(tx, outcome);
  await tx
    .insertInto('action_requests')
    .values({
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
      state: isTaken ? 'cancelled' : rule.significant ? 'waiting' : 'pending',
      attempts: 0,
      next_attempt_at_ms: isExpired ? 0 : Date.now() + (rule.significant ? 0 : rules.undoMs),
      expires_at_ms: expiresAtMs,
      answered_at_ms: null,
      detail: null,
    })
    .execute();
}

async function isTakenBack(tx: Tx, { id, callId }: Outcome): Promise<boolean> {
  const row = await tx.selectFrom('outcomes').select('id').where('retracts', '=', id).where('call_id', '=', callId).executeTakeFirst();
  return row !== undefined;
}
