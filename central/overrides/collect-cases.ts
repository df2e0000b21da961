/** Puts what an agent did instead of what they were shown before reviewers, in the transaction that stores their answer. */
import { sql } from 'kysely';
import type { Outcome } from '#contract/outcome.ts';
import type { ActionDefinition } from '#contract/policy.ts';
import type { Tx } from '../store/open-store.ts';

type UrgencyOf = (tx: Tx, policyHash: string | null, actionId: string) => Promise<ActionDefinition['urgency'] | null>;

/**
 * Every override, and every rejection but of a Could; what is not known to be one is not taken to be one. With the decision's record as
 * it came: what becomes of the record afterwards changes nothing of the case. `policies` are those of the decisions.
 */
export async function collectCases(
  tx: Tx,
  outcomes: readonly Outcome[],
  policies: ReadonlyMap<string, string>,
  urgencyOf: UrgencyOf,
  nowMs: number,
): Promise<void> {
  const against = outcomes.filter(({ kind }) => kind === 'overridden' || kind === 'rejected');
  if (against.length === 0) return;
  const cases: { readonly outcome: Outcome; readonly urgency: ActionDefinition['urgency'] | null }[] = [];
  for (const outcome of against) {
    const urgency = await urgencyOf(tx, policies.get(outcome.decisionId) ?? null, outcome.actionId);
    if (outcome.kind === 'overridden' || urgency !== 'could') cases.push({ outcome, urgency });
  }
  if (cases.length === 0) return;
  const column = <T>(read: (outcome: Outcome) => T): readonly T[] => cases.map(({ outcome }) => read(outcome));
  await sql`
    insert into override_cases (outcome_id, kind, urgency, decision_id, call_id, customer_id, agent_id, person_id, action_id, chosen_action_id,
      reason, policy, record, record_hash, seen_at_ms, at_ms, received_at_ms)
    select c.id, c.kind, c.urgency, c.decision_id, c.call_id, c.customer_id, c.agent_id, a.person_id, c.action_id, c.chosen, c.reason,
      d.policy, d.body, d.hash,
      (select min(s.at_ms) from outcomes s where s.decision_id = c.decision_id and s.action_id = c.action_id and s.kind = 'seen'),
      c.at_ms, ${nowMs}::bigint
    from unnest(
      ${column(({ id }) => id)}::text[], ${column(({ kind }) => kind)}::text[], ${cases.map(({ urgency }) => urgency)}::text[],
      ${column(({ decisionId }) => decisionId)}::text[], ${column(({ callId }) => callId)}::text[],
      ${column(({ customerId }) => customerId)}::text[], ${column(({ agentId }) => agentId)}::text[],
      ${column(({ actionId }) => actionId)}::text[], ${column(({ chosenActionId }) => chosenActionId ?? null)}::text[],
      ${column(({ reason }) => reason ?? null)}::text[], ${column(({ atMs }) => atMs)}::bigint[])
      as c (id, kind, urgency, decision_id, call_id, customer_id, agent_id, action_id, chosen, reason, at_ms)
    left join agents a on a.agent_id = c.agent_id
    left join lateral (select policy, body, hash from decisions where decisions.id = c.decision_id limit 1) d on true`.execute(tx);
}
