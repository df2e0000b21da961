/** Outcomes of one customer and their calls → rewards of their prompts. What comes out depends on the set of outcomes alone. */
import type { Outcome } from '#contract/outcome.ts';
import { agentAnswer } from './agent-reward.ts';
import { customerAnswer, customerSign } from './customer-reward.ts';
import type { RewardKind } from '#contract/learning.ts';
import { inOrder, type Prompt, type Reward, type RewardSettings } from './reward.ts';

export interface Attribution {
  readonly rewards: readonly Reward[];
  /** When the first window closes that is still open; null = none is. */
  readonly nextAtMs: number | null;
}

/** A prompt that was put to the customer. */
interface TakenUp {
  readonly prompt: Prompt;
  readonly fromMs: number;
  readonly toMs: number;
}

export function attribute(outcomes: readonly Outcome[], { windowMs }: RewardSettings, asOfMs: number): Attribution {
  const standing = withoutRetracted(outcomes.filter(({ atMs }) => atMs <= asOfMs));
  const customerOf = customersOfCalls(standing);
  const prompts = promptsOf(standing);
  const rewards: Reward[] = [];
  const takenUp: TakenUp[] = [];
  for (const prompt of prompts) {
    const answer = agentAnswer(prompt);
    if (answer === null) continue;
    rewards.push(
      rewardOf(prompt, 'agent', customerOf, { atMs: answer.outcome.atMs, isPositive: answer.isPositive, by: answer.outcome.id }),
    );
    if (answer.isPositive) takenUp.push({ prompt, fromMs: answer.outcome.atMs, toMs: answer.outcome.atMs + windowMs });
  }
  const attributed = attributedTo(takenUp, standing, customerOf);
  let nextAtMs: number | null = null;
  for (const one of takenUp) {
    const answer = customerAnswer(attributed.get(one) ?? [], one.toMs, asOfMs);
    if (answer !== null) rewards.push(rewardOf(one.prompt, 'customer', customerOf, answer));
    else if (nextAtMs === null || one.toMs < nextAtMs) nextAtMs = one.toMs;
  }
  return { rewards, nextAtMs };
}

/**
 * The customer's outcomes by the prompt they count for: the one they name where it was taken up, else the last one of the same action, else the
 * last one of any, taken up before and with its window open.
 */
function attributedTo(
  takenUp: readonly TakenUp[],
  standing: readonly Outcome[],
  customerOf: ReadonlyMap<string, string>,
): ReadonlyMap<TakenUp, readonly Outcome[]> {
  const found = new Map<TakenUp, Outcome[]>();
  for (const outcome of standing) {
    if (customerSign(outcome) === null) continue;
    const customerId = outcome.customerId ?? customerOf.get(outcome.callId) ?? null;
    const open = takenUp.filter(({ fromMs, toMs, prompt }) => {
      const [first] = prompt.outcomes;
      const same = first?.callId === outcome.callId || (customerId !== null && customerOf.get(first?.callId ?? '') === customerId);
      return same && fromMs <= outcome.atMs && outcome.atMs <= toMs;
    });
    const named = open.find(({ prompt }) => prompt.decisionId === outcome.decisionId && prompt.actionId === outcome.actionId);
    const chosen = named ?? last(open.filter(({ prompt }) => prompt.actionId === outcome.actionId)) ?? last(open);
    if (chosen === undefined) continue;
    const own = found.get(chosen);
    if (own === undefined) found.set(chosen, [outcome]);
    else own.push(outcome);
  }
  return found;
}

/** The one taken up last; of two at once the one with the greater name, so that order of arrival plays no part. */
function last(open: readonly TakenUp[]): TakenUp | undefined {
  const name = ({ prompt }: TakenUp): string => `${prompt.decisionId}/${prompt.actionId}`;
  return open.toSorted((a, b) => a.fromMs - b.fromMs || (name(a) < name(b) ? -1 : 1)).at(-1);
}

/** An outcome that was taken back never happened; taking back the taking back brings it back. */
function withoutRetracted(outcomes: readonly Outcome[]): readonly Outcome[] {
  const gone = new Set<string>();
  const standing: Outcome[] = [];
  for (const outcome of inOrder(outcomes).toReversed()) {
    if (gone.has(outcome.id)) continue;
    if (outcome.kind === 'retracted' && outcome.retracts !== undefined) gone.add(outcome.retracts);
    else standing.push(outcome);
  }
  return standing.toReversed();
}

/** Who turned out to be on a call: whoever was named last. */
function customersOfCalls(standing: readonly Outcome[]): ReadonlyMap<string, string> {
  const customers = new Map<string, string>();
  for (const { callId, customerId } of standing) if (customerId !== null) customers.set(callId, customerId);
  return customers;
}

function promptsOf(standing: readonly Outcome[]): readonly Prompt[] {
  const byKey = new Map<string, Outcome[]>();
  for (const outcome of standing) {
    const key = `${outcome.decisionId} ${outcome.actionId}`;
    const own = byKey.get(key);
    if (own === undefined) byKey.set(key, [outcome]);
    else own.push(outcome);
  }
  return [...byKey.values()].flatMap((outcomes) => {
    const [first] = outcomes;
    return first === undefined ? [] : [{ decisionId: first.decisionId, actionId: first.actionId, outcomes }];
  });
}

function rewardOf(
  { decisionId, actionId, outcomes }: Prompt,
  kind: RewardKind,
  customerOf: ReadonlyMap<string, string>,
  { atMs, isPositive, by }: { readonly atMs: number; readonly isPositive: boolean; readonly by: string | null },
): Reward {
  const first = outcomes.find(({ kind: of }) => of === 'seen' || of === 'delivered') ?? outcomes[0];
  if (first === undefined) throw new Error(`a reward of a prompt of decision ${decisionId} of which nothing is known`);
  const { callId, agentId } = first;
  return {
    id: `${decisionId}/${actionId}/${kind}`,
    kind,
    decisionId,
    actionId,
    callId,
    customerId: customerOf.get(callId) ?? null,
    agentId,
    shownAtMs: first.atMs,
    occurredAtMs: atMs,
    isPositive,
    by,
  };
}
