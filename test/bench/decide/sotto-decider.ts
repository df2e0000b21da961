/**
 * Sotto on the common workload, as the product runs it: policy text, checked and compiled; inputs made afresh for each
 * decision from a customer's slice and the state of a call. What is timed ends with the whole record and its SHA-256.
 */
import type { CallState } from '#contract/call-state.ts';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionInputs, Verdict, WhatIf } from '#contract/decision.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import type { Interaction, ProfileSlice } from '#contract/profile.ts';
import { FORBIDDING_STAGES, REASON_ALPHABET, REASONS, type Stage } from '#contract/reason-codes.ts';
import { sha256 } from '#adapters/system/system-randomness.ts';
import { canonicalJson, compileModel, compileRevision, Decider, emptyCall, isoFromMs, reduceCall } from '#core';
import { checkRevision } from '#policy';
import type { Answer, Contestant } from './contestant.ts';
import { choiceOf, policyText } from './policy-text.ts';
import { additiveManifest } from './additive-manifest.ts';
import type { Workload } from './workload.ts';

const NOW_MS = 1_795_000_000_000;
const DAY_MS = 86_400_000;

export interface SottoDecider extends Contestant {
  /** Bytes of the record of a decision. */
  recordSize(profile: number): number;
  /** Decides again and says what became of one action, by its number in the workload. */
  explain(profile: number, action: number): Verdict;
  /** Decides again and searches for what would have changed what became of one action. */
  whatIf(profile: number, action: number): WhatIf;
}

export interface Situation {
  /** Interactions per customer; none by itself. */
  readonly history?: number;
  /** Whether contact limits count them. */
  readonly limits?: boolean;
  /** Every decision is the first about its customer's slice: nothing read from it before can be used again. */
  readonly unseen?: boolean;
}

/** Stages that an action reaches only after its conditions passed. */
const PASSED: ReadonlySet<Stage> = new Set<Stage>(['scored', 'threshold', 'arbitrated', 'interruption', 'shown']);

/** A revision may have 5,000 files, each action is one: this many go through the checks at once. */
const CHECKED_AT_ONCE = 2_500;

/** Actions stand in a revision by issue, group and id. */
const place = ({ issue, group, id }: CheckedRevision['actions'][number]): string => `${issue} ${group} ${id}`;

/** The workload's policy through every check; where it is too large for one revision, in parts whose actions are then joined. */
function checkedRevision(workload: Workload, limits: boolean): CheckedRevision {
  const hash = sha256(new TextEncoder().encode(`${workload.actions.length} actions`));
  const parts: CheckedRevision[] = [];
  for (let from = 0; from < workload.actions.length; from += CHECKED_AT_ONCE) {
    const part = { ...workload, actions: workload.actions.slice(from, from + CHECKED_AT_ONCE) };
    const check = checkRevision(policyText(part, { limits }), { hash });
    if (!check.ok) {
      const { file, line, reason } = check.faults[0]!;
      throw new Error(`the workload is no policy: ${check.faults.length} faults, first ${file}:${line} ${reason}`);
    }
    parts.push(check.revision);
  }
  const actions = parts.flatMap((part) => part.actions);
  return { ...parts[0]!, actions: actions.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)) };
}

/** A call the customer is on, about one thing. */
function callOf(customer: number, reason: number): CallState {
  const callId = `call-${customer}`;
  const event = { specversion: '1.0', source: 'bench', subject: callId, time: isoFromMs(NOW_MS - 60_000) } as const;
  return [
    {
      ...event,
      id: '1',
      type: 'sotto.call.offered' as const,
      data: {
        agentId: 'agent-1',
        direction: 'inbound' as const,
        queue: 'care',
        customerId: `customer-${customer}`,
        identity: 'verified' as const,
        ivr: [choiceOf(reason)],
      },
    },
    { ...event, id: '2', type: 'sotto.call.accepted' as const, data: { agentId: 'agent-1' } },
    { ...event, id: '3', type: 'sotto.call.connected' as const, data: { agentId: 'agent-1' } },
  ].reduce((state, one, index) => reduceCall(state, { seq: index + 1, event: one }), emptyCall(callId));
}

/** What was done with a customer before: actions seen, evenly over the year. */
const historyOf = (customer: number, length: number, actions: number): readonly Interaction[] =>
  Array.from({ length }, (_, i) => ({
    kind: 'seen',
    channel: 'voice',
    atMs: NOW_MS - DAY_MS - Math.floor(((length - i) * 364 * DAY_MS) / length),
    actionId: `a${(customer * 31 + i * 67) % actions}`,
  }));

const sliceOf = (workload: Workload, customer: number, history: number): ProfileSlice => ({
  customerId: `customer-${customer}`,
  version: 1,
  asOfMs: NOW_MS - 60_000,
  displayName: 'A. Customer',
  language: 'en',
  fields: { ...workload.profiles[customer]! },
  consents: [],
  history: [...historyOf(customer, history, workload.actions.length)],
});

/** Inputs of the next decision about a customer; clock and time go on. */
function inputsMaker(workload: Workload, { history = 0, unseen = false }: Situation): (customer: number) => DecisionInputs {
  const customers = workload.reasons.map((reason, customer) => ({
    decisionId: `decision-${customer}`,
    call: callOf(customer, reason),
    profile: sliceOf(workload, customer, history),
  }));
  let clock = 0;
  return (customer) => {
    const { decisionId, call, profile } = customers[customer]!;
    clock++;
    return {
      decisionId,
      deviceId: 'desk-1',
      agentId: 'agent-1',
      level: 'standard',
      trigger: { kind: 'timer' },
      clock,
      nowMs: NOW_MS + clock,
      seed: Math.imul(clock, 0x9e_37_79_b1) >>> 0,
      channel: 'voice',
      language: 'en',
      call,
      profile: unseen ? { ...profile } : profile,
      outcomes: [],
      centralHeardAtMs: NOW_MS - 1_000,
      excluded: [],
      usage: [],
      quiet: false,
      speaking: null,
      silentSinceMs: null,
      heldSinceMs: null,
    };
  };
}

export function sotto(workload: Workload, situation: Situation = {}): SottoDecider {
  const revision = checkedRevision(workload, situation.limits ?? false);
  const compiled = compileRevision(revision);
  const inputs = inputsMaker(workload, situation);
  const manifest = additiveManifest(workload);
  const model = compileModel(compiled, manifest, sha256(new TextEncoder().encode(canonicalJson(manifest))));
  const decider = new Decider(compiled, { hash: 'c'.repeat(64), sha256, text: (bytes) => new TextDecoder().decode(bytes) });
  const numberOf = revision.actions.map(({ id }) => Number(id.slice(1)));
  return {
    name: 'sotto',
    profiles: workload.profiles.length,
    decide: (profile) => {
      const { recordBytes, hash } = decider.decide(inputs(profile), model);
      if (recordBytes.length === 0 || hash.length !== 64) throw new Error(`the decision about customer ${profile} has no record`);
    },
    answer: (profile) => answerIn(decider.decide(inputs(profile), model).recordJson, numberOf),
    recordSize: (profile) => decider.decide(inputs(profile), model).recordBytes.length,
    explain: (profile, action) => {
      const candidates = decider.filter(inputs(profile), model);
      return decider.explain(candidates, decider.score(candidates, model), `a${action}`);
    },
    whatIf: (profile, action) => {
      const candidates = decider.filter(inputs(profile), model);
      return decider.whatWouldChange(candidates, decider.score(candidates, model), `a${action}`);
    },
  };
}

/** What a record says, read from nothing but its text. */
function answerIn(recordJson: string, numberOf: readonly number[]): Answer {
  const { reasons, result, inputs, scores } = DecisionRecord.parse(JSON.parse(recordJson));
  if (reasons.length !== numberOf.length) throw new Error(`a record has ${reasons.length} reasons for ${numberOf.length} actions`);
  if (inputs === null) throw new Error('a record has no inputs');
  const eligible: number[] = [];
  for (let action = 0; action < reasons.length; action++) {
    const letter = reasons.charAt(action);
    const reason = REASONS[REASON_ALPHABET.indexOf(letter)];
    if (reason === undefined) throw new Error(`a record gives a${numberOf[action]} the reason ${letter}, which is none`);
    if (PASSED.has(reason.stage)) eligible.push(numberOf[action]!);
    else if (!FORBIDDING_STAGES.has(reason.stage) && reason.stage !== 'applicability' && reason.stage !== 'suitability')
      throw new Error(`a${numberOf[action]} ended in ${reason.stage}, where no condition of the workload can stop it`);
  }
  const prompts = result.kind === 'show' ? result.prompts : [];
  return {
    eligible: eligible.toSorted((a, b) => a - b),
    top: prompts.map(({ actionId }) => Number(actionId.slice(1))),
    // Those shown come first, each with P, C and priority.
    priorities: prompts.map((_, place) => Buffer.from(scores.best.pcp, 'base64').readDoubleLE(place * 24 + 16)),
  };
}
