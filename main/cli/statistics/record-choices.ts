/**
 * Logged choices from decision records and what became of them. A choice is a decision that brought a card, or could have; its reward is
 * the one of that card, 0 where nobody answered. What the other policy would have done follows from the record.
 */
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { CardChance } from '#core';
import type { RewardKind } from '#contract/learning.ts';
import { type LoggedChoices, type Reward, RewardLedger } from '#learning';
import { ValueCodes } from './value-codes.ts';

export interface RecordChoices {
  readonly choices: LoggedChoices;
  /** Decisions that were not counted as choices. */
  readonly leftOut: { readonly continuing: number; readonly nothingToShow: number; readonly pending: number; readonly untold: number };
}

export interface RecordSettings {
  readonly kind: RewardKind;
  readonly windowMs: number;
}

/** How likely each card was and would have been; in words why that cannot be told. */
export type ChancesOf = (
  record: DecisionRecord,
) => { readonly before: readonly CardChance[]; readonly after: readonly CardChance[] } | string;

export const recordChoices = (
  records: Iterable<DecisionRecord>,
  outcomes: readonly Outcome[],
  chancesOf: ChancesOf,
  actionIds: readonly string[],
  { kind, windowMs }: RecordSettings,
): RecordChoices => {
  const { rewards, pending } = settledRewards(outcomes, kind, windowMs);
  const rows: { reward: number; probability: number; target: number; qLogged: number; qTarget: number }[] = [];
  const calls = new ValueCodes();
  const leftOut = { continuing: 0, nothingToShow: 0, pending: 0, untold: 0 };
  for (const record of records) {
    const card = record.result.kind === 'show' ? (record.result.prompts[0]?.actionId ?? null) : null;
    if (card !== null && isOpen(record, actionIds.indexOf(card))) {
      leftOut.continuing++;
      continue;
    }
    const chances = chancesOf(record);
    if (typeof chances === 'string') {
      leftOut.untold++;
      continue;
    }
    const { before, after } = chances;
    if ([...before, ...after].every(({ actionId }) => actionId === null)) {
      leftOut.nothingToShow++;
      continue;
    }
    const key = card === null ? null : `${record.id}/${card}/${kind}`;
    if (key !== null && pending.has(key)) {
      leftOut.pending++;
      continue;
    }
    const was = before.find(({ actionId }) => actionId === card);
    if (was === undefined) {
      leftOut.untold++;
      continue;
    }
    rows.push({
      reward: key !== null && rewards.get(key)?.isPositive === true ? 1 : 0,
      probability: was.probability,
      target: after.find(({ actionId }) => actionId === card)?.probability ?? 0,
      qLogged: was.propensity,
      qTarget: after.reduce((sum, { probability, propensity }) => sum + probability * propensity, 0),
    });
    calls.add(record.callId);
  }
  const column = (of: (row: (typeof rows)[number]) => number): Float64Array => Float64Array.from(rows, of);
  return {
    choices: {
      rewards: column(({ reward }) => reward),
      probabilities: column(({ probability }) => probability),
      targets: column(({ target }) => target),
      expected: { logged: column(({ qLogged }) => qLogged), target: column(({ qTarget }) => qTarget) },
      clusters: calls.codes,
    },
    leftOut,
  };
};

/** A card that was on the screen already belongs to the decision that brought it. */
const isOpen = ({ inputs }: DecisionRecord, action: number): boolean =>
  Array.isArray(inputs['open']) && inputs['open'].some((prompt) => Array.isArray(prompt) && prompt[0] === action);

const settledRewards = (
  outcomes: readonly Outcome[],
  kind: RewardKind,
  windowMs: number,
): { readonly rewards: ReadonlyMap<string, Reward>; readonly pending: ReadonlySet<string> } => {
  const asOfMs = outcomes.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
  const ledger = new RewardLedger({ windowMs });
  ledger.add(outcomes);
  const { settled: rewards } = ledger.settle(asOfMs);
  const settled = new Map(rewards.filter((reward) => reward.kind === kind).map((reward) => [reward.id, reward]));
  const pending = new Set<string>();
  if (kind === 'customer') {
    for (const { kind: of, isPositive, decisionId, actionId } of rewards) {
      const key = `${decisionId}/${actionId}/customer`;
      if (of === 'agent' && isPositive && !settled.has(key)) pending.add(key);
    }
  }
  return { rewards: settled, pending };
};
