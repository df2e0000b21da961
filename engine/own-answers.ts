/** What was answered at this desk, as learning sees it: read from the store each time, so that a restart or an erasure leaves nothing behind. */
import { DecisionRecord } from '#contract/decision-record.ts';
import { type CompiledRevision, readCanonical } from '#core';
import { attribute, type DescribedPrompt, describePrompt, type OwnResponse } from '#learning';
import type { Store } from '#ports/store.ts';

export interface OwnAnswersOptions {
  readonly store: Store;
  /** By hash; null where it is no longer here. */
  readonly revision: (hash: string) => CompiledRevision | null;
}

export class OwnAnswers {
  readonly #o: OwnAnswersOptions;
  #features: readonly string[] = [];
  readonly #described = new Map<string, DescribedPrompt | null>();

  constructor(options: OwnAnswersOptions) {
    this.#o = options;
  }

  /** Every prompt answered after this moment of the desk's clock, with its standing answer. */
  since(clock: number, features: readonly string[]): readonly OwnResponse[] {
    const outcomes = this.#o.store.answersSince(clock);
    const clockOf = new Map(outcomes.map((outcome) => [outcome.id, outcome.clock]));
    if (features.join() !== this.#features.join()) this.forget();
    this.#features = features;
    // An agent's answer needs no window.
    const { rewards } = attribute(outcomes, { windowMs: 0 }, Number.POSITIVE_INFINITY);
    return rewards.flatMap(({ id, kind, decisionId, actionId, occurredAtMs, isPositive, by }) => {
      const described = kind === 'agent' ? this.#describe(decisionId, actionId) : null;
      const given = clockOf.get(by ?? '');
      return described === null || given === undefined ? [] : [{ id, occurredAtMs, ...described, isPositive, clock: given }];
    });
  }

  /** Somebody was erased, or something else is asked. */
  forget(): void {
    this.#described.clear();
  }

  #describe(decisionId: string, actionId: string): DescribedPrompt | null {
    const key = `${decisionId} ${actionId}`;
    const known = this.#described.get(key);
    if (known !== undefined) return known;
    const json = this.#o.store.decisionRecord(decisionId);
    const record = json === null ? null : DecisionRecord.parse(readCanonical(json));
    const compiled = record === null ? null : this.#o.revision(record.policy);
    const described = record === null || compiled === null ? null : describePrompt(compiled, record, actionId, this.#features);
    this.#described.set(key, described);
    return described;
  }
}
