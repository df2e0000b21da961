/** The record of a decision: canonical JSON from which it can be taken again. */
import { REASON_ALPHABET } from '#contract/reason-codes.ts';
import type { Decision, DecisionInputs } from '#contract/decision.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import { bestByRank } from './attention.ts';
import { base64, float32Bytes, float64Bytes, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { ScoreFacts } from './factors.ts';
import type { DecisionFacts } from './facts.ts';
import type { Candidates } from './filter.ts';
import type { Settled } from './settle.ts';

/** The core that decides: its hash, and how it hashes. */
export interface Core {
  /** SHA-256 of the bundled core. */
  readonly hash: string;
  /** SHA-256 as 64 lower-case hexadecimal digits. */
  readonly sha256: (bytes: Uint8Array) => string;
}

/** What a record says of a decision besides what the stages read. */
export type RecordHead = Pick<
  DecisionRecord,
  'id' | 'deviceId' | 'agentId' | 'callId' | 'customerId' | 'clock' | 'atMs' | 'seed' | 'models' | 'trigger'
>;

/** `inputs` of a record: the facts, and the responses behind each candidate's propensity. */
export type RecordedInputs = DecisionFacts & { readonly evidence: readonly number[] | null };

const BEST_IN_FULL = 16;

export function recordHead(inputs: DecisionInputs, models: readonly string[]): RecordHead {
  const { trigger, call } = inputs;
  return {
    id: inputs.decisionId,
    deviceId: inputs.deviceId,
    agentId: inputs.agentId,
    callId: call.callId,
    customerId: call.customerId,
    clock: inputs.clock,
    atMs: inputs.nowMs,
    seed: inputs.seed,
    models: [...models],
    trigger: { ...trigger },
  };
}

export function writeRecord(
  compiled: CompiledRevision,
  head: RecordHead,
  candidates: Candidates,
  scores: ScoreFacts,
  settled: Settled,
  core: Core,
): Pick<Decision, 'record' | 'recordJson' | 'fingerprint'> {
  const { codes, factors } = settled;
  let reasons = '';
  for (const code of codes) reasons += REASON_ALPHABET.charAt(code);
  const best = bestByRank(compiled, candidates, factors, BEST_IN_FULL).map((i): [number, number, number, number] => [
    candidates.actions[i] as number,
    factors.propensity[i] as number,
    factors.contextWeight[i] as number,
    factors.priority[i] as number,
  ]);
  const inputs: RecordedInputs = { ...candidates.facts, evidence: scores.evidence };
  const record: DecisionRecord = {
    v: 1,
    ...head,
    core: core.hash,
    policy: compiled.revision.hash,
    inputs: { ...inputs },
    reasons,
    scores: {
      f32: scores.propensity === null ? '' : base64(float32Bytes(scores.propensity)),
      digest: core.sha256(float64Bytes(factors.priority)),
      best,
    },
    result: recordedResult(settled.result),
    rung: factors.rung,
  };
  return { record, recordJson: canonicalJson(record), fingerprint: core.sha256(utf8(whatWasDecided(compiled, head, settled, reasons))) };
}

function recordedResult(result: Decision['result']): DecisionRecord['result'] {
  if (result.kind === 'refrain') return { kind: 'refrain', reason: result.reason, value: result.value, best: result.bestActionId };
  return {
    kind: 'show',
    prompts: result.prompts.map(({ actionId, treatmentId, role, propensity, contextWeight, value, lever, priority }) => ({
      actionId,
      treatmentId,
      role,
      p: propensity,
      c: contextWeight,
      v: value,
      l: lever,
      priority,
    })),
  };
}

/** Two decisions with the same text here put the same before the agent for the same reasons; only numbers may have moved. */
function whatWasDecided(compiled: CompiledRevision, head: RecordHead, { result, factors }: Settled, reasons: string): string {
  const what =
    result.kind === 'refrain'
      ? [result.reason, result.bestActionId]
      : result.prompts.map((prompt) => [
          prompt.actionId,
          prompt.treatmentId,
          prompt.role,
          prompt.reasons.map(({ templateId }) => templateId),
        ]);
  return canonicalJson([compiled.revision.hash, head.callId, head.customerId, head.models, factors.rung, reasons, what]);
}
