/** Why, and why not: by deciding again. Nothing is stored and nothing changes. */
import { at } from './at.ts';
import type { Verdict } from '#contract/decision.ts';
import { REASONS } from '#contract/reason-codes.ts';
import { rankAll, rankOf } from './attention.ts';
import { FALSE, TRUE, UNKNOWN } from './codes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { describeCondition } from './describe-condition.ts';
import { rankingFactors } from './experiment-arms.ts';
import type { Scores } from './factors.ts';
import { type Candidates, isReached, suppressedBy } from './filter.ts';
import { settle } from './settle.ts';
import type { Workspace } from './workspace.ts';

export function explainOne(work: Workspace, candidates: Candidates, scores: Scores, actionId: string): Verdict {
  return new Explanation(work, candidates, scores).of(actionId);
}

export function explainEach(work: Workspace, candidates: Candidates, scores: Scores): readonly Verdict[] {
  return new Explanation(work, candidates, scores).all();
}

class Explanation {
  readonly #work: Workspace;
  readonly #compiled: CompiledRevision;
  readonly #candidates: Candidates;
  #ranks: ReadonlyMap<number, number> | null = null;

  constructor(work: Workspace, candidates: Candidates, scores: Scores) {
    this.#work = work;
    this.#compiled = work.compiled;
    this.#candidates = candidates;
    settle(work, candidates, scores);
  }

  all(): readonly Verdict[] {
    this.#ranks = new Map(rankAll(this.#work, this.#candidates).map((position, place) => [position, place + 1]));
    return this.#compiled.revision.actions.map((_, action) => this.#verdict(action));
  }

  of(actionId: string): Verdict {
    const action = this.#compiled.actionIndex.get(actionId);
    if (action === undefined)
      throw new Error(`revision ${this.#compiled.revision.hash} has no action ${actionId}: explain it under the one that has`);
    return this.#verdict(action);
  }

  #verdict(action: number): Verdict {
    const reason = at(REASONS, this.#work.codes[action] as number);
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
        const suppressed = suppressedBy(this.#work, this.#candidates.facts, action);
        return { ...verdict, by: suppressed === null ? null : at(this.#compiled.revision.contact, suppressed.policy).name };
      }
      case 'constraint':
        return { ...verdict, by: this.#constraint(action) };
      case 'threshold':
        return reason.code === 'held-out' ? { ...verdict, by: this.#holdout(action) } : verdict;
      case 'available':
      case 'scored':
      case 'arbitrated':
      case 'interruption':
      case 'shown':
        return verdict;
    }
  }

  #firstCondition(action: number): Verdict['condition'] {
    const { conditions, predicates } = this.#compiled;
    const failed = at(conditions.predicates, action).findIndex((number) => at(predicates, number).evaluate(this.#work.x) !== TRUE);
    return describeCondition(this.#compiled, this.#candidates, at(at(conditions.stated, action), failed), false);
  }

  /** The constraint that stopped the action: one that is reached before one whose use is unknown. */
  #constraint(action: number): string | null {
    const { constraints } = this.#compiled.revision;
    const covering = [...constraints.entries()].filter(([, { covers }]) => covers.includes(action));
    const reached = covering.find(([number, constraint]) =>
      isReached(this.#compiled, constraint, this.#candidates.facts.usage[number] ?? null, action),
    );
    const unknown = covering.find(([number]) => (this.#candidates.facts.usage[number] ?? null) === null);
    return (reached ?? unknown)?.[1].name ?? null;
  }

  #holdout(action: number): string | null {
    const by = this.#candidates.facts.heldOut.find((holdout) => at(this.#compiled.heldOutBy, holdout).includes(action));
    return by === undefined ? null : (this.#compiled.revision.holdouts?.[by]?.name ?? null);
  }

  #care(): Pick<Verdict, 'condition' | 'by'> {
    const { care, predicates, revision } = this.#compiled;
    const truths = care.map((predicate) => at(predicates, predicate).evaluate(this.#work.x));
    const rule = truths.indexOf(TRUE) >= 0 ? truths.indexOf(TRUE) : truths.indexOf(UNKNOWN);
    const stated = revision.care[rule];
    if (stated === undefined) throw new Error(`no care rule holds a sale back, and yet one did (all ${truths.length} are ${FALSE})`);
    return { condition: describeCondition(this.#compiled, this.#candidates, stated, true), by: stated.name };
  }

  #factors(action: number): Verdict['factors'] {
    const position = this.#candidates.actions.indexOf(action);
    if (position < 0) return null;
    return {
      ...rankingFactors(this.#work, this.#candidates, position),
      priority: this.#work.priority[position] as number,
      rank: this.#ranks?.get(position) ?? rankOf(this.#work, this.#candidates, position),
    };
  }
}
