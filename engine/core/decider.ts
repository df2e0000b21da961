/** Takes decisions under one revision, and takes them again from their records. */
import type { Decision, DecisionInputs, Verdict, WhatIf } from '#contract/decision.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import { fromBase64, utf8 } from './bytes.ts';
import { at } from './at.ts';
import { type CompiledModel, withOwn } from './compile-model.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { CounterfactualSearch, type WhatIfOptions } from './counterfactual.ts';
import { type Core, type RecordHead, recordHead, RecordWriter, whatWasDecided } from './decision-record.ts';
import { explainEach, explainOne } from './explain.ts';
import { chancesOf } from './explore.ts';
import type { Scores } from './factors.ts';
import { type FieldFact, valuesOf } from './facts.ts';
import { type Candidates, filterFacts } from './filter.ts';
import { unpackScores } from './packed-scores.ts';
import { FactReader } from './read-facts.ts';
import { recordedFacts } from './record-facts.ts';
import { AdditiveScorer } from './score-additive.ts';
import { recheckAtMs, resultOf, settle, type Settled } from './settle.ts';
import type { UnderstoodProfile } from './understood-profiles.ts';
import { Workspace } from './workspace.ts';

/**
 * Owns the memory its decisions are taken in: what it returns is valid until it is asked again, and only one question may
 * be under way. Two askers need two deciders.
 */
export class Decider {
  readonly compiled: CompiledRevision;
  readonly #core: Core;
  readonly #work: Workspace;
  readonly #reader: FactReader;
  readonly #writer: RecordWriter;
  /** Values of all fields as the candidates under way have them. */
  #values: readonly FieldFact[] = [];
  /** The profile they have, where they have it as it is. */
  #profile: UnderstoodProfile | null = null;
  /** The model whose further fields those candidates hold. */
  #readFor: CompiledModel | null = null;
  #scorer: { readonly model: CompiledModel; readonly scorer: AdditiveScorer } | null = null;
  #search: CounterfactualSearch | null = null;
  readonly #field = (path: string): FieldFact => this.#values[this.compiled.slots.find(path) ?? -1] ?? null;

  constructor(compiled: CompiledRevision, core: Core) {
    this.compiled = compiled;
    this.#core = core;
    this.#work = new Workspace(compiled);
    this.#reader = new FactReader(compiled);
    this.#writer = new RecordWriter(this.#work, core);
  }

  /** Every stage up to scoring. `model` is the one that will score, in the core or outside: the record holds what it reads. */
  filter(inputs: DecisionInputs, model: CompiledModel | null = null): Candidates {
    const facts = this.#reader.read(inputs, model);
    this.#work.begun++;
    this.#readFor = model;
    this.#values = this.#reader.values;
    this.#profile = this.#reader.profile;
    return filterFacts(this.#work, facts, {
      profile: this.#profile,
      nowMs: inputs.nowMs,
      callId: inputs.call.callId,
      seed: inputs.seed,
      field: this.#field,
    });
  }

  /** From scored candidates to a decision with its record. */
  arbitrate(inputs: DecisionInputs, candidates: Candidates, scores: Scores): Decision {
    return this.#conclude(recordHead(inputs), candidates, scores);
  }

  /** A whole decision: with the model where the core computes it, else on starting propensities. */
  decide(inputs: DecisionInputs, model: CompiledModel | null): Decision {
    const candidates = this.filter(inputs, model);
    return this.#conclude(recordHead(inputs), candidates, this.score(candidates, model));
  }

  /** The model's scores where the core computes it; otherwise none, and the rung says so. */
  score({ actions }: Candidates, model: CompiledModel | null): Scores {
    const additive = model?.additive ?? null;
    if (model === null || additive === null || !this.compiled.revision.useModel)
      return { rung: 'starting-propensity', propensity: null, model: null };
    if (this.#scorer?.model !== model) this.#scorer = { model, scorer: new AdditiveScorer(additive) };
    const propensity = this.#work.modelScore.subarray(0, actions.length);
    this.#scorer.scorer.score(this.#values, this.#profile?.profile ?? null, actions, propensity);
    return { rung: 'model', propensity, model };
  }

  /**
   * The decision a record tells of, taken again from the record alone. With the core, the revision and the model it names,
   * the new record is the old one byte for byte. Throws when it is given another revision or model.
   */
  decideAgain(record: DecisionRecord, model: CompiledModel | null): Decision {
    const { candidates, scores } = this.recorded(record, model);
    const { id, deviceId, agentId, callId, customerId, clock, atMs, seed, trigger } = record;
    return this.#conclude({ id, deviceId, agentId, callId, customerId, clock, atMs, seed, trigger }, candidates, scores);
  }

  /** What the stages read and were told, from a record. */
  recorded(record: DecisionRecord, model: CompiledModel | null): { readonly candidates: Candidates; readonly scores: Scores } {
    const { compiled } = this;
    if (compiled.revision.hash !== record.policy) {
      throw new Error(`decision ${record.id} was taken under revision ${record.policy}, not ${compiled.revision.hash}: compile that one`);
    }
    const named = record.models.length === 0 ? null : record.models.join(' ');
    const base = model !== null && model.hash === named ? model : null;
    if (named !== null && base === null) {
      throw new Error(`decision ${record.id} was taken with model ${named}, not ${model?.hash ?? 'none'}: compile that one`);
    }
    const used = base === null || record.learnt === undefined ? base : withOwn(base, record.learnt);
    this.#work.begun++;
    this.#readFor = used;
    this.#profile = null;
    const facts = recordedFacts(record);
    this.#values = valuesOf(compiled, facts, used);
    const candidates = filterFacts(this.#work, facts, {
      profile: null,
      nowMs: record.atMs,
      callId: record.callId,
      seed: record.seed,
      field: this.#field,
    });
    if (used !== null && used.additive !== null) return { candidates, scores: this.score(candidates, used) };
    const { f32, shadow } = record.scores;
    const propensity = f32 === '' ? null : unpackScores(fromBase64(f32));
    const scores = { rung: record.rung, propensity, model: used };
    if (shadow === undefined) return { candidates, scores };
    return { candidates, scores: { ...scores, shadow: { model: shadow.model, propensity: unpackScores(fromBase64(shadow.f32)) } } };
  }

  /**
   * How likely each card would have been for these candidates, over control, throttle and exploration, with its propensity; no action = no
   * card. Within the arm of an experiment, and where nothing is left to chance, there is one.
   */
  chances(candidates: Candidates, scores: Scores): readonly CardChance[] {
    const work = this.#work;
    const settled = settle(work, candidates, scores);
    return chancesOf(work, candidates, settled.rung, scores.model, settled.arbitration.shown[0] ?? -1).map(({ place, probability }) => ({
      actionId: place < 0 ? null : at(this.compiled.revision.actions, candidates.actions[place] as number).id,
      probability,
      propensity: place < 0 ? 0 : (work.propensity[place] as number),
    }));
  }

  /** What became of one action of candidates that were not arbitrated; throws for an action the revision does not have. */
  explain(candidates: Candidates, scores: Scores, actionId: string): Verdict {
    return explainOne(this.#work, candidates, scores, actionId);
  }

  /** What became of every action, in the order of the revision. */
  explainAll(candidates: Candidates, scores: Scores): readonly Verdict[] {
    return explainEach(this.#work, candidates, scores);
  }

  /**
   * The least that would have changed what became of an action: shown where it was not, not shown where it was. For
   * candidates, arbitrated or not; leaves them and this decider as they are. Throws for an action the revision does not have.
   */
  whatWouldChange(candidates: Candidates, scores: Scores, actionId: string, options: WhatIfOptions = {}): WhatIf {
    const action = this.compiled.actionIndex.get(actionId);
    if (action === undefined)
      throw new Error(`revision ${this.compiled.revision.hash} has no action ${actionId}: ask under the one that has`);
    this.#search ??= new CounterfactualSearch(this.compiled);
    return this.#search.find(candidates, scores, action, options);
  }

  #conclude(head: RecordHead, candidates: Candidates, scores: Scores): Decision {
    const settled = settle(this.#work, candidates, scores);
    const recordBytes = this.#writer.write(head, this.#asRead(candidates, scores), scores, settled, this.#profile?.written ?? null);
    return new Taken(this.#work, this.#core, { head, candidates, scores, settled }, recordBytes);
  }

  /** What a model was to read and did not, because another one scored or none, is in no record; what that one read is. */
  #asRead(candidates: Candidates, { model }: Scores): Candidates {
    const { facts } = candidates;
    const fields = model?.extraFields ?? [];
    if (model === this.#readFor || (fields.length === 0 && facts.modelFields.length === 0)) return candidates;
    return { ...candidates, facts: { ...facts, modelFields: fields.map((field) => this.#values[field] ?? null) } };
  }
}

/** One thing that could come of a decision. */
export interface CardChance {
  /** Null = no card. */
  readonly actionId: string | null;
  readonly probability: number;
  /** P of the action; 0 of no card. */
  readonly propensity: number;
}

interface Concluded {
  readonly head: RecordHead;
  readonly candidates: Candidates;
  readonly scores: Scores;
  readonly settled: Settled;
}

/** What the agent is shown and told is put together when it is asked for: most decisions change nothing on the screen. */
class Taken implements Decision {
  readonly codes: Uint8Array;
  readonly recordBytes: Uint8Array;
  readonly hash: string;
  readonly #work: Workspace;
  readonly #core: Core;
  readonly #concluded: Concluded;
  readonly #begun: number;
  #result: Decision['result'] | null = null;

  constructor(work: Workspace, core: Core, concluded: Concluded, recordBytes: Uint8Array) {
    this.codes = work.codes;
    this.recordBytes = recordBytes;
    this.hash = core.sha256(recordBytes);
    this.#work = work;
    this.#core = core;
    this.#concluded = concluded;
    this.#begun = work.begun;
  }

  get rung(): Decision['rung'] {
    return this.#concluded.settled.rung;
  }

  get result(): Decision['result'] {
    this.#result ??= resultOf(this.#current, this.#concluded.candidates, this.#concluded.settled);
    return this.#result;
  }

  get recheckAtMs(): number | null {
    return recheckAtMs(this.#current, this.#concluded.candidates, this.#concluded.settled);
  }

  get recordJson(): string {
    this.#assertCurrent();
    return this.#core.text(this.recordBytes);
  }

  get fingerprint(): string {
    const { head, scores, settled } = this.#concluded;
    return this.#core.sha256(utf8(whatWasDecided(this.#current, head, scores, settled, this.result)));
  }

  /** The memory it was taken in. */
  get #current(): Workspace {
    this.#assertCurrent();
    return this.#work;
  }

  #assertCurrent(): void {
    if (this.#work.begun !== this.#begun)
      throw new Error(`decision ${this.#concluded.head.id} is read after its decider was asked again: read it before, or use two deciders`);
  }
}
