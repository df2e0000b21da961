/** The record of a decision: canonical JSON from which it can be taken again, written straight into bytes. */
import type { Decision, DecisionInputs, Trigger } from '#contract/decision.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import { REASON_ALPHABET } from '#contract/reason-codes.ts';
import { at } from './at.ts';
import { utf8 } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';
import { checksum } from './checksum.ts';
import type { CompiledModel } from './compile-model.ts';
import type { Scores, Shadow } from './factors.ts';
import type { Candidates } from './filter.ts';
import { JsonBytes, memberKey } from './json-bytes.ts';
import { packScores } from './packed-scores.ts';
import { ReasonLetters } from './reason-letters.ts';
import { type WrittenFields, writeFacts } from './record-facts.ts';
import { refrainOf, roleOf, type Settled, treatmentOf } from './settle.ts';
import { BEST_IN_FULL, type Workspace } from './workspace.ts';

/** The core that decides: its hash, and what it needs of the runtime. */
export interface Core {
  /** SHA-256 of the bundled core. */
  readonly hash: string;
  /** SHA-256 as 64 lower-case hexadecimal digits. */
  readonly sha256: (bytes: Uint8Array) => string;
  /** The text of UTF-8 bytes. */
  readonly text: (bytes: Uint8Array) => string;
}

/** What a record says of a decision besides what the stages read. */
export type RecordHead = Pick<DecisionRecord, 'id' | 'deviceId' | 'agentId' | 'callId' | 'customerId' | 'clock' | 'atMs' | 'seed'> & {
  readonly trigger: Trigger | DecisionRecord['trigger'];
};

export function recordHead(inputs: DecisionInputs): RecordHead {
  const { decisionId: id, deviceId, agentId, call, clock, nowMs: atMs, seed, trigger } = inputs;
  return { id, deviceId, agentId, callId: call.callId, customerId: call.customerId, clock, atMs, seed, trigger };
}

/** The canonical JSON of a member that stays as it is, and the key of the one that follows where one is named. */
function standing(member: Partial<DecisionRecord>, next: keyof DecisionRecord): Uint8Array {
  return utf8(`,${canonicalJson(member).slice(1, -1)},"${next}":`);
}

const KEY = {
  agentId: memberKey('agentId'),
  atMs: memberKey('atMs'),
  callId: memberKey('callId'),
  clock: memberKey('clock'),
  deviceId: memberKey('deviceId'),
  id: memberKey('id'),
  inputs: memberKey('inputs'),
  result: memberKey('result'),
  rung: memberKey('rung'),
  scores: memberKey('scores'),
  seed: memberKey('seed'),
  trigger: memberKey('trigger'),
} as const;
const REASONS_KEY = utf8(',"reasons":');
const VERSION = utf8(',"v":1');

const FLOATS_EACH = 3;
const FLOAT_BYTES = 8;

/** Writes the records of one decider; each is valid until the next. */
export class RecordWriter {
  readonly #work: Workspace;
  readonly #json = new JsonBytes();
  readonly #letters: ReasonLetters;
  /** Members that are the same in every record, in bytes. */
  readonly #coreMember: Uint8Array;
  #models: { readonly model: CompiledModel | null; readonly members: Uint8Array };
  /** The priorities as halves of floats. */
  readonly #halves: Int32Array;
  readonly #sum = new Int32Array(2);
  /** The candidates held in full, and P, C and priority of each. */
  readonly #inFull = new Int32Array(BEST_IN_FULL);
  readonly #pcp = new Float64Array(BEST_IN_FULL * FLOATS_EACH);
  readonly #pcpBytes = new Uint8Array(this.#pcp.buffer);

  constructor(work: Workspace, core: Core) {
    this.#work = work;
    this.#letters = new ReasonLetters(work.codes);
    this.#halves = new Int32Array(work.priority.buffer);
    this.#coreMember = standing({ core: core.hash }, 'customerId');
    this.#models = this.#membersOf(null);
  }

  /** `written`: what is known of the JSON of the facts' fields. */
  write(head: RecordHead, candidates: Candidates, scores: Scores, settled: Settled, written: WrittenFields | null): Uint8Array {
    const json = this.#json;
    if (this.#models.model !== scores.model) this.#models = this.#membersOf(scores.model);
    json.restart();
    json.open();
    json.member(KEY.agentId);
    json.text(head.agentId);
    json.member(KEY.atMs);
    json.number(head.atMs);
    json.member(KEY.callId);
    json.text(head.callId);
    json.member(KEY.clock);
    json.number(head.clock);
    json.raw(this.#coreMember);
    json.value(head.customerId);
    json.member(KEY.deviceId);
    json.text(head.deviceId);
    json.member(KEY.id);
    json.text(head.id);
    json.member(KEY.inputs);
    writeFacts(json, candidates.facts, written);
    this.#writeModels(settled.probability);
    json.quoted(this.#letters.spell());
    json.member(KEY.result);
    this.#writeResult(candidates, settled);
    json.member(KEY.rung);
    json.text(settled.rung);
    json.member(KEY.scores);
    this.#writeScores(candidates, settled.arbitration.shown, scores);
    json.member(KEY.seed);
    json.number(head.seed);
    json.member(KEY.trigger);
    writeTrigger(json, head.trigger);
    json.raw(VERSION);
    json.close();
    return json.written;
  }

  #membersOf(model: CompiledModel | null): { readonly model: CompiledModel | null; readonly members: Uint8Array } {
    const members = {
      ...(model === null || model.learnt === null ? {} : { learnt: model.learnt }),
      models: model === null ? [] : model.hash.split(' '),
      policy: this.#work.compiled.revision.hash,
    };
    const isExplored = this.#work.compiled.revision.exploration !== undefined;
    return { model, members: standing(members, isExplored ? 'probability' : 'reasons') };
  }

  /** What was learnt, models, policy, the probability where the policy explores, and the key of the reasons. An arm of an experiment has none: null. */
  #writeModels(probability: number | null): void {
    const json = this.#json;
    json.raw(this.#models.members);
    if (this.#work.compiled.revision.exploration === undefined) return;
    json.value(probability);
    json.raw(REASONS_KEY);
  }

  #writeScores({ actions }: Candidates, shown: readonly number[], scores: Scores): void {
    const { propensity, contextWeight, priority } = this.#work;
    const json = this.#json;
    const pcp = this.#pcp;
    // Of scores that stand here one and all, those shown are enough.
    const isOutside = scores.propensity instanceof Float32Array;
    const count = this.#chooseInFull(shown, isOutside ? shown.length : BEST_IN_FULL);
    json.raw(SCORES.best);
    for (let place = 0; place < count; place++) {
      const i = this.#inFull[place] as number;
      if (place > 0) json.comma();
      json.number(actions[i] as number);
      pcp[place * FLOATS_EACH] = propensity[i] as number;
      pcp[place * FLOATS_EACH + 1] = contextWeight[i] as number;
      pcp[place * FLOATS_EACH + 2] = priority[i] as number;
    }
    json.raw(SCORES.pcp);
    json.base64(this.#pcpBytes, count * FLOATS_EACH * FLOAT_BYTES);
    json.raw(SCORES.digest);
    checksum(this.#halves, actions.length, this.#sum);
    json.hex(this.#sum[0] as number);
    json.hex(this.#sum[1] as number);
    json.raw(SCORES.f32);
    const given = isOutside ? packScores(scores.propensity) : NO_SCORES;
    json.base64(given, given.length);
    if (scores.shadow !== undefined && scores.shadow !== null) this.#writeShadow(scores.shadow);
    json.close();
  }

  #writeShadow({ model, propensity }: Shadow): void {
    const json = this.#json;
    const packed = packScores(propensity);
    json.raw(SHADOW.f32);
    json.base64(packed, packed.length);
    json.raw(SHADOW.model);
    json.text(model);
    json.close();
  }

  /** Fills `inFull` with the candidates shown, in their order, and then the best of the others, `most` in all; returns how many. */
  #chooseInFull(shown: readonly number[], most: number): number {
    const { highest } = this.#work;
    const inFull = this.#inFull;
    let count = 0;
    for (const place of shown) inFull[count++] = place;
    for (let rank = 0; rank < highest.count && count < most; rank++) {
      const place = highest.places[rank] as number;
      if (!shown.includes(place)) inFull[count++] = place;
    }
    return count;
  }

  #writeResult(candidates: Candidates, { arbitration }: Settled): void {
    const json = this.#json;
    const { shown } = arbitration;
    if (shown.length === 0) {
      const { bestActionId, reason, value } = refrainOf(this.#work, candidates, arbitration.best);
      json.raw(RESULT.best);
      json.value(bestActionId);
      json.raw(RESULT.refrain);
      json.text(reason);
      json.raw(RESULT.value);
      json.number(value);
      json.close();
      return;
    }
    const { actions } = this.#work.compiled.revision;
    json.raw(RESULT.show);
    for (let place = 0; place < shown.length; place++) {
      const action = candidates.actions[shown[place] as number] as number;
      if (place > 0) json.comma();
      json.raw(RESULT.actionId);
      json.text(at(actions, action).id);
      json.raw(RESULT.role);
      json.text(roleOf(place));
      json.raw(RESULT.treatmentId);
      json.text(treatmentOf(this.#work, candidates, action).id);
      json.close();
    }
    json.closeList();
    json.close();
  }
}

const SCORES = {
  best: utf8('{"best":{"actions":['),
  pcp: utf8('],"pcp":'),
  digest: utf8('},"digest":"'),
  f32: utf8('","f32":'),
} as const;
const SHADOW = { f32: utf8(',"shadow":{"f32":'), model: utf8(',"model":') } as const;
const NO_SCORES = new Uint8Array(0);

const RESULT = {
  show: utf8('{"kind":"show","prompts":['),
  actionId: utf8('{"actionId":'),
  role: utf8(',"role":'),
  treatmentId: utf8(',"treatmentId":'),
  best: utf8('{"best":'),
  refrain: utf8(',"kind":"refrain","reason":'),
  value: utf8(',"value":'),
} as const;

/** Its members in their canonical order, whatever kind of trigger it is. */
const TRIGGER = ['kind', 'outcomeId', 'seq', 'type'] as const;
const TRIGGER_KEYS = TRIGGER.map((name) => memberKey(name));

function writeTrigger(json: JsonBytes, trigger: RecordHead['trigger']): void {
  const members = trigger as Readonly<Record<string, unknown>>;
  json.open();
  for (let i = 0; i < TRIGGER.length; i++) {
    const member = members[TRIGGER[i] as string];
    if (member === undefined) continue;
    json.member(TRIGGER_KEYS[i] as Uint8Array);
    json.value(member);
  }
  json.close();
}

/** Two decisions with the same text here put the same before the agent for the same reasons; only numbers may have moved. */
export function whatWasDecided(
  { compiled, codes }: Workspace,
  head: RecordHead,
  { model }: Scores,
  { rung }: Settled,
  result: Decision['result'],
): string {
  const what =
    result.kind === 'refrain'
      ? [result.reason, result.bestActionId]
      : result.prompts.map((prompt) => [
          prompt.actionId,
          prompt.treatmentId,
          prompt.role,
          prompt.reasons.map(({ templateId }) => templateId),
        ]);
  let reasons = '';
  for (const code of codes) reasons += REASON_ALPHABET.charAt(code);
  return canonicalJson([compiled.revision.hash, head.callId, head.customerId, model?.hash ?? null, rung, reasons, what]);
}
