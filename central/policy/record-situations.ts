/** Situations decided under two revisions, from records, which have what was asked. */
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { Decision } from '#contract/decision.ts';
import type { LearntManifest } from '#contract/learning.ts';
import {
  type Candidates,
  type CardChance,
  type CompiledModel,
  type CompiledRevision,
  type Decider,
  type DecisionFacts,
  featureVector,
  type FieldFact,
  type Scores,
} from '#core';
import type * as core from '#core';
import { logistic, type ModelParts } from '#learning';
import { CarriedFacts, gapsThatMattered, type Situation } from '#policy';
import { modelFit, type WholeModel } from './model-fit.ts';

/** The core that decides, be it today's sources or a bundle of them. */
type CoreModule = Pick<typeof core, 'compileModels' | 'packScores'>;
/** A model that a record may name. */
export type RecordedModel = WholeModel | { readonly hash: string; readonly manifest: LearntManifest };
/** A model that scores in the place of the one that did; what answers added to that one is left out. */
export interface Replacement {
  readonly model: WholeModel;
  readonly parts: ModelParts;
}
type Outcome = Situation['before'];

export type Compared = { readonly ok: true; readonly situation: Situation } | { readonly ok: false; readonly reason: string };

const bad = (reason: string): Compared => ({ ok: false, reason });

/** Copied: the decider overwrites its codes with the next decision. */
export const outcomeOf = ({ result, codes }: Decision, { contact }: DecisionFacts): Outcome => ({
  codes: codes.slice(),
  shown: result.kind === 'show' ? result.prompts.map(({ actionId }) => actionId) : [],
  resting: [...new Set(contact.map(([policy]) => policy))],
});

/** For grouping: what is no word is no group. */
export const asGroup = (value: unknown): string | null => (typeof value === 'string' || typeof value === 'boolean' ? String(value) : null);

interface WithModel {
  readonly before: CompiledModel | null;
  readonly after: CompiledModel | null;
  /** Actions the model may not be used for under the new revision. */
  readonly barred: ReadonlySet<string>;
  readonly carried: CarriedFacts;
}

export class RecordSituations {
  readonly #module: CoreModule;
  readonly #before: Decider;
  readonly #after: Decider;
  readonly #models: readonly RecordedModel[];
  readonly #replacement: Replacement | null;
  readonly #ready = new Map<string, WithModel>();

  constructor(
    module: CoreModule,
    before: Decider,
    after: Decider,
    models: readonly RecordedModel[],
    replacement: Replacement | null = null,
  ) {
    this.#module = module;
    this.#before = before;
    this.#after = after;
    this.#models = models;
    this.#replacement = replacement;
  }

  compare(record: DecisionRecord): Compared {
    const { revision } = this.#before.compiled;
    if (record.policy !== revision.hash)
      return bad(`was taken under policy ${record.policy.slice(0, 12)}, not under the old one (${revision.hash.slice(0, 12)})`);
    const ready = this.#with(record.models);
    if (typeof ready === 'string') return bad(ready);
    let facts: DecisionFacts;
    let before: Outcome;
    let scored: ReadonlyMap<string, number>;
    try {
      const { candidates, scores } = this.#before.recorded(record, ready.before);
      ({ facts } = candidates);
      scored = externalScores(this.#before, candidates, scores);
      before = outcomeOf(this.#before.decideAgain(record, ready.before), facts);
    } catch (error) {
      return bad(`cannot be decided again: ${error instanceof Error ? error.message : String(error)}`);
    }
    const { after, missing } = this.#underNew(record, ready, facts, scored);
    const value = fieldReader(this.#before.compiled, ready.before, facts);
    return {
      ok: true,
      situation: {
        atMs: record.atMs,
        customer: record.customerId ?? record.callId,
        before,
        after,
        missing,
        groupOf: (path) => asGroup(value(path)),
      },
    };
  }

  /** How likely each card was under the old revision, and would have been under the new one; in words why that cannot be told. */
  chances(record: DecisionRecord): { readonly before: readonly CardChance[]; readonly after: readonly CardChance[] } | string {
    const { revision } = this.#before.compiled;
    if (record.policy !== revision.hash) return 'was taken under another policy than the one given';
    const ready = this.#with(record.models);
    if (typeof ready === 'string') return ready;
    try {
      const { candidates, scores } = this.#before.recorded(record, ready.before);
      const { facts } = candidates;
      const scored = externalScores(this.#before, candidates, scores);
      const before = this.#before.chances(candidates, scores);
      const { again, missing } = this.#underNew(record, ready, facts, scored);
      if (missing.length > 0) return `does not hold what the other policy asks: ${missing.join(', ')}`;
      const under = this.#after.recorded(again, ready.after);
      return { before, after: this.#after.chances(under.candidates, under.scores) };
    } catch (error) {
      return `cannot be decided again: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** The record as it would be under the new revision, what came of it, and what it does not hold that mattered. */
  #underNew(
    record: DecisionRecord,
    ready: WithModel,
    facts: DecisionFacts,
    scored: ReadonlyMap<string, number>,
  ): { readonly again: DecisionRecord; readonly after: Outcome; readonly missing: ReturnType<typeof gapsThatMattered> } {
    const { facts: carried, gaps } = ready.carried.carry(facts, record.atMs);
    const isScored = ready.after !== null;
    const asked: DecisionRecord = {
      ...record,
      policy: this.#after.compiled.revision.hash,
      models: ready.after?.hash.split(' ') ?? [],
      learnt: this.#replacement === null ? record.learnt && this.#carriedLearning(record.learnt) : undefined,
      rung: this.#rungOf(record, isScored),
      inputs: { ...carried },
      scores: { ...record.scores, f32: '' },
    };
    const { f32, unscored } = this.#scores(asked, ready, scored);
    const again = { ...asked, scores: { ...asked.scores, f32 } };
    const after = outcomeOf(this.#after.decideAgain(again, ready.after), carried);
    const missing = gapsThatMattered(
      [
        ...gaps,
        ...unscored.map((action) => ({
          what: 'scores of actions that were not scored',
          askings: [{ action, stage: 'scored' as const }],
          told: 'assumed' as const,
        })),
      ],
      after.codes,
    );
    return { again, after, missing };
  }

  #rungOf({ models, rung }: DecisionRecord, isScored: boolean): DecisionRecord['rung'] {
    if (this.#replacement !== null && isScored && rung !== 'must-say-only' && rung !== 'refrain') return 'model';
    return models.length > 0 && !isScored ? 'starting-propensity' : rung;
  }

  /** A record's external scores are of its own candidates: those of the new revision that it did not score are not known. */
  #scores(
    record: DecisionRecord,
    { after: model, barred }: WithModel,
    scored: ReadonlyMap<string, number>,
  ): { readonly f32: string; readonly unscored: readonly number[] } {
    if (model === null || model.additive !== null) return { f32: '', unscored: [] };
    const { candidates } = this.#after.recorded(record, model);
    const { actions } = candidates;
    const replaced = this.#replaced(candidates);
    const propensity = new Float32Array(actions.length).fill(Number.NaN);
    const unscored: number[] = [];
    for (const [position, action] of actions.entries()) {
      const id = this.#after.compiled.revision.actions[action]?.id ?? '';
      if (barred.has(id)) continue;
      const score = replaced === null ? scored.get(id) : replaced(id);
      if (score !== undefined) propensity[position] = score;
      else if (replaced === null && (model.evidence[action] ?? 0) > 0) unscored.push(action);
    }
    return { f32: Buffer.from(this.#module.packScores(propensity)).toString('base64'), unscored };
  }

  /** What the replacement says of an action it knows. */
  #replaced(candidates: Candidates): ((id: string) => number | undefined) | null {
    if (this.#replacement === null) return null;
    const { model, parts } = this.#replacement;
    const vector = featureVector(model.manifest.features, candidates);
    const places = new Map(model.manifest.actions.map(({ id }, place) => [id, place]));
    return (id) => {
      const place = places.get(id);
      return place === undefined ? undefined : Math.fround(logistic(parts.logOdds(vector, place)));
    };
  }

  /** Actions have other numbers under the new revision. */
  #carriedLearning({ address, own }: NonNullable<DecisionRecord['learnt']>): DecisionRecord['learnt'] {
    const { actions } = this.#before.compiled.revision;
    const { actionIndex } = this.#after.compiled;
    return {
      address,
      own: own.flatMap(([action, responses, positives]): typeof own => {
        const number = actionIndex.get(actions[action]?.id ?? '');
        return number === undefined ? [] : [[number, responses, positives]];
      }),
    };
  }

  /** In words why a model is not to be had. */
  #with(hashes: readonly string[]): WithModel | string {
    const name = hashes.join(' ');
    const known = this.#ready.get(name);
    if (known !== undefined) return known;
    const found = hashes.flatMap((hash) => this.#models.find((model) => model.hash === hash) ?? []);
    const missing = hashes.find((hash) => !found.some((model) => model.hash === hash));
    if (missing !== undefined) return `was taken with model ${missing.slice(0, 12)}: give --models DIR with it`;
    const compiled = (decider: Decider, by: readonly RecordedModel[]): CompiledModel | null =>
      decider.compiled.revision.useModel ? this.#module.compileModels(decider.compiled, by) : null;
    const scoring = this.#replacement === null ? found : [this.#replacement.model];
    const [before, after] = [compiled(this.#before, found), compiled(this.#after, scoring)];
    // What is learnt from answers stands beside the trained model, also where that may not be used.
    const { revision } = this.#after.compiled;
    const barred = new Set(
      after === null || scoring.length > 1
        ? []
        : scoring.flatMap((model) => ('onnx' in model ? [...modelFit(revision, model).barred] : [])),
    );
    const ready = { before, after, barred, carried: new CarriedFacts(this.#before.compiled, this.#after.compiled, before, after) };
    this.#ready.set(name, ready);
    return ready;
  }
}

/** Scores by action of a model outside the core. */
function externalScores(decider: Decider, { actions }: Candidates, { propensity, model }: Scores): ReadonlyMap<string, number> {
  if (model === null || model.additive !== null || propensity === null) return new Map();
  const { revision } = decider.compiled;
  return new Map(Array.from(actions, (action, position) => [revision.actions[action]?.id ?? '', propensity[position] ?? Number.NaN]));
}

function fieldReader(
  { revision, usedFields }: CompiledRevision,
  model: CompiledModel | null,
  facts: DecisionFacts,
): (path: string) => FieldFact {
  const values = new Map<string, FieldFact>();
  for (const [at, field] of usedFields.entries()) values.set(revision.fields[field]?.path ?? '', facts.fields[at] ?? null);
  for (const [at, field] of (model?.extraFields ?? []).entries())
    values.set(revision.fields[field]?.path ?? '', facts.modelFields[at] ?? null);
  return (path) => values.get(path) ?? null;
}
