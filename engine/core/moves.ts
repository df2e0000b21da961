/** Values a variable could have had instead: one for every outcome its conditions can tell apart, the nearest of its kind. */
import type { Speaker } from '#contract/call-events.ts';
import { at } from './at.ts';
import type { FieldVariable, Saying, SpeechVariable, Variable } from './changeable.ts';
import type { DecisionFacts, FieldFact } from './facts.ts';

export interface Move {
  readonly variable: Variable;
  /** The value, or the phrase that is said. */
  readonly to: FieldFact;
  readonly by: Speaker;
  /** How many outcomes lie between it and what is: bounds passed, values put into or taken out of a set, else 1. */
  readonly distance: number;
  readonly saying: Saying | null;
}

/** Up to so many named values every set of them is tried; up to so many, every two put in or taken out; else every one. */
const ALL_OF = 4;
const TWO_OF = 24;

/** The nearest first. `value` is the present one; null is unknown. */
export function movesOf(variable: Variable, value: FieldFact, facts: DecisionFacts, nowMs: number): readonly Move[] {
  const moves = variable.kind === 'speech' ? sayings(variable, facts) : fieldMoves(variable, value, facts, nowMs);
  return moves.toSorted((one, other) => one.distance - other.distance);
}

/** More values could tell than are tried: more of a large set at once, what lies between two numbers a model reads. */
export function isPartial(variable: Variable): boolean {
  if (variable.kind === 'speech') return false;
  return variable.modelBounds.length > 0 || (variable.field.type === 'set' && variable.named.length > ALL_OF);
}

/** What was said cannot be unsaid. */
function sayings(variable: SpeechVariable, { said }: DecisionFacts): readonly Move[] {
  const isHeard = (list: number): boolean => said.some(([heard]) => heard === list);
  return variable.ways
    .filter(({ lists }) => !lists.every(([list]) => isHeard(list)))
    .map((saying) => ({ variable, to: saying.phrase, by: saying.by, distance: 1, saying }));
}

function fieldMoves(variable: FieldVariable, value: FieldFact, facts: DecisionFacts, nowMs: number): readonly Move[] {
  const { field, by } = variable;
  // Nobody is known to be on the line: there is no profile that could say otherwise.
  if (field.path.startsWith('profile.') && facts.history === 'own') return [];
  // Whatever it were, it could not be read.
  if ((facts.basis[variable.purpose] ?? -1) >= 0) return [];
  const move = (to: FieldFact, distance = 1): Move => ({ variable, to, by, distance, saying: null });
  switch (field.type) {
    case 'boolean':
      return [true, false].filter((to) => to !== value).map((to) => move(to));
    case 'enum': {
      // Who the caller is brings all that is known of them, which a record of an unknown caller does not hold.
      const values = field.path === 'call.identity' ? (value === 'unknown' ? [] : ['asserted', 'verified']) : (field.values ?? []);
      return values.filter((to) => to !== value).map((to) => move(to));
    }
    case 'text':
      // Any text that nobody asks for does as well as none.
      return [...new Set([...variable.named, ''])].filter((to) => to !== value).map((to) => move(to));
    case 'set':
      return sets(variable, value).map(([to, toggled]) => move(to, toggled));
    case 'number':
    case 'time':
      return numbers(variable, typeof value === 'number' ? value : null, nowMs).map(([to, distance]) => move(to, distance));
  }
}

/** With and without each value that is named; all others stay as they are. */
function sets({ named, field }: FieldVariable, value: FieldFact): readonly (readonly [readonly string[], number])[] {
  const present = Array.isArray(value) ? (value as readonly string[]) : null;
  const toggled = (which: readonly string[]): readonly string[] => {
    const kept = (present ?? []).filter((item) => !which.includes(item));
    return [...kept, ...which.filter((item) => !(present ?? []).includes(item))];
  };
  const found: (readonly [readonly string[], number])[] = [];
  const choose = (from: number, chosen: readonly string[], atMost: number): void => {
    if (chosen.length > 0) found.push([toggled(chosen), chosen.length]);
    if (chosen.length < atMost) for (let i = from; i < named.length; i++) choose(i + 1, [...chosen, at(named, i)], atMost);
  };
  choose(0, [], named.length <= ALL_OF ? named.length : named.length <= TWO_OF ? 2 : 1);
  // A set nobody knows can also turn out to be empty.
  return present === null && field.type === 'set' ? [[[], 1], ...found] : found;
}

/** Steps in 1 of the numbers a person would name; times go by whole minutes. */
const SCALES = [1, 10, 100, 1_000, 10_000] as const;
const FINEST = 10_000;
const MINUTE_MS = 60_000;
/** Where only a model reads a number, its range is gone through in about as many steps. */
const STEPS = 20;

const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-6;

/** As few decimal places as the bounds themselves have. */
function scaleOf({ bounds, modelBounds }: FieldVariable): number {
  if (bounds.length > 0) return SCALES.find((scale) => bounds.every((bound) => isWhole(bound * scale))) ?? FINEST;
  const width = Math.max(...modelBounds) - Math.min(...modelBounds);
  return SCALES.find((scale) => width * scale >= STEPS) ?? FINEST;
}

/** The nearest number a person would name. */
export function neat(variable: FieldVariable, value: number): number {
  if (variable.field.type === 'time') return Math.round(value);
  const scale = scaleOf(variable);
  return Math.round(value * scale) / scale + 0;
}

/** The least by which two of them differ. */
export const stepOf = (variable: FieldVariable): number => (variable.field.type === 'time' ? MINUTE_MS : 1 / scaleOf(variable));

/**
 * Bounds cut the numbers into cells: each bound, and each stretch between two. A value of every other cell is tried, the
 * one nearest to the present; where a model reads the number also the far end, since there more of it may matter.
 */
function numbers(variable: FieldVariable, value: number | null, nowMs: number): readonly (readonly [number, number])[] {
  const step = stepOf(variable);
  const isSmooth = variable.modelBounds.length > 0;
  const named = [...variable.bounds.map((bound) => bound + 0), ...variable.sinceBounds.map((bound) => nowMs - bound)];
  const bounds = [...new Set([...named, ...variable.modelBounds.map((bound) => neat(variable, bound))])].toSorted((a, b) => a - b);
  if (bounds.length === 0) return [];
  // What is not below zero and is compared with nothing below zero does not go there.
  const floor = named.every((bound) => bound >= 0) && (value === null || value >= 0) ? 0 : -Infinity;
  const present = value === null ? null : cellOf(bounds, value);
  const found = new Map<number, number>();
  const offer = (to: number, distance: number): void => {
    if (to !== value && to >= floor && !found.has(to)) found.set(to, distance);
  };
  for (let cell = 0; cell <= bounds.length * 2; cell++) {
    const distance = present === null ? 1 : Math.abs(cell - present);
    if (cell % 2 === 1) {
      offer(at(bounds, (cell - 1) / 2), distance);
      continue;
    }
    const low = bounds[cell / 2 - 1] ?? -Infinity;
    const high = bounds[cell / 2] ?? Infinity;
    const offerInside = (near: number, further: number): void => {
      const to = near > low && near < high ? near : (low + high) / 2;
      if (to > low && to < high) offer(to, distance + further);
    };
    const isBelow = low === -Infinity || (present !== null && cell < present);
    const fromLow = neat(variable, low + step);
    const fromHigh = neat(variable, high - step);
    if (cell !== present) offerInside(isBelow ? fromHigh : fromLow, 0);
    if (!isSmooth || low === -Infinity || high === Infinity) continue;
    if (cell === present || isBelow) offerInside(fromLow, 0.5);
    if (cell === present || !isBelow) offerInside(fromHigh, 0.5);
  }
  return [...found];
}

/** 2i + 1 for bound i itself, 2i for the stretch below it. */
function cellOf(bounds: readonly number[], value: number): number {
  const above = bounds.findIndex((bound) => bound >= value);
  if (above < 0) return bounds.length * 2;
  return bounds[above] === value ? above * 2 + 1 : above * 2;
}
