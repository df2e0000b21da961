/** Takes a decision, and takes it again from its record. */
import type { Decision, DecisionInputs, Scores } from '#contract/decision.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import { float32FromBytes, fromBase64 } from './bytes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { type Core, type RecordHead, recordHead, type RecordedInputs, writeRecord } from './decision-record.ts';
import { type ScoreFacts, scoreFacts } from './factors.ts';
import { type Candidates, filterRecorded } from './filter.ts';
import { recheckAtMs, settle } from './settle.ts';

/** From scored candidates to a decision with its record. `scores` are in the order of `candidates.actions`. */
export function arbitrate(
  compiled: CompiledRevision,
  inputs: DecisionInputs,
  candidates: Candidates,
  scores: Scores,
  core: Core,
): Decision {
  return decide(compiled, recordHead(inputs, scores.models), candidates, scoreFacts(scores), core);
}

/**
 * The decision a record tells of, taken again from the record alone. With the core and the revision it names, the new
 * record is the old one byte for byte; throws when it is given another revision.
 */
export function decideAgain(compiled: CompiledRevision, record: DecisionRecord, core: Core): Decision {
  if (compiled.revision.hash !== record.policy) {
    throw new Error(`decision ${record.id} was taken under revision ${record.policy}, not ${compiled.revision.hash}: compile that one`);
  }
  const { candidates, scores } = recorded(compiled, record);
  const { id, deviceId, agentId, callId, customerId, clock, atMs, seed, models, trigger } = record;
  const head: RecordHead = { id, deviceId, agentId, callId, customerId, clock, atMs, seed, models, trigger };
  return decide(compiled, head, candidates, scores, core);
}

/** What the stages read and were told, from a record. */
export function recorded(
  compiled: CompiledRevision,
  record: DecisionRecord,
): { readonly candidates: Candidates; readonly scores: ScoreFacts } {
  const { evidence, ...facts } = record.inputs as unknown as RecordedInputs;
  const propensity = record.scores.f32 === '' ? null : float32FromBytes(fromBase64(record.scores.f32));
  return { candidates: filterRecorded(compiled, facts, record.atMs), scores: { rung: record.rung, propensity, evidence } };
}

function decide(compiled: CompiledRevision, head: RecordHead, candidates: Candidates, scores: ScoreFacts, core: Core): Decision {
  const settled = settle(compiled, candidates, scores);
  return {
    result: settled.result,
    rung: settled.factors.rung,
    ...writeRecord(compiled, head, candidates, scores, settled, core),
    recheckAtMs: recheckAtMs(compiled, candidates, settled),
  };
}
