/** The record of a decision: canonical JSON from which it can be taken again, written straight into bytes. */
import type { Decision, DecisionInputs, Trigger } from '#contract/decision.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import { REASON_ALPHABET } from '#contract/reason-codes.ts';
import { utf8 } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Scores } from './factors.ts';
import type { DecisionFacts } from './facts.ts';
import type { Candidates } from './filter.ts';
import { memberKey } from './json-bytes.ts';
import { packScores } from './packed-scores.ts';
import type { Settled } from './settle.ts';
import type { Workspace } from './workspace.ts';

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

/**
 * `inputs` of a record are the facts by the names they have in facts.ts, in their canonical order. One that is as it is
 * here is left out: most are, most of the time.
 */
const USUAL: Readonly<DecisionFacts> = {
  answered: [],
  basis: [],
  capturePaused: false,
  channel: 'voice',
  contact: [],
  control: false,
  counts: [],
  eventsMissing: false,
  excluded: [],
  fields: [],
  gapWaived: false,
  heldSinceMs: null,
  history: 'known',
  influence: [],
  language: '',
  lastShownAtMs: null,
  laterAtMs: null,
  level: 'standard',
  modelFields: [],
  open: [],
  phase: 'active',
  quiet: false,
  rejected: [],
  revisionExpired: false,
  said: [],
  silentSinceMs: null,
  snoozed: [],
  speaking: false,
  usage: [],
  used: 0,
};
const FACTS = Object.keys(USUAL) as readonly (keyof DecisionFacts)[];
const FACT_KEYS = FACTS.map((name) => memberKey(name, false));

/** The facts of a record, the usual ones included. */
export const recordedFacts = ({ inputs }: DecisionRecord): DecisionFacts => ({ ...USUAL, ...(inputs as Partial<DecisionFacts>) });

const key = (name: keyof DecisionRecord): Uint8Array => memberKey(name, name === 'agentId');
const KEY = {
  agentId: key('agentId'),
  atMs: key('atMs'),
  callId: key('callId'),
  clock: key('clock'),
  core: key('core'),
  customerId: key('customerId'),
  deviceId: key('deviceId'),
  id: key('id'),
  inputs: key('inputs'),
  models: key('models'),
  policy: key('policy'),
  reasons: key('reasons'),
  result: key('result'),
  rung: key('rung'),
  scores: key('scores'),
  seed: key('seed'),
  trigger: key('trigger'),
  v: key('v'),
} as const;
const ALPHABET = utf8(REASON_ALPHABET);
const OPEN = 0x7b;
const CLOSE = 0x7d;
const VERSION = 1;

export function recordHead(inputs: DecisionInputs): RecordHead {
  const { decisionId: id, deviceId, agentId, call, clock, nowMs: atMs, seed, trigger } = inputs;
  return { id, deviceId, agentId, callId: call.callId, customerId: call.customerId, clock, atMs, seed, trigger };
}

/** Writes the record into the workspace's bytes and returns them. */
export function writeRecord(
  work: Workspace,
  head: RecordHead,
  candidates: Candidates,
  scores: Scores,
  settled: Settled,
  core: Core,
): Uint8Array {
  const { json, codes, compiled } = work;
  json.restart();
  json.byte(OPEN);
  json.raw(KEY.agentId);
  json.text(head.agentId);
  json.raw(KEY.atMs);
  json.value(head.atMs);
  json.raw(KEY.callId);
  json.text(head.callId);
  json.raw(KEY.clock);
  json.number(head.clock);
  json.raw(KEY.core);
  json.text(core.hash);
  json.raw(KEY.customerId);
  if (head.customerId === null) json.value(null);
  else json.text(head.customerId);
  json.raw(KEY.deviceId);
  json.text(head.deviceId);
  json.raw(KEY.id);
  json.text(head.id);
  json.raw(KEY.inputs);
  writeFacts(work, candidates.facts);
  json.raw(KEY.models);
  json.list(scores.model === null ? [] : [scores.model.hash]);
  json.raw(KEY.policy);
  json.text(compiled.revision.hash);
  json.raw(KEY.reasons);
  json.letters(codes, ALPHABET);
  json.raw(KEY.result);
  writeResult(work, settled.result);
  json.raw(KEY.rung);
  json.text(settled.rung);
  json.raw(KEY.scores);
  writeScores(work, candidates, settled.arbitration.shown, scores, core);
  json.raw(KEY.seed);
  json.number(head.seed);
  json.raw(KEY.trigger);
  writeTrigger(work, head.trigger);
  json.raw(KEY.v);
  json.number(VERSION);
  json.byte(CLOSE);
  return json.written;
}

function writeFacts({ json }: Workspace, facts: DecisionFacts): void {
  json.byte(OPEN);
  let isFirst = true;
  for (let i = 0; i < FACTS.length; i++) {
    const name = FACTS[i] as keyof DecisionFacts;
    const fact = facts[name];
    if (Array.isArray(fact) ? fact.length === 0 : fact === USUAL[name]) continue;
    const key = FACT_KEYS[i] as Uint8Array;
    json.raw(isFirst ? key.subarray(1) : key);
    isFirst = false;
    json.value(fact);
  }
  json.byte(CLOSE);
}

const BEST = utf8('{"best":{"actions":');
const PCP = utf8(',"pcp":');
const DIGEST = utf8('},"digest":"');
const F32 = utf8('","f32":');
const NO_SCORES = new Uint8Array(0);

/** Digests read the floats as they lie in memory: the lowest byte first, on every processor Sotto runs on. */
function writeScores(work: Workspace, { actions }: Candidates, shown: readonly number[], scores: Scores, core: Core): void {
  const { json, propensity, contextWeight, priority, pcp, inFull } = work;
  // Of scores that stand here one and all, those shown are enough.
  const isOutside = scores.propensity instanceof Float32Array;
  const count = chooseInFull(work, shown, isOutside ? shown.length : work.inFull.length);
  json.raw(BEST);
  json.byte(0x5b);
  for (let place = 0; place < count; place++) {
    const i = inFull[place] as number;
    if (place > 0) json.comma();
    json.number(actions[i] as number);
    pcp[place * 3] = propensity[i] as number;
    pcp[place * 3 + 1] = contextWeight[i] as number;
    pcp[place * 3 + 2] = priority[i] as number;
  }
  json.byte(0x5d);
  json.raw(PCP);
  json.base64(new Uint8Array(pcp.buffer, 0, count * 24));
  json.raw(DIGEST);
  json.ascii(core.sha256(new Uint8Array(priority.buffer, 0, actions.length * 8)));
  json.raw(F32);
  json.base64(isOutside ? packScores(scores.propensity) : NO_SCORES);
  json.byte(CLOSE);
}

/** Fills `inFull` with the candidates shown, in their order, and then the best of the others, `most` in all; returns how many. */
function chooseInFull({ ranked, inFull }: Workspace, shown: readonly number[], most: number): number {
  let count = 0;
  for (const place of shown) inFull[count++] = place;
  for (let rank = 0; rank < ranked.recorded.count && count < most; rank++) {
    const place = ranked.recorded.places[rank] as number;
    if (!shown.includes(place)) inFull[count++] = place;
  }
  return count;
}

/** Its members in their canonical order, whatever kind of trigger it is. */
const TRIGGER = ['kind', 'outcomeId', 'seq', 'type'] as const;
const TRIGGER_KEYS = TRIGGER.map((name, index) => memberKey(name, index === 0));

function writeTrigger({ json }: Workspace, trigger: RecordHead['trigger']): void {
  const members = trigger as Readonly<Record<string, unknown>>;
  json.byte(OPEN);
  for (let i = 0; i < TRIGGER.length; i++) {
    const member = members[TRIGGER[i] as string];
    if (member === undefined) continue;
    json.raw(TRIGGER_KEYS[i] as Uint8Array);
    json.value(member);
  }
  json.byte(CLOSE);
}

const SHOW = utf8('{"kind":"show","prompts":[');
const REFRAIN = utf8('{"best":');
const REFRAINED = utf8(',"kind":"refrain","reason":');
const PROMPT = {
  actionId: utf8('{"actionId":'),
  role: utf8(',"role":'),
  treatmentId: utf8(',"treatmentId":'),
} as const;
const VALUE = utf8(',"value":');

function writeResult({ json }: Workspace, result: Decision['result']): void {
  if (result.kind === 'refrain') {
    json.raw(REFRAIN);
    json.value(result.bestActionId);
    json.raw(REFRAINED);
    json.text(result.reason);
    json.raw(VALUE);
    json.number(result.value);
    json.byte(CLOSE);
    return;
  }
  json.raw(SHOW);
  for (const [place, prompt] of result.prompts.entries()) {
    if (place > 0) json.comma();
    json.raw(PROMPT.actionId);
    json.text(prompt.actionId);
    json.raw(PROMPT.role);
    json.text(prompt.role);
    json.raw(PROMPT.treatmentId);
    json.text(prompt.treatmentId);
    json.byte(CLOSE);
  }
  json.byte(0x5d);
  json.byte(CLOSE);
}

/** Two decisions with the same text here put the same before the agent for the same reasons; only numbers may have moved. */
export function whatWasDecided({ compiled, codes }: Workspace, head: RecordHead, { model }: Scores, { result, rung }: Settled): string {
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
