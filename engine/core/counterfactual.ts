/**
 * What would have changed it: the fewest values that, had they been otherwise, would have shown an action that was not
 * shown, or not shown one that was. Each answer has been decided again and turned the decision.
 *
 * An action that its own conditions hold back names the fields that could free it; one that only its rank keeps away, the
 * fields its priority and those before it depend on. Other changes of at most two values cannot help and are not tried.
 */
import type { Change, WhatIf } from '#contract/decision.ts';
import { at } from './at.ts';
import { canonicalJson } from './canonical-json.ts';
import { Changeable, type Variable } from './changeable.ts';
import type { CompiledModel } from './compile-model.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { Scores } from './factors.ts';
import type { Candidates } from './filter.ts';
import { isPartial, type Move, movesOf, neat, stepOf } from './moves.ts';
import { type Requirement, type Trial, Trials } from './trials.ts';
import { Workspace } from './workspace.ts';

export interface WhatIfOptions {
  /** Most times it is decided again. */
  readonly maxReruns?: number;
}

const MOST_RERUNS = 300;
const ALTERNATIVES = 3;
/** Pairs and conditions looked at for each time it is decided again. */
const LOOKS_PER_RERUN = 10;

/** Searches under one revision, in memory of its own. */
export class CounterfactualSearch {
  readonly #work: Workspace;
  #changeable: { readonly model: CompiledModel | null; readonly changeable: Changeable } | null = null;

  constructor(compiled: CompiledRevision) {
    this.#work = new Workspace(compiled);
  }

  find(candidates: Candidates, scores: Scores, action: number, { maxReruns = MOST_RERUNS }: WhatIfOptions): WhatIf {
    const model = (scores.model?.additive ?? null) === null ? null : scores.model;
    if (this.#changeable?.model !== model || this.#changeable === null)
      this.#changeable = { model, changeable: new Changeable(this.#work.compiled, model) };
    const { changeable } = this.#changeable;
    return new Search(changeable, new Trials(this.#work, changeable, candidates, scores, action), maxReruns).answer();
  }
}

interface Pair {
  /** In the order of the catalogue. */
  readonly moves: readonly [Move, Move];
  /** The lower, the likelier to turn the decision. */
  readonly promise: number;
}

const distanceOf = (moves: readonly Move[]): number => moves.reduce((sum, { distance }) => sum + distance, 0);
const pairOf = (one: Move, other: Move, promise: number): Pair => ({
  moves: one.variable.number < other.variable.number ? [one, other] : [other, one],
  promise,
});
/** Nearer first, then the order of the catalogue. Both in catalogue order themselves. */
function compare(one: readonly Move[], other: readonly Move[]): number {
  const byDistance = distanceOf(one) - distanceOf(other);
  if (byDistance !== 0) return byDistance;
  for (const [place, { variable }] of one.entries()) {
    const byOrder = variable.number - at(other, place).variable.number;
    if (byOrder !== 0) return byOrder;
  }
  return 0;
}

class Search {
  readonly #changeable: Changeable;
  readonly #trials: Trials;
  readonly #maxReruns: number;
  readonly #before: Trial;
  /** It was not shown, and is to be. */
  readonly #isWanted: boolean;
  readonly #moves = new Map<number, readonly Move[]>();
  /** What became of single moves that did not do. */
  readonly #tried = new Map<Move, Trial>();
  readonly #found: (readonly Move[])[] = [];
  #reruns = 0;
  #looks = 0;
  #isCutShort = false;
  #isFinal: boolean;

  constructor(changeable: Changeable, trials: Trials, maxReruns: number) {
    this.#changeable = changeable;
    this.#trials = trials;
    this.#maxReruns = maxReruns;
    this.#before = trials.run([]);
    this.#isWanted = !trials.isShown(this.#before);
    this.#isFinal = this.#isWanted && trials.isFinal(this.#before);
  }

  answer(): WhatIf {
    if (!this.#isFinal) this.#tryEach();
    if (!this.#isFinal && this.#found.length === 0 && !this.#isCutShort) this.#tryPairs();
    const isSingle = this.#found[0]?.length === 1;
    const hasGaps = [...this.#moves.keys()].some((number) => isPartial(this.#variable(number)));
    return {
      found: this.#found.map((moves) => ({ changes: moves.map((move) => this.#change(move)) })),
      reruns: this.#reruns,
      isExhaustive: this.#isFinal || (!this.#isCutShort && (isSingle || !hasGaps)),
      areScoresFixed: this.#trials.areScoresFixed,
    };
  }

  #tryEach(): void {
    const failing = this.#isWanted ? this.#trials.failing([]) : [];
    const variables = failing.length > 0 ? this.#inAll(failing) : this.#isWanted ? this.#trials.relevant(this.#before) : this.#all();
    const moves = [...variables].flatMap((number) => this.#movesOf(number)).toSorted((a, b) => compare([a], [b]));
    const done = new Set<Variable>();
    for (const move of moves) {
      if (done.has(move.variable) || (this.#isWanted && !this.#trials.isFree([move]))) continue;
      const trial = this.#try([move]);
      if (trial === null || this.#isFinal) return;
      if (!this.#isTurned(trial)) {
        this.#tried.set(move, trial);
        continue;
      }
      done.add(move.variable);
      this.#tell(this.#closer([move], 0));
      if (this.#found.length === ALTERNATIVES) return;
    }
  }

  /** The same words may be listened for in two places: what reads alike is told once. */
  #tell(moves: readonly Move[]): void {
    const key = canonicalJson(moves.map((move) => this.#change(move)));
    if (!this.#found.some((told) => canonicalJson(told.map((move) => this.#change(move))) === key)) this.#found.push(moves);
  }

  #tryPairs(): void {
    const pairs = this.#isWanted ? this.#pairsThatFree() : this.#pairsThatStop();
    const left = this.#maxReruns - this.#reruns;
    const isAll = pairs.length <= left && !this.#isCutShort;
    const ordered = pairs.toSorted((a, b) => (isAll ? 0 : a.promise - b.promise) || compare(a.moves, b.moves));
    // Of what cannot all be tried, the likeliest first: the nearest may be missed.
    if (!isAll) this.#isCutShort = true;
    const done = new Set<string>();
    for (const { moves } of ordered) {
      const key = moves.map(({ variable }) => variable.number).join(' ');
      if (done.has(key)) continue;
      const trial = this.#try(moves);
      if (trial === null || this.#isFinal) break;
      if (!this.#isTurned(trial)) continue;
      done.add(key);
      this.#tell(this.#closer(this.#closer(isAll ? moves : this.#nearer(moves), 0), 1));
      if (this.#found.length === ALTERNATIVES) break;
    }
    this.#found.sort(compare);
  }

  /** One of the two must free the action of its first failing condition, or matter to its rank; the other of what is left. */
  #pairsThatFree(): readonly Pair[] {
    const failing = this.#trials.failing([]);
    const first = failing.length > 0 ? at(failing, 0).variables : [...this.#trials.relevant(this.#before)];
    const ones = first.flatMap((number) => this.#movesOf(number)).toSorted((a, b) => this.#above(a) - this.#above(b) || compare([a], [b]));
    const pairs: Pair[] = [];
    const seen = new Map<Move, Set<Move>>();
    for (const one of ones) {
      const left = this.#trials.failing([one]);
      const others = left.length > 0 ? this.#inAll(left) : this.#trials.relevant(this.#tried.get(one) ?? this.#before);
      for (const number of others) {
        if (number === one.variable.number) continue;
        for (const other of this.#movesOf(number)) {
          if (this.#isOverlooked()) return pairs;
          if (seen.get(other)?.has(one) === true || !this.#trials.isFree([one, other])) continue;
          const known = seen.get(one);
          if (known === undefined) seen.set(one, new Set([other]));
          else known.add(other);
          pairs.push(pairOf(one, other, left.length > 0 ? 0 : this.#above(one) + this.#above(other)));
        }
      }
    }
    return pairs;
  }

  /** What the action's own conditions mention first, then what lets the most others before it. */
  #pairsThatStop(): readonly Pair[] {
    const own = this.#trials.ownVariables;
    const rank = (move: Move): number => (own.has(move.variable.number) ? -Infinity : -this.#above(move));
    const moves = this.#all()
      .flatMap((number) => this.#movesOf(number))
      .toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)) || compare([a], [b]));
    const pairs: Pair[] = [];
    for (const [place, one] of moves.entries()) {
      for (const other of moves.slice(0, place)) {
        if (other.variable === one.variable) continue;
        if (this.#isOverlooked()) return pairs;
        pairs.push(pairOf(one, other, this.#trials.isFree([one, other]) ? place : -1));
      }
    }
    return pairs;
  }

  /** Counts what is looked at; true when that was too much. */
  #isOverlooked(): boolean {
    if (this.#looks++ < this.#maxReruns * LOOKS_PER_RERUN) return false;
    this.#isCutShort = true;
    return true;
  }

  /** How many stand before the action after a move that did not do by itself. */
  #above(move: Move): number {
    return (this.#tried.get(move) ?? this.#before).above.length;
  }

  /** Null when it may not be decided again any more. */
  #try(moves: readonly Move[]): Trial | null {
    if (this.#reruns >= this.#maxReruns) {
      this.#isCutShort = true;
      return null;
    }
    this.#reruns++;
    const trial = this.#trials.run(moves);
    this.#isFinal = this.#isWanted && this.#trials.isFinal(trial);
    return trial;
  }

  #isTurned(trial: Trial): boolean {
    return this.#trials.isShown(trial) === this.#isWanted;
  }

  /** The nearest values of each side that still turn the decision, where the nearest pairs were not tried first. */
  #nearer(moves: readonly Move[]): readonly Move[] {
    let best = moves;
    for (const [place, { variable }] of moves.entries()) {
      for (const move of this.#movesOf(variable.number)) {
        if (move.distance >= at(best, place).distance) break;
        const trial = this.#tryAgain(best.with(place, move));
        if (trial === null) return best;
        if (!this.#isTurned(trial)) continue;
        best = best.with(place, move);
        break;
      }
    }
    return best;
  }

  /** A number that the model reads may turn the decision before the value that was tried: halves the way there. */
  #closer(moves: readonly Move[], place: number): readonly Move[] {
    let best = moves;
    const { variable } = at(moves, place);
    if (variable.kind !== 'field' || variable.modelBounds.length === 0) return best;
    let near = this.#trials.value(variable.index);
    let far = at(best, place).to;
    while (typeof near === 'number' && typeof far === 'number') {
      const middle = neat(variable, (near + far) / 2);
      if (middle === near || middle === far || Math.abs(far - near) < stepOf(variable)) return best;
      const tried = best.with(place, { ...at(best, place), to: middle });
      const trial = this.#tryAgain(tried);
      if (trial === null) return best;
      if (this.#isTurned(trial)) {
        best = tried;
        far = middle;
      } else near = middle;
    }
    return best;
  }

  /** For an answer that is there already: running out of tries takes nothing from it. */
  #tryAgain(moves: readonly Move[]): Trial | null {
    return this.#reruns >= this.#maxReruns ? null : this.#try(moves);
  }

  /** Variables that every one of the requirements may turn on. */
  #inAll(requirements: readonly Requirement[]): readonly number[] {
    const [first, ...rest] = requirements.map(({ variables }) => variables);
    return (first ?? []).filter((number) => rest.every((mentioned) => mentioned.includes(number)));
  }

  #all(): readonly number[] {
    return this.#changeable.variables.map(({ number }) => number);
  }

  #variable(number: number): Variable {
    return at(this.#changeable.variables, number);
  }

  #movesOf(number: number): readonly Move[] {
    let moves = this.#moves.get(number);
    if (moves === undefined) {
      const variable = this.#variable(number);
      const value = variable.kind === 'field' ? this.#trials.value(variable.index) : null;
      moves = movesOf(variable, value, this.#trials.facts, this.#trials.nowMs);
      this.#moves.set(number, moves);
    }
    return moves;
  }

  #change({ variable, to, by }: Move): Change {
    if (variable.kind === 'speech') return { path: 'said', from: null, to, by };
    return { path: variable.field.path, from: this.#trials.value(variable.index), to, by };
  }
}
