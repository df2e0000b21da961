/** What outcomes change besides being kept: the customers' histories, and what is asked of the system of record. */
import { sql } from 'kysely';
import type { CheckedRoute, CheckedSignificance } from '#contract/checked-policy.ts';
import type { ActionDefinition } from '#contract/policy.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { OutcomeKind } from '#contract/profile.ts';
import { type ApprovalWanted, requestApproval } from '../approvals/request-approval.ts';
import { collectCases } from '../overrides/collect-cases.ts';
import type { Tx } from '../store/open-store.ts';
import type { ActionRequestRow } from '../store/tables.ts';

export interface OutcomeRules {
  /** What accepting an action asks for, by the revision it was decided with; null = nothing. */
  readonly requestOf: (tx: Tx, policyHash: string | null, actionId: string) => Promise<ActionRule | null>;
  /** How urgent an action was by that revision; null = it has none of that id. */
  readonly urgencyOf: (tx: Tx, policyHash: string | null, actionId: string) => Promise<ActionDefinition['urgency'] | null>;
  readonly expireAfterMs: number;
  readonly undoMs: number;
}

export interface ActionRule {
  readonly request: NonNullable<ActionDefinition['request']>;
  /** Who decides where it needs a second person; null = it does not, by the catalogue. */
  readonly route: CheckedRoute | null;
  /** Rules by which it does for some customers. */
  readonly significance: readonly Pick<CheckedSignificance, 'anyOf' | 'route'>[];
  /** Whose withdrawal by the customer ends what is asked; null = it rests on none. */
  readonly consentPurpose: string | null;
}

/** These only say how a prompt moved over the screen. All others are of the customer's history, and policies count them. */
const OF_THE_SCREEN: ReadonlySet<OutcomeKind> = new Set(['offered', 'delivered', 'superseded', 'withdrawn', 'retracted']);

/** Which policy each decision was taken by, of those that are known without asking. */
export type PolicyOfDecision = ReadonlyMap<string, string>;

/** To be called once, in the transaction that stored the outcomes; `known` are decisions that came with them. */
export async function applyOutcomes(
  tx: Tx,
  outcomes: readonly Outcome[],
  known: PolicyOfDecision,
  rules: OutcomeRules,
  nowMs: number,
): Promise<void> {
  if (outcomes.length === 0) return;
  const takenBack = await remember(tx, outcomes);
  const policies = await policiesOf(tx, outcomes, known);
  await insertRequests(tx, outcomes, takenBack, policies, rules, nowMs);
  await takeBack(tx, outcomes, nowMs);
  await collectCases(tx, outcomes, policies, rules.urgencyOf, nowMs);
}

/**
 * Adds outcomes to the customers' histories, and returns the ids of those that were taken back before they came, marked so there: by an
 * outcome of the same call, because only what was answered on a call can be taken back from it.
 */
export async function remember(tx: Tx, outcomes: readonly Outcome[]): Promise<ReadonlySet<string>> {
  const column = <T>(read: (outcome: Outcome) => T): readonly T[] => outcomes.map(read);
  const { rows } = await sql<{ id: string }>`
    with sent as (
      select * from unnest(
        ${column(({ id }) => id)}::text[], ${column(({ customerId }) => customerId)}::text[], ${column(({ callId }) => callId)}::text[],
        ${column(({ kind }) => kind)}::text[], ${column(({ channel }) => channel)}::text[], ${column(({ atMs }) => atMs)}::bigint[],
        ${column(({ actionId }) => actionId)}::text[], ${column(({ kind }) => !OF_THE_SCREEN.has(kind))}::boolean[])
        as sent (id, customer_id, call_id, kind, channel, at_ms, action_id, is_counted)
    ), taken_back as (
      select retracts as id from outcomes join sent on sent.id = outcomes.retracts and sent.call_id = outcomes.call_id
      where outcomes.retracts = any(${column(({ id }) => id)}::text[])
    ), remembered as (
      insert into interactions (id, customer_id, call_id, kind, channel, at_ms, action_id, retracted)
      select id, customer_id, call_id, kind, channel, at_ms, action_id, id in (select id from taken_back)
      from sent where is_counted and customer_id is not null
    )
    select id from taken_back`.execute(tx);
  return new Set(rows.map(({ id }) => id));
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
  policies: PolicyOfDecision,
  rules: OutcomeRules,
  nowMs: number,
): Promise<void> {
  const taking = outcomes.flatMap((outcome) => {
    const actionId = takenAction(outcome);
    return actionId === null ? [] : [{ outcome, actionId }];
  });
  if (taking.length === 0) return;
  const rows: ActionRequestRow[] = [];
  const wanted: ApprovalWanted[] = [];
  for (const { outcome, actionId } of taking) {
    const rule = await rules.requestOf(tx, policies.get(outcome.decisionId) ?? null, actionId);
    if (rule === null) continue;
    const route = rule.route ?? (await routeByCustomer(tx, rule, outcome.customerId));
    // The device's clock may be ahead; its word cannot make a request live longer.
    const fromMs = Math.min(outcome.atMs, nowMs);
    const undecidedMs = fromMs + (route?.expiresAfterMs ?? 0);
    const isLate = route !== null && undecidedMs <= nowMs;
    const expiresAtMs = isLate ? undecidedMs : undecidedMs + rules.expireAfterMs;
    const isBack = takenBack.has(outcome.id);
    const row: ActionRequestRow = {
      outcome_id: outcome.id,
      decision_id: outcome.decisionId,
      call_id: outcome.callId,
      customer_id: outcome.customerId,
      agent_id: outcome.agentId,
      action_id: actionId,
      kind: rule.request.kind,
      amount: rule.request.amount ?? null,
      significant: route !== null,
      approval_id: null,
      state: isBack ? 'cancelled' : route !== null ? 'waiting' : 'pending',
      attempts: 0,
      next_attempt_at_ms: expiresAtMs <= nowMs ? 0 : Date.now() + rules.undoMs,
      expires_at_ms: expiresAtMs,
      answered_at_ms: null,
      detail: null,
    };
    rows.push(row);
    if (route !== null && !isBack && !isLate)
      wanted.push({
        request: row,
        treatmentId: outcome.treatmentId,
        route,
        consentPurpose: rule.consentPurpose,
        expiresAtMs: undecidedMs,
      });
  }
  await insertRows(tx, rows);
  for (const one of wanted) await requestApproval(tx, one, nowMs);
}

/** Nobody has tried to send them yet. */
async function insertRows(tx: Tx, rows: readonly ActionRequestRow[]): Promise<void> {
  if (rows.length === 0) return;
  const column = <T>(read: (row: ActionRequestRow) => T): readonly T[] => rows.map(read);
  await sql`
    insert into action_requests (outcome_id, decision_id, call_id, customer_id, agent_id, action_id, kind, amount, significant, state,
      attempts, next_attempt_at_ms, expires_at_ms)
    select outcome_id, decision_id, call_id, customer_id, agent_id, action_id, kind, amount, significant, state, 0, next_attempt_at_ms,
      expires_at_ms
    from unnest(
      ${column((row) => row.outcome_id)}::text[], ${column((row) => row.decision_id)}::text[], ${column((row) => row.call_id)}::text[],
      ${column((row) => row.customer_id)}::text[], ${column((row) => row.agent_id)}::text[], ${column((row) => row.action_id)}::text[],
      ${column((row) => row.kind)}::text[], ${column((row) => row.amount)}::double precision[],
      ${column((row) => row.significant)}::boolean[], ${column((row) => row.state)}::text[],
      ${column((row) => row.next_attempt_at_ms)}::bigint[], ${column((row) => row.expires_at_ms)}::bigint[])
      as asked (outcome_id, decision_id, call_id, customer_id, agent_id, action_id, kind, amount, significant, state,
        next_attempt_at_ms, expires_at_ms)`.execute(tx);
}

/** Who decides because of whom it is for; what is not known of them is as if it were so. */
async function routeByCustomer(tx: Tx, { significance }: ActionRule, customerId: string | null): Promise<CheckedRoute | null> {
  if (significance.length === 0) return null;
  const customer =
    customerId === null
      ? undefined
      : await tx.selectFrom('customers').select('fields').where('customer_id', '=', customerId).executeTakeFirst();
  const isSo = (path: string): boolean => customer?.fields[path.slice('profile.'.length)] !== false;
  return significance.find(({ anyOf }) => anyOf.some(isSo))?.route ?? null;
}

/** What follows from an outcome is said by the policy of its decision, which most often came together with it. */
const ASKS_THE_POLICY: ReadonlySet<OutcomeKind> = new Set(['accepted', 'overridden', 'rejected']);

async function policiesOf(tx: Tx, outcomes: readonly Outcome[], known: PolicyOfDecision): Promise<PolicyOfDecision> {
  const asked = outcomes.flatMap(({ kind, decisionId }) => (ASKS_THE_POLICY.has(kind) && !known.has(decisionId) ? [decisionId] : []));
  if (asked.length === 0) return known;
  const rows = await tx
    .selectFrom('decisions')
    .select(['id', 'policy'])
    .where('id', '=', sql<string>`any(${[...new Set(asked)]}::text[])`)
    .execute();
  return new Map([...known, ...rows.map(({ id, policy }) => [id, policy] as const)]);
}
