/** Situations decided under two revisions, from records, which have what was asked. */
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { Decision } from '#contract/decision.ts';
import type { Candidates, CardChance, CompiledModel, CompiledRevision, Decider, DecisionFacts, FieldFact, Scores } from '#core';
import type * as core from '#core';
import { CarriedFacts, gapsThatMattered, type Situation } from '#policy';
import { modelFit, type WholeModel } from './model-fit.ts';

/** The core that decides, be it today's sources or a bundle of them. */
type CoreModule = Pick<typeof core, 'compileModel' | 'packScores'>;
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
  readonly #models: readonly WholeModel[];
  readonly #ready = new Map<string | null, WithModel>();

  constructor(module: CoreModule, before: Decider, after: Decider, models: readonly WholeModel[]) {
    this.#module = module;
    this.#before = before;
    this.#after = after;
    this.#models = models;
  }

  compare(record: DecisionRecord): Compared {
    const { revision } = this.#before.compiled;
    if (record.policy !== revision.hash)
      return bad(`was taken under policy ${record.policy.slice(0, 12)}, not under the old one (${revision.hash.slice(0, 12)})`);
    const ready = this.#with(record.models[0] ?? null);
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
    const ready = this.#with(record.models[0] ?? null);
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
      models: ready.after === null ? [] : [ready.after.hash],
      rung: record.models.length > 0 && !isScored ? 'starting-propensity' : record.rung,
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

  /** A record's external scores are of its own candidates: those of the new revision that it did not score are not known. */
  #scores(
    record: DecisionRecord,
    { after: model, barred }: WithModel,
    scored: ReadonlyMap<string, number>,
  ): { readonly f32: string; readonly unscored: readonly number[] } {
    if (model === null || model.additive !== null) return { f32: '', unscored: [] };
    const { actions } = this.#after.recorded(record, model).candidates;
    const propensity = new Float32Array(actions.length).fill(Number.NaN);
    const unscored: number[] = [];
    for (const [position, action] of actions.entries()) {
      const id = this.#after.compiled.revision.actions[action]?.id ?? '';
      if (barred.has(id)) continue;
      const score = scored.get(id);
      if (score !== undefined) propensity[position] = score;
      else if ((model.evidence[action] ?? 0) > 0) unscored.push(action);
    }
    return { f32: Buffer.from(this.#module.packScores(propensity)).toString('base64'), unscored };
  }

  /** In words why the model is not to be had. */
  #with(hash: string | null): WithModel | string {
    const known = this.#ready.get(hash);
    if (known !== undefined) return known;
    const found = hash === null ? null : this.#models.find((model) => model.hash === hash);
    if (found === undefined) return `was taken with model ${hash?.slice(0, 12) ?? ''}: give --models DIR with it`;
    const compiled = (decider: Decider): CompiledModel | null =>
      found === null || !decider.compiled.revision.useModel
        ? null
        : this.#module.compileModel(decider.compiled, found.manifest, found.hash);
    const [before, after] = [compiled(this.#before), compiled(this.#after)];
    const barred = found === null || after === null ? new Set<string>() : modelFit(this.#after.compiled.revision, found).barred;
    const ready = { before, after, barred, carried: new CarriedFacts(this.#before.compiled, this.#after.compiled, before, after) };
    this.#ready.set(hash, ready);
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
