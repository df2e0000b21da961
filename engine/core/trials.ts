/** Decides again on altered facts, in memory of its own: nothing of the decision that is asked about is touched. */
import { at } from './at.ts';
import { isHeldBack } from './attention.ts';
import { CODE, FALSE, TRUE } from './codes.ts';
import type { Changeable } from './changeable.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { isLifted } from './experiment-arms.ts';
import { rungOf, type Scores } from './factors.ts';
import { type DecisionFacts, type FieldFact, valuesOf } from './facts.ts';
import { fillSlots } from './fill-slots.ts';
import { type Candidates, filterFacts } from './filter.ts';
import type { Move } from './moves.ts';
import { AdditiveScorer } from './score-additive.ts';
import { settle } from './settle.ts';
import { NONE, treatmentAt, type Treatments } from './treatments.ts';
import type { Workspace } from './workspace.ts';

/** What became of the action under some moves. */
export interface Trial {
  readonly code: number;
  /** Candidates before it that nothing but their rank keeps from being shown; none where it is no candidate. */
  readonly above: readonly number[];
}

/** What an action needs before it is scored, and the variables it may turn on. */
export interface Requirement {
  readonly isMet: (x: Float64Array) => boolean;
  readonly variables: readonly number[];
}

/** Nobody's to change, whatever else changes: dates, basis, limits, answers, the attention budget. */
const FINAL: ReadonlySet<number> = new Set([
  CODE.notYetValid,
  CODE.noLongerValid,
  CODE.excluded,
  CODE.revisionExpired,
  CODE.mustSayOnly,
  CODE.noBasis,
  CODE.basisUnknown,
  CODE.objected,
  CODE.contactLimit,
  CODE.contactUnknown,
  CODE.rejectedInCall,
  CODE.answeredInCall,
  CODE.snoozed,
  CODE.constraintReached,
  CODE.constraintUnknown,
  CODE.throttled,
  CODE.control,
  CODE.heldOut,
  CODE.capReached,
  CODE.gapNotOver,
  CODE.speaking,
  CODE.quiet,
  CODE.callNotActive,
  CODE.capturePaused,
]);
/** On the screen if only its rank allows. */
const RANKED = new Uint8Array(256);
for (const code of [CODE.primary, CODE.chip, CODE.outranked, CODE.notDrawn, CODE.capReached, CODE.gapNotOver, CODE.speaking])
  RANKED[code] = 1;

export class Trials {
  readonly areScoresFixed: boolean;
  readonly #own: readonly Requirement[];
  /** Nobody can change the channel or the language the action has nothing for. */
  readonly #hasTreatment: boolean;
  readonly #work: Workspace;
  readonly #compiled: CompiledRevision;
  readonly #changeable: Changeable;
  readonly #candidates: Pick<Candidates, 'nowMs' | 'callId' | 'seed'>;
  readonly #facts: DecisionFacts;
  readonly #action: number;
  readonly #isHeldBack: boolean;
  readonly #values: readonly FieldFact[];
  readonly #scorer: AdditiveScorer | null;
  readonly #scores: Scores;
  /** Opaque scores by action; NaN where none was asked for. */
  readonly #fixed: Float64Array | null;
  /** The slots as they are, for conditions to be asked without deciding. */
  readonly #present: Float64Array;
  readonly #x: Float64Array;
  readonly #written = new Map<Move, readonly (readonly [slot: number, number: number])[]>();

  constructor(work: Workspace, changeable: Changeable, candidates: Candidates, scores: Scores, action: number) {
    const { compiled } = work;
    const { facts, nowMs, callId, seed } = candidates;
    this.#work = work;
    this.#compiled = compiled;
    this.#changeable = changeable;
    this.#candidates = { nowMs, callId, seed };
    // The facts' own lists may be filled again by the next decision.
    this.#facts = { ...facts, fields: [...facts.fields], modelFields: [...facts.modelFields] };
    this.#action = action;
    this.#isHeldBack = isHeldBack(compiled, facts, nowMs, action);
    const isModelUsed = (scores.rung === 'model' || scores.rung === 'last-good-model') && compiled.revision.useModel;
    const additive = isModelUsed && scores.propensity !== null ? (scores.model?.additive ?? null) : null;
    this.#values = valuesOf(compiled, facts, scores.model);
    this.#scorer = additive === null ? null : new AdditiveScorer(additive);
    this.#own = this.#requirementsOf(action);
    this.#hasTreatment = this.#treatments.chosen[action] !== NONE;
    this.#present = new Float64Array(work.x.length);
    fillSlots(compiled.slotSources, this.#facts, nowMs, this.#present);
    this.#x = this.#present.slice();
    const rung = rungOf(compiled, candidates.actions.length, scores);
    this.#scores = { rung, propensity: null, model: scores.model };
    this.#fixed = additive === null && (rung === 'model' || rung === 'last-good-model') ? this.#byAction(scores, candidates) : null;
    this.areScoresFixed = this.#fixed !== null;
  }

  /** The present value of a field; null is unknown. */
  value(field: number): FieldFact {
    return this.#values[field] ?? null;
  }

  get facts(): DecisionFacts {
    return this.#facts;
  }

  get nowMs(): number {
    return this.#candidates.nowMs;
  }

  isShown({ code }: Trial): boolean {
    return code === CODE.primary || code === CODE.chip;
  }

  /** No move whatever shows the action. */
  isFinal({ code }: Trial): boolean {
    if (FINAL.has(code) || this.#isHeldBack || !this.#hasTreatment) return true;
    return this.#scorer === null && (code === CODE.belowPropensity || code === CODE.notWorth);
  }

  /** Whether what the action itself needs is there after some moves. */
  isFree(moves: readonly Move[]): boolean {
    this.#write(moves);
    let isFree = true;
    for (let i = 0; i < this.#own.length && isFree; i++) isFree = at(this.#own, i).isMet(this.#x);
    this.#takeBack(moves);
    return isFree;
  }

  /** What of it would be missing. */
  failing(moves: readonly Move[]): readonly Requirement[] {
    this.#write(moves);
    const failing = this.#own.filter(({ isMet }) => !isMet(this.#x));
    this.#takeBack(moves);
    return failing;
  }

  get #treatments(): Treatments {
    return this.#compiled.treatments(this.#facts.channel, this.#facts.language);
  }

  /** Its conditions, a treatment, and that no care rule stands before it where it is a sale. */
  #requirementsOf(action: number): readonly Requirement[] {
    const { predicates, conditions, care, sales } = this.#compiled;
    const asked = (predicate: number, truth: number): Requirement => {
      const { evaluate } = at(predicates, predicate);
      return { isMet: (x) => evaluate(x) === truth, variables: this.#changeable.ofPredicate(predicate) };
    };
    const treatments = this.#treatments;
    const wordings = treatments.depending.get(action) ?? [];
    const isEligibilityAlone = this.#facts.arm === 'eligibility-only' && isLifted(this.#compiled, action);
    const conditionsAsked = isEligibilityAlone ? at(this.#compiled.revision.actions, action).eligibility.length : Infinity;
    return [
      ...at(conditions.predicates, action)
        .slice(0, conditionsAsked)
        .map((predicate) => asked(predicate, TRUE)),
      ...(sales[action] === 1 ? care.map((predicate) => asked(predicate, FALSE)) : []),
      ...(wordings.length === 0
        ? []
        : [
            {
              isMet: (x: Float64Array) => treatmentAt(treatments, predicates, action, x) !== NONE,
              variables: wordings.flatMap(({ predicate }) => (predicate === null ? [] : this.#changeable.ofPredicate(predicate))),
            },
          ]),
    ];
  }

  #write(moves: readonly Move[]): void {
    for (const move of moves) for (const [slot, number] of this.#writtenBy(move)) this.#x[slot] = number;
  }

  #takeBack(moves: readonly Move[]): void {
    for (const move of moves) for (const [slot] of this.#writtenBy(move)) this.#x[slot] = this.#present[slot] as number;
  }

  /** Numbers of the variables that what the action needs may turn on. */
  get ownVariables(): ReadonlySet<number> {
    return new Set(this.#own.flatMap(({ variables }) => variables));
  }

  run(moves: readonly Move[]): Trial {
    const work = this.#work;
    const facts = this.#altered(moves);
    const values = this.#alteredValues(moves);
    const field = (path: string): FieldFact => values[this.#compiled.slots.find(path) ?? -1] ?? null;
    const candidates = filterFacts(work, facts, { ...this.#candidates, profile: null, field });
    settle(work, candidates, this.#scoresOf(candidates, values));
    const code = work.codes[this.#action] as number;
    const place = candidates.actions.indexOf(this.#action);
    return { code, above: place < 0 ? [] : this.#above(candidates, place) };
  }

  /** Candidates in the way: those before it in rank; for a fallback every one that is none. */
  #above({ actions }: Candidates, place: number): readonly number[] {
    const { codes, priority } = this.#work;
    const { mandatory, fallback } = this.#compiled;
    const isLast = fallback[this.#action] === 1 && mandatory[this.#action] === 0;
    const own = { mandatory: mandatory[this.#action] as number, priority: priority[place] as number };
    const found: number[] = [];
    for (let i = 0; i < actions.length; i++) {
      const action = actions[i] as number;
      if (i === place) continue;
      if (isLast && fallback[action] === 0) {
        if (codes[action] !== CODE.belowPropensity && codes[action] !== CODE.belowPriority) found.push(action);
        continue;
      }
      if (RANKED[codes[action] as number] === 0) continue;
      const rank = (mandatory[action] as number) - own.mandatory || (priority[i] as number) - own.priority || place - i;
      if (rank > 0) found.push(action);
    }
    return found;
  }

  /** Numbers of the variables without which nothing that matters to an action that is scored can change. */
  relevant({ above, code }: Trial): ReadonlySet<number> {
    const found = new Set<number>();
    const addAll = (variables: readonly number[]): void => {
      for (const variable of variables) found.add(variable);
    };
    const add = (predicate: number): void => addAll(this.#changeable.ofPredicate(predicate));
    this.#contextOf(this.#action).forEach(add);
    if (this.#scorer !== null)
      for (const variable of this.#changeable.variables) if (variable.kind === 'field' && variable.isScored) found.add(variable.number);
    if (code !== CODE.outranked && code !== CODE.notDrawn) return found;
    for (const action of above) {
      if (found.size === this.#changeable.variables.length) break;
      for (const { variables } of this.#requirementsOf(action)) addAll(variables);
      this.#contextOf(action).forEach(add);
    }
    return found;
  }

  /** The predicates of its context weights. */
  #contextOf(action: number): Int32Array {
    const { contextOf, contextPredicates, contextStart } = this.#compiled;
    return contextOf.subarray(contextStart[action], contextStart[action + 1]).map((number) => contextPredicates[number] as number);
  }

  #byAction({ propensity }: Scores, { actions }: Candidates): Float64Array {
    const fixed = new Float64Array(this.#compiled.revision.actions.length).fill(Number.NaN);
    for (let i = 0; i < actions.length; i++) fixed[actions[i] as number] = propensity?.[i] ?? Number.NaN;
    return fixed;
  }

  #scoresOf({ actions }: Candidates, values: readonly FieldFact[]): Scores {
    const propensity = this.#work.modelScore.subarray(0, actions.length);
    if (this.#scorer !== null) this.#scorer.score(values, null, actions, propensity);
    else if (this.#fixed === null) return this.#scores;
    else for (let i = 0; i < actions.length; i++) propensity[i] = this.#fixed[actions[i] as number] as number;
    return { ...this.#scores, propensity };
  }

  #altered(moves: readonly Move[]): DecisionFacts {
    if (moves.length === 0) return this.#facts;
    const fields = [...this.#facts.fields];
    const modelFields = [...this.#facts.modelFields];
    let { said } = this.#facts;
    for (const { variable, to, saying } of moves) {
      if (variable.kind === 'field') {
        if (variable.place >= 0) fields[variable.place] = to;
        if (variable.modelPlace >= 0) modelFields[variable.modelPlace] = to;
      } else if (saying !== null) {
        const heard = said;
        const news = saying.lists.filter(([list]) => !heard.some(([known]) => known === list));
        said = [...heard, ...news.map(([list, phrase]) => [list, phrase, this.nowMs] as const)].toSorted((a, b) => a[0] - b[0]);
        const place = this.#compiled.usedFields.indexOf(this.#topics);
        if (place >= 0) fields[place] = withTopics(fields[place] ?? null, saying.topics);
      }
    }
    return { ...this.#facts, fields, modelFields, said };
  }

  #alteredValues(moves: readonly Move[]): readonly FieldFact[] {
    if (moves.length === 0) return this.#values;
    const values = [...this.#values];
    for (const { variable, to, saying } of moves) {
      if (variable.kind === 'field') values[variable.index] = to;
      else if (saying !== null) values[this.#topics] = withTopics(values[this.#topics] ?? null, saying.topics);
    }
    return values;
  }

  get #topics(): number {
    return this.#compiled.slots.field('call.topics');
  }

  #writtenBy(move: Move): readonly (readonly [slot: number, number: number])[] {
    let written = this.#written.get(move);
    if (written === undefined) {
      const { slots, sources } = move.variable;
      const numbers = new Float64Array(slots.length);
      fillSlots(sources, this.#altered([move]), this.nowMs, numbers);
      written = slots.flatMap((slot, i) => (Object.is(numbers[i], this.#present[slot]) ? [] : [[slot, numbers[i] as number] as const]));
      this.#written.set(move, written);
    }
    return written;
  }
}

function withTopics(value: FieldFact, topics: readonly string[]): FieldFact {
  const known = Array.isArray(value) ? (value as readonly string[]) : [];
  return [...known, ...topics.filter((topic) => !known.includes(topic))];
}
