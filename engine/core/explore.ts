/**
 * Which candidate the card goes to where the policy explores, and with what probability it came out as it did.
 *
 *   arms        the first `candidates` that may be shown, in order of rank; never one that is mandatory or significant
 *   p(other)    1 / (candidates + γ · gap),  gap = 1 − priority / priority of the first
 *   p(first)    the rest
 *
 * Inverse gap weighting (Abe & Long 1999; SquareCB, Foster & Rakhlin 2020) with the number of arms fixed at what the policy says, so
 * that it holds with fewer of them too. The gap is relative: priorities are money, and no two policies earn alike.
 *
 * Before the draw chance has decided already who is in the control group and which throttled actions are tried. The probability is
 * over all of it: each candidate j, in order of rank, is there with its share s_j (1 unless throttled), each by itself, so
 *
 *   P(b is first)   = s_b · Π_{i<b} (1 − s_i)
 *   P(a is shown)   = P(a first) · (1 − Σ_{c>a} s_c · P(fewer than candidates − 1 arms between) · p(c | a))
 *                   + Σ_{b<a} P(b first) · s_a · P(fewer than candidates − 1 arms between) · p(a | b)
 *
 * times 1 − the share of control. All in closed form; one number is drawn, and it follows from the decision's seed.
 */
import { at } from './at.ts';
import { Attendance } from './attention.ts';
import { CODE, PASSED } from './codes.ts';
import type { CompiledModel } from './compile-model.ts';
import { isAboveThresholds, isMustSayOnly, throttleShare } from './factors.ts';
import type { Candidates } from './filter.ts';
import type { Rung } from '#contract/reason-codes.ts';
import type { Workspace } from './workspace.ts';

export interface Explored {
  /** The candidate's place that ranks first, whatever its priority; −1 = as the priorities have it. */
  readonly favoured: number;
  /** Places of those that were there and rank before it: chance passed them over. */
  readonly passedOver: readonly number[];
  /** Of what came of it: this card, or none. Null where the policy does not explore. */
  readonly probability: number | null;
}

const NOBODY: readonly number[] = [];
const UNASKED: Explored = { favoured: -1, passedOver: NOBODY, probability: null };
/** Nothing was left to chance. */
const CERTAIN: Explored = { favoured: -1, passedOver: NOBODY, probability: 1 };

/** One that could be shown. */
interface Runner {
  readonly place: number;
  readonly priority: number;
  /** Of calls in which it is there. */
  readonly share: number;
  readonly isHere: boolean;
  readonly isSignificant: boolean;
}

export function explore(work: Workspace, candidates: Candidates, rung: Rung, model: CompiledModel | null): Explored {
  const { exploration, control } = work.compiled.revision;
  if (exploration === undefined || candidates.facts.arm !== 'nba') return UNASKED;
  const attendance = new Attendance(work.compiled, candidates);
  if (isMustSayOnly(rung) || attendance.isClosed || hasMandatory(work, candidates)) return CERTAIN;
  const field = fieldOf(work, candidates, model, attendance);
  const held = control?.share ?? 0;
  const nothing = held + (1 - held) * (1 - shownAtAll(field.main) - field.noOther * shownAtAll(field.fallback));
  if (candidates.facts.control) return { favoured: -1, passedOver: NOBODY, probability: nothing };
  const { runners, factor } = field.isOtherHere ? { runners: field.main, factor: 1 } : { runners: field.fallback, factor: field.noOther };
  const first = runners.findIndex(({ isHere }) => isHere);
  if (first < 0) return { favoured: -1, passedOver: NOBODY, probability: nothing };
  const chosen = draw(runners, first, exploration, uniform(candidates.seed));
  return {
    favoured: at(runners, chosen).place,
    passedOver: runners.slice(0, chosen).flatMap(({ isHere, place }) => (isHere ? [place] : [])),
    probability: (1 - held) * factor * chanceOf(runners, chosen, exploration),
  };
}

/** Of one card, by its place among the candidates, or of none: −1. */
export interface Chance {
  readonly place: number;
  readonly probability: number;
}

/**
 * What could have come of it, over control, throttle and exploration, `shown` being what did: the cards with a chance, and none at all. Where
 * nothing is left to chance, and in an arm of an experiment, that is `shown` alone (−1 = none).
 */
export function chancesOf(
  work: Workspace,
  candidates: Candidates,
  rung: Rung,
  model: CompiledModel | null,
  shown: number,
): readonly Chance[] {
  const { exploration = LOGGED_ALONE, control } = work.compiled.revision;
  const attendance = new Attendance(work.compiled, candidates);
  const isMandatory = shown >= 0 && work.compiled.mandatory[candidates.actions[shown] as number] === 1;
  if (candidates.facts.arm !== 'nba' || isMustSayOnly(rung) || attendance.isClosed || isMandatory)
    return [{ place: shown, probability: 1 }];
  const { main, fallback, noOther } = fieldOf(work, candidates, model, attendance);
  const held = control?.share ?? 0;
  const of = (runners: readonly Runner[], factor: number): readonly Chance[] =>
    runners.map(({ place }, i) => ({ place, probability: (1 - held) * factor * chanceOf(runners, i, exploration) }));
  const nothing = held + (1 - held) * (1 - shownAtAll(main) - noOther * shownAtAll(fallback));
  return [...of(main, 1), ...of(fallback, noOther), { place: -1, probability: nothing }].filter(({ probability }) => probability > 0);
}

/** Of a policy that does not explore. */
const LOGGED_ALONE = { candidates: 1, gamma: 0 } as const;

interface Field {
  /** By rank. */
  readonly main: readonly Runner[];
  /** Shown only where nothing else is left. */
  readonly fallback: readonly Runner[];
  /** Some candidate that is no fallback is there, whether it can be shown now or not. */
  readonly isOtherHere: boolean;
  /** Probability of the opposite. */
  readonly noOther: number;
}

function fieldOf(work: Workspace, { actions }: Candidates, model: CompiledModel | null, attendance: Attendance): Field {
  const { compiled, codes, propensity, priority } = work;
  const main: Runner[] = [];
  const fallback: Runner[] = [];
  let noOther = 1;
  let isOtherHere = false;
  for (let place = 0; place < actions.length; place++) {
    const action = actions[place] as number;
    // Whoever is held out never gets it: that is no chance of this decision's, and in its record.
    if (codes[action] === CODE.heldOut) continue;
    if (!isAboveThresholds(compiled, action, propensity[place] as number, priority[place] as number)) continue;
    const share = throttleShare(compiled, action, model);
    const isHere = codes[action] === PASSED;
    const isFallback = compiled.fallback[action] === 1;
    if (!isFallback) {
      noOther *= 1 - share;
      if (isHere) isOtherHere = true;
    }
    if (!attendance.isShowable(action, propensity[place] as number)) continue;
    const isSignificant = compiled.significant[action] === 1;
    (isFallback ? fallback : main).push({ place, priority: priority[place] as number, share, isHere, isSignificant });
  }
  const byRank = (one: Runner, other: Runner): number => other.priority - one.priority || one.place - other.place;
  return { main: main.toSorted(byRank), fallback: fallback.toSorted(byRank), noOther, isOtherHere };
}

function hasMandatory({ compiled, codes }: Workspace, { actions }: Candidates): boolean {
  for (let i = 0; i < actions.length; i++) {
    if (compiled.mandatory[actions[i] as number] === 1 && codes[actions[i] as number] === PASSED) return true;
  }
  return false;
}

/** Probability that any of them is there. */
function shownAtAll(runners: readonly Runner[]): number {
  let none = 1;
  for (const { share } of runners) none *= 1 - share;
  return 1 - none;
}

type Settings = NonNullable<CompiledExploration>;
type CompiledExploration = Workspace['compiled']['revision']['exploration'];

/** Probability of another one where `first` is the first. */
function chanceBeside(first: Runner, other: Runner, { candidates, gamma }: Settings): number {
  const gap = first.priority > 0 ? 1 - other.priority / first.priority : 0;
  return 1 / (candidates + gamma * gap);
}

function draw(runners: readonly Runner[], first: number, settings: Settings, drawn: number): number {
  const best = at(runners, first);
  if (best.isSignificant) return first;
  let left = drawn;
  let arms = 1;
  for (let other = first + 1; other < runners.length && arms < settings.candidates; other++) {
    const runner = at(runners, other);
    if (!runner.isHere || runner.isSignificant) continue;
    const chance = chanceBeside(best, runner, settings);
    if (left < chance) return other;
    left -= chance;
    arms++;
  }
  return first;
}

/** Probability that the one at `chosen` is shown, over who is there and what is drawn. */
function chanceOf(runners: readonly Runner[], chosen: number, settings: Settings): number {
  const own = at(runners, chosen);
  const firstAlone = isFirst(runners, chosen);
  if (own.isSignificant) return firstAlone;
  let others = 0;
  let between = new Between(settings.candidates);
  for (let other = chosen + 1; other < runners.length && between.hasRoom > 0; other++) {
    const runner = at(runners, other);
    if (runner.isSignificant) continue;
    others += runner.share * between.hasRoom * chanceBeside(own, runner, settings);
    between.pass(runner.share);
  }
  let total = firstAlone * (1 - others);
  between = new Between(settings.candidates);
  for (let before = chosen - 1; before >= 0 && between.hasRoom > 0; before--) {
    const runner = at(runners, before);
    if (runner.isSignificant) continue;
    total += isFirst(runners, before) * own.share * between.hasRoom * chanceBeside(runner, own, settings);
    between.pass(runner.share);
  }
  return total;
}

function isFirst(runners: readonly Runner[], place: number): number {
  let chance = at(runners, place).share;
  for (let i = 0; i < place; i++) chance *= 1 - at(runners, i).share;
  return chance;
}

/** How many arms there are between two, as far as it matters. */
class Between {
  /** Probability of exactly so many. */
  readonly #exactly: number[];

  constructor(candidates: number) {
    this.#exactly = Array.from({ length: candidates - 1 }, (_, count) => (count === 0 ? 1 : 0));
  }

  /** Probability that one more is still an arm. */
  get hasRoom(): number {
    let sum = 0;
    for (const chance of this.#exactly) sum += chance;
    return sum;
  }

  pass(share: number): void {
    for (let count = this.#exactly.length - 1; count >= 0; count--) {
      this.#exactly[count] =
        (this.#exactly[count] as number) * (1 - share) + (count > 0 ? (this.#exactly[count - 1] as number) * share : 0);
    }
  }
}

/** 0 ≤ x < 1 of 32 bits: the finaliser of MurmurHash3, so that seeds that follow each other do not. */
function uniform(seed: number): number {
  let mixed = seed ^ (seed >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}
