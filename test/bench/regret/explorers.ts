/** Ways to choose among actions of which little is known. All know the same: the answers so far, by situation and action. */
import type { CheckedRevision } from '#contract/checked-policy.ts';
import { compileRevision, Decider } from '#core';
import { action, activeCall, core, inputs, modelWith, revision } from '../../core/fixtures.ts';
import type { World } from './environments.ts';

/** Yes and all answers of one action in one situation, with what was believed before any. */
export interface Belief {
  readonly yes: number;
  readonly all: number;
}

/** Chooses among beliefs (null = not to be had), by number. */
export type Explorer = (beliefs: readonly (Belief | null)[], random: () => number) => number;

const rate = ({ yes, all }: Belief): number => yes / all;

const best = (worths: readonly number[]): number => worths.reduce((found, worth, i) => (worth > (worths[found] ?? -1) ? i : found), 0);
const known = (beliefs: readonly (Belief | null)[]): readonly number[] => beliefs.flatMap((belief, i) => (belief === null ? [] : [i]));
const drawnOf = (beliefs: readonly (Belief | null)[], random: () => number): number => {
  const there = known(beliefs);
  return there[Math.floor(random() * there.length)] ?? 0;
};

const greedy: Explorer = (beliefs) => best(beliefs.map((belief) => (belief === null ? -1 : rate(belief))));
const uniform: Explorer = (beliefs, random) => drawnOf(beliefs, random);
/** Vowpal Wabbit's usual ε. */
const epsilonGreedy: Explorer = (beliefs, random) => (random() < 0.05 ? drawnOf(beliefs, random) : greedy(beliefs, random));
/** Thompson 1933: from Beta(yes, no). */
const thompson: Explorer = (beliefs, random) =>
  best(beliefs.map((belief) => (belief === null ? -1 : beta(belief.yes, belief.all - belief.yes, random))));

function beta(a: number, b: number, random: () => number): number {
  const x = gamma(a, random);
  return x / (x + gamma(b, random));
}

/** Marsaglia & Tsang 2000; below 1 by the power of an even draw. */
function gamma(shape: number, random: () => number): number {
  if (shape < 1) return gamma(shape + 1, random) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** The decision core's own, as a policy switches it on: every action is worth as much, so that its propensity ranks. */
function squareCb(world: World, exploration: NonNullable<CheckedRevision['exploration']>): Explorer {
  const actions = world.actions.map((_, i) => action(`a${String(i).padStart(3, '0')}`, { value: 1 }));
  const level = { capPerCall: 20, gapS: 0, interruptionCost: 0 };
  const policy = revision(actions, {
    maxChips: 0,
    exploration,
    attention: { pauseMs: 0, holdAtMostMs: 0, levels: { guided: level, standard: level, minimal: level } },
  });
  const decider = new Decider(compileRevision(policy), core);
  const model = { ...modelWith(1), evidence: new Float64Array(actions.length).fill(1e15), positives: new Float64Array(actions.length) };
  const call = activeCall();
  return (beliefs, random) => {
    const excluded = actions.flatMap(({ id }, i) => (beliefs[i] === null ? [id] : []));
    const given = inputs({ call, excluded, seed: Math.floor(random() * 2 ** 32) });
    const candidates = decider.filter(given);
    const propensity = Float64Array.from(candidates.actions, (number) => {
      const belief = beliefs[number];
      return belief === null || belief === undefined ? 0 : rate(belief);
    });
    const { result } = decider.arbitrate(given, candidates, { rung: 'model', propensity, model });
    if (result.kind !== 'show') throw new Error(`nothing was shown: ${result.reason}`);
    return actions.findIndex(({ id }) => id === result.prompts[0]?.actionId);
  };
}

export const EXPLORERS: Readonly<Record<string, (world: World) => Explorer>> = {
  squareCb: (world) => squareCb(world, { candidates: 4, gamma: 40 }),
  epsilonGreedy: () => epsilonGreedy,
  thompson: () => thompson,
  greedy: () => greedy,
  uniform: () => uniform,
};
