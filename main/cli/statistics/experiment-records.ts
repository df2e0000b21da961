/**
 * An experiment's rows from decision records and their outcomes. A row is a call, whatever was shown on it: an arm that shows less must
 * not look better for it. Arms are those of the records; the group that gets no prompts is an arm as well.
 */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { ExperimentUnit } from '#contract/experiments.ts';
import type { Outcome } from '#contract/outcome.ts';
import { isInForce } from '#core';
import { type ExperimentRows, RewardLedger } from '#learning';
import { ValueCodes } from './value-codes.ts';

/** Arm of the customers that a policy's `control` holds back from everything but must-say lines. */
const HELD_BACK = 'control-group';

interface Call {
  readonly callId: string;
  readonly arm: string;
  readonly unit: string;
}

export interface RecordedExperiment {
  readonly rows: ExperimentRows;
  /** Calls of nobody known, where customers were assigned. */
  readonly unknown: number;
}

/** Metrics: whether anything was taken up on the call, whether the customer's answer was a yes; guardrails: complaints and opt-outs. */
export const experimentOfRecords = (
  records: Iterable<DecisionRecord>,
  outcomes: readonly Outcome[],
  { armOf, unit }: RecordedArms,
  windowMs: number,
): RecordedExperiment => {
  const calls = new Map<string, Call | null>();
  for (const { callId, customerId, agentId, inputs, atMs } of records) {
    const arm = inputs['control'] === true ? HELD_BACK : armOf(inputs, atMs);
    if (arm === null) continue;
    const id = unit === 'agent' ? agentId : customerId;
    // Who is on the call, and so its arm, may turn out while it lasts.
    if (id !== null || !calls.has(callId)) calls.set(callId, id === null ? null : { callId, arm, unit: id });
  }
  const known = [...calls.values()].filter((call) => call !== null);
  const accepted = new Set<string>();
  const pleased = new Set<string>();
  const ledger = new RewardLedger({ windowMs });
  ledger.add(outcomes);
  const { settled } = ledger.settle(outcomes.reduce((latest, { atMs }) => Math.max(latest, atMs), 0));
  for (const { kind, callId, isPositive } of settled) if (isPositive) (kind === 'agent' ? accepted : pleased).add(callId);
  const callsWith = (kind: Outcome['kind']): ReadonlySet<string> =>
    new Set(outcomes.flatMap((outcome) => (outcome.kind === kind ? [outcome.callId] : [])));
  const arms = new ValueCodes();
  const units = new ValueCodes();
  for (const { arm, unit: id } of known) {
    arms.add(arm);
    units.add(id);
  }
  const column = (among: ReadonlySet<string>): Float64Array => Float64Array.from(known, ({ callId }) => (among.has(callId) ? 1 : 0));
  const guardrail = { worse: 'more', margin: 0 } as const;
  return {
    rows: {
      arms: arms.names,
      ofArm: Uint8Array.from(arms.codes),
      metrics: [
        { name: 'accepted', values: column(accepted), guardrail: null },
        { name: 'customer-accepted', values: column(pleased), guardrail: null },
        { name: 'complaint', values: column(callsWith('complaint')), guardrail },
        { name: 'opt-out', values: column(callsWith('opt-out')), guardrail },
      ],
      clusters: units.codes,
      covariate: null,
    },
    unknown: calls.size - known.length,
  };
};

/** What a policy tries, as its records and it itself tell it. */
export interface RecordedArms {
  readonly unit: ExperimentUnit;
  /** Null: not in what is tried. */
  readonly armOf: (inputs: DecisionRecord['inputs'], atMs: number) => string | null;
  /** As the policy means them. */
  readonly shares: ReadonlyMap<string, number>;
}

const whichModel: RecordedArms['armOf'] = ({ challenged }) => (challenged === true ? 'challenger' : 'champion');

/** The arms of the policy's experiment; of one that has none, but a challenger, who was decided for by which model. */
export const armsOfPolicy = ({ experiment, challenger, control }: CheckedRevision): RecordedArms => {
  const among = (arms: readonly (readonly [string, number])[]): RecordedArms['shares'] => sharesBeside(control?.share ?? 0, arms);
  if (experiment === undefined && challenger !== undefined) {
    const { unit, share } = challenger;
    return {
      unit,
      armOf: whichModel,
      shares: among([
        ['challenger', share],
        ['champion', 1 - share],
      ]),
    };
  }
  const arms = (experiment?.arms ?? []).map(({ arm, share }) => [arm, share] as const);
  const rest = 1 - arms.reduce((sum, [, share]) => sum + share, 0);
  return {
    unit: experiment?.unit ?? 'customer',
    armOf: ({ arm }) => (typeof arm === 'string' ? arm : 'nba'),
    shares: among([...arms, ['nba', rest]]),
  };
};

/** Who was held out and who was not, while a holdout was in force; null where the policy has none of that id. */
export const armsOfHoldout = ({ holdouts = [], control }: CheckedRevision, id: string): RecordedArms | null => {
  const number = holdouts.findIndex((one) => one.id === id);
  const holdout = holdouts[number];
  if (holdout === undefined) return null;
  return {
    unit: 'customer',
    armOf: ({ heldOut }, atMs) => {
      if (!isInForce(holdout, atMs)) return null;
      return Array.isArray(heldOut) && heldOut.includes(number) ? 'held-out' : 'offered';
    },
    shares: sharesBeside(control?.share ?? 0, [
      ['held-out', holdout.share],
      ['offered', 1 - holdout.share],
    ]),
  };
};

const sharesBeside = (held: number, arms: readonly (readonly [string, number])[]): RecordedArms['shares'] =>
  new Map([...arms.map(([arm, share]) => [arm, share * (1 - held)] as const), ...(held > 0 ? [[HELD_BACK, held] as const] : [])]);
