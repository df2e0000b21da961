/** Why, and why not: by deciding again. Nothing is stored and nothing changes. */
import { at } from './at.ts';
import type { DecisionInputs, Scores, Verdict } from '#contract/decision.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import { REASONS } from '#contract/reason-codes.ts';
import { recorded } from './arbitrate.ts';
import { bestByRank } from './attention.ts';
import { FALSE, TRUE, UNKNOWN } from './codes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { describeCondition } from './describe-condition.ts';
import { type ScoreFacts, scoreFacts } from './factors.ts';
import { fillSlots } from './fill-slots.ts';
import { type Candidates, filter, suppressedBy } from './filter.ts';
import { settle, type Settled } from './settle.ts';

/** What became of one action; throws for an action the revision does not have. `scores` as given to `arbitrate`. */
export function explain(compiled: CompiledRevision, inputs: DecisionInputs, scores: Scores, actionId: string): Verdict {
  return new Explanation(compiled, filter(compiled, inputs), scoreFacts(scores)).of(actionId);
}

/** What became of every action, in the order of the revision. */
export function explainAll(compiled: CompiledRevision, inputs: DecisionInputs, scores: Scores): readonly Verdict[] {
  return new Explanation(compiled, filter(compiled, inputs), scoreFacts(scores)).all();
}

/** The same for a decision of the past, from its record alone. */
export function explainRecord(compiled: CompiledRevision, record: DecisionRecord): readonly Verdict[] {
  const { candidates, scores } = recorded(compiled, record);
  return new Explanation(compiled, candidates, scores).all();
}

class Explanation {
  readonly #compiled: CompiledRevision;
  readonly #candidates: Candidates;
  readonly #settled: Settled;
  readonly #rankOf = new Map<number, number>();

  constructor(compiled: CompiledRevision, candidates: Candidates, scores: ScoreFacts) {
    this.#compiled = compiled;
    this.#candidates = candidates;
    this.#settled = settle(compiled, candidates, scores);
    const ranked = bestByRank(compiled, candidates, this.#settled.factors, candidates.actions.length);
    for (const [place, position] of ranked.entries()) this.#rankOf.set(position, place + 1);
  }

  all(): readonly Verdict[] {
    return this.#compiled.revision.actions.map((_, action) => this.#verdict(action));
  }

  of(actionId: string): Verdict {
    const action = this.#compiled.actionIndex.get(actionId);
    if (action === undefined)
      throw new Error(`revision ${this.#compiled.revision.hash} has no action ${actionId}: explain it under the one that has`);
    return this.#verdict(action);
  }

  #verdict(action: number): Verdict {
    const reason = at(REASONS, this.#settled.codes[action] as number);
    const { id, purpose } = at(this.#compiled.revision.actions, action);
    const verdict = { actionId: id, stage: reason.stage, code: reason.code, condition: null, factors: this.#factors(action), by: null };
    switch (reason.stage) {
      case 'basis':
        return { ...verdict, by: at(this.#compiled.revision.purposes, purpose).name };
      case 'eligibility':
      case 'applicability':
      case 'suitability':
        return { ...verdict, condition: this.#firstCondition(action) };
      case 'care':
        return { ...verdict, ...this.#care() };
      case 'contact': {
        if (reason.code !== 'contact-limit') return verdict;
        const suppressed = suppressedBy(this.#compiled, this.#candidates.facts, action);
        return { ...verdict, by: suppressed === null ? null : at(this.#compiled.revision.contact, suppressed.policy).name };
      }
      case 'available':
      case 'constraint':
      case 'scored':
      case 'threshold':
      case 'arbitrated':
      case 'interruption':
      case 'shown':
        return verdict;
    }
  }

  #slots(): Float64Array {
    return fillSlots(this.#compiled, this.#candidates.facts, this.#candidates.nowMs);
  }

  #firstCondition(action: number): Verdict['condition'] {
    const { conditions, index, bits, wordStart } = this.#compiled;
    index.walk(this.#slots(), bits);
    const stated = at(conditions, action);
    const first = stated.findIndex(
      (_, bit) => (((bits.failed[(wordStart[action] as number) + (bit >>> 5)] as number) >>> (bit & 31)) & 1) === 1,
    );
    return describeCondition(this.#compiled, this.#candidates, at(stated, first), false);
  }

  #care(): Pick<Verdict, 'condition' | 'by'> {
    const { care, predicates, revision } = this.#compiled;
    const x = this.#slots();
    const truths = care.map((predicate) => at(predicates, predicate).evaluate(x));
    const rule = truths.indexOf(TRUE) >= 0 ? truths.indexOf(TRUE) : truths.indexOf(UNKNOWN);
    const stated = revision.care[rule];
    if (stated === undefined) throw new Error(`no care rule holds a sale back, and yet one did (all ${truths.length} are ${FALSE})`);
    return { condition: describeCondition(this.#compiled, this.#candidates, stated, true), by: stated.name };
  }

  #factors(action: number): Verdict['factors'] {
    const position = this.#candidates.actions.indexOf(action);
    if (position < 0) return null;
    const { propensity, contextWeight, priority } = this.#settled.factors;
    const { value, lever } = at(this.#compiled.revision.actions, action);
    return {
      propensity: propensity[position] as number,
      contextWeight: contextWeight[position] as number,
      value,
      lever,
      priority: priority[position] as number,
      rank: this.#rankOf.get(position) ?? 0,
    };
  }
}
