/** What champion and challenger each said of the cards that were answered, from decision records and their outcomes. */
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { RewardKind } from '#contract/learning.ts';
import type { Outcome } from '#contract/outcome.ts';
import { REASON_ALPHABET, REASONS, STAGES } from '#contract/reason-codes.ts';
import { fromBase64, unpackScores } from '#core';
import { type CardRow, RewardLedger } from '#learning';

/** Two models that scored the same decisions, by hash. */
export interface ChallengedPair {
  readonly champion: string;
  readonly challenger: string;
  /** With the challenger's propensities. */
  readonly rows: readonly CardRow[];
  /** The champion's, row by row. */
  readonly championPropensities: readonly number[];
}

export interface ChallengeRows {
  /** Those with most rows first. */
  readonly pairs: readonly ChallengedPair[];
  /** Decisions that the challenger took, those the champion took in its place, and the champion's own with and without the other's scores. */
  readonly decisions: { readonly challenger: number; readonly fellBack: number; readonly champion: number; readonly withoutShadow: number };
}

interface Growing extends ChallengedPair {
  readonly rows: CardRow[];
  readonly championPropensities: number[];
}

const SCORED = STAGES.indexOf('scored');

/** `actionIds`: those of the revision, in its order. */
export const challengeRows = (
  records: Iterable<DecisionRecord>,
  outcomes: readonly Outcome[],
  actionIds: readonly string[],
  { kind, windowMs }: { readonly kind: RewardKind; readonly windowMs: number },
): ChallengeRows => {
  const ledger = new RewardLedger({ windowMs });
  ledger.add(outcomes);
  const { settled } = ledger.settle(outcomes.reduce((latest, { atMs }) => Math.max(latest, atMs), 0));
  const answered = new Map(settled.filter((reward) => reward.kind === kind).map((reward) => [reward.id, reward.isPositive]));
  const decisions = { challenger: 0, fellBack: 0, champion: 0, withoutShadow: 0 };
  const pairs = new Map<string, Growing>();
  for (const record of records) {
    const [own] = record.models;
    if (own === undefined) continue;
    const { shadow } = record.scores;
    const isChallenged = record.inputs['challenged'] === true;
    if (shadow === undefined) decisions[isChallenged ? 'fellBack' : 'withoutShadow']++;
    else decisions[isChallenged ? 'challenger' : 'champion']++;
    if (shadow === undefined || record.result.kind !== 'show') continue;
    const [ownScores, other] = [record.scores.f32, shadow.f32].map((text) => unpackScores(fromBase64(text)));
    const [champion, challenger] = isChallenged ? [shadow.model, own] : [own, shadow.model];
    const key = `${champion} ${challenger}`;
    const pair = pairs.get(key) ?? { champion, challenger, rows: [], championPropensities: [] };
    pairs.set(key, pair);
    for (const { actionId } of record.result.prompts) {
      const isPositive = answered.get(`${record.id}/${actionId}/${kind}`);
      const place = placeOf(record, actionIds.indexOf(actionId));
      const [mine, theirs] = [ownScores?.[place] ?? Number.NaN, other?.[place] ?? Number.NaN];
      if (isPositive === undefined || Number.isNaN(mine) || Number.isNaN(theirs)) continue;
      pair.rows.push({ propensity: isChallenged ? mine : theirs, isPositive, action: actionId, features: [], segments: [] });
      pair.championPropensities.push(isChallenged ? theirs : mine);
    }
  }
  return { pairs: [...pairs.values()].toSorted((a, b) => b.rows.length - a.rows.length), decisions };
};

/** Place of an action among the candidates: those before it that came as far as being scored. */
function placeOf({ reasons }: DecisionRecord, action: number): number {
  let place = 0;
  for (let before = 0; before < action; before++) {
    const reason = REASONS[REASON_ALPHABET.indexOf(reasons.charAt(before))];
    if (reason !== undefined && STAGES.indexOf(reason.stage) >= SCORED) place++;
  }
  return place;
}
