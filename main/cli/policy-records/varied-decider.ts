/**
 * Decides records again under variations of their own revision that change neither what is asked nor who is scored (levers,
 * switched-off factors): then a record holds all that is needed, and nothing has to be carried over.
 */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Verdict } from '#contract/decision.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { CompiledModel, Decider, NamedManifest } from '#core';
import type { PresentCore } from '../core/core-file.ts';
import { coreOf } from '../core/runtime.ts';

export class VariedDecider {
  readonly #core: PresentCore;
  readonly #decider: Decider;
  readonly #models: readonly NamedManifest[];
  readonly #ready = new Map<string, CompiledModel>();

  /** `variation` has the hash of the revision it varies. */
  constructor(core: PresentCore, variation: CheckedRevision, models: readonly NamedManifest[]) {
    this.#core = core;
    this.#decider = new core.module.Decider(core.module.compileRevision(variation), coreOf(core.hash));
    this.#models = models;
  }

  /** What it reads of facts, by place: equal for all variations of a revision, or their records mean something else to each. */
  get asks(): string {
    const { usedFields, slots } = this.#decider.compiled;
    return JSON.stringify([usedFields, slots.slots, slots.lists]);
  }

  /** In words why a record cannot be decided again; null where it can. */
  fault(record: DecisionRecord): string | null {
    const missing = record.models.find((hash) => !this.#models.some((model) => model.hash === hash));
    if (missing !== undefined) return `was taken with model ${missing.slice(0, 12)}: give --models DIR with it`;
    try {
      this.shown(record);
      return null;
    } catch (error) {
      return `cannot be decided again: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** Ids of the actions shown, the card first. */
  shown(record: DecisionRecord): readonly string[] {
    const { result } = this.#decider.decideAgain(record, this.#model(record.models));
    return result.kind === 'show' ? result.prompts.map(({ actionId }) => actionId) : [];
  }

  /** Where every action ended, in the order of the revision. */
  explain(record: DecisionRecord): readonly Verdict[] {
    const { candidates, scores } = this.#decider.recorded(record, this.#model(record.models));
    return this.#decider.explainAll(candidates, scores);
  }

  #model(hashes: readonly string[]): CompiledModel | null {
    const name = hashes.join(' ');
    const found = hashes.flatMap((hash) => this.#models.find((model) => model.hash === hash) ?? []);
    const ready = this.#ready.get(name) ?? this.#core.module.compileModels(this.#decider.compiled, found);
    if (ready !== null) this.#ready.set(name, ready);
    return ready;
  }
}
