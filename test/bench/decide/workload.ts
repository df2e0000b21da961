/**
 * The common workload: customers, and actions that ask five things of them. The same numbers for every engine and on every
 * machine, from one seed.
 *
 *   profile   f0 … f39 whole numbers in [0, 1000), c0 … c19 one of eight words: 60 fields
 *   action    five conditions, all needed; about a third of the actions pass
 *   P         1 / (1 + e^−(bias + weights · encoded)), over the 60 encoded fields
 *   priority  P × C × V × L, with C = 1.5 where the action's issue is the call's reason
 */
import { mulberry32 } from './mulberry32.ts';

export const NUMBERS = 40;
export const WORDS = 20;
export const FIELDS = NUMBERS + WORDS;
export const VALUES = ['v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7'] as const;
export const ISSUES = 8;
/** C where the action is about what the customer calls for. */
export const REASON_FACTOR = 1.5;

export type Profile = Readonly<Record<string, number | string>>;

export type Asked =
  | { readonly field: string; readonly op: '>=' | '<='; readonly value: number }
  | { readonly field: string; readonly op: 'in'; readonly values: readonly string[] }
  | { readonly field: string; readonly op: '!='; readonly value: string };

export interface WorkloadAction {
  readonly id: string;
  readonly issue: number;
  readonly conditions: readonly [Asked, Asked, Asked, Asked, Asked];
  readonly value: number;
  readonly lever: number;
  readonly weights: Float64Array;
  readonly bias: number;
}

export interface Customers {
  readonly profiles: readonly Profile[];
  /** Per profile, its fields as numbers: n / 1000, and the word's place / 7. */
  readonly encoded: readonly Float64Array[];
  /** Per profile, the issue the customer calls about. */
  readonly reasons: readonly number[];
}

export interface Workload extends Customers {
  readonly actions: readonly WorkloadAction[];
}

/** A whole number in [0, n). */
type Draw = (n: number) => number;

const numberField = (draw: Draw): string => `f${draw(NUMBERS)}`;

function drawCustomers(draw: Draw, count: number): Customers {
  const profiles: Profile[] = [];
  const encoded: Float64Array[] = [];
  for (let customer = 0; customer < count; customer++) {
    const profile: Record<string, number | string> = {};
    const numbers = new Float64Array(FIELDS);
    for (let i = 0; i < NUMBERS; i++) {
      const value = draw(1_000);
      profile[`f${i}`] = value;
      numbers[i] = value / 1_000;
    }
    for (let i = 0; i < WORDS; i++) {
      const place = draw(VALUES.length);
      profile[`c${i}`] = VALUES[place]!;
      numbers[NUMBERS + i] = place / (VALUES.length - 1);
    }
    profiles.push(profile);
    encoded.push(numbers);
  }
  return { profiles, encoded, reasons: profiles.map(() => draw(ISSUES)) };
}

function drawAction(number: number, draw: Draw, random: () => number): WorkloadAction {
  const fields = [numberField(draw), numberField(draw), numberField(draw)] as const;
  const word = draw(WORDS);
  const drawnWord = draw(WORDS);
  const otherWord = drawnWord === word ? (word + 1) % WORDS : drawnWord;
  const values: string[] = [...VALUES];
  values.splice(draw(8), 1);
  values.splice(draw(7), 1);
  return {
    id: `a${number}`,
    issue: draw(ISSUES),
    conditions: [
      { field: fields[0], op: '>=', value: 100 + draw(200) },
      { field: fields[1], op: '<=', value: 700 + draw(200) },
      { field: `c${word}`, op: 'in', values },
      { field: `c${otherWord}`, op: '!=', value: VALUES[draw(8)]! },
      { field: fields[2], op: '>=', value: 100 + draw(200) },
    ],
    value: 0.1 + random() * 0.9,
    lever: 0.5 + random(),
    weights: Float64Array.from({ length: FIELDS }, () => random() - 0.5),
    bias: -2 + random(),
  };
}

const drawFrom =
  (random: () => number): Draw =>
  (n) =>
    Math.floor(random() * n);

/** The workload of so many actions; the seed is the same for all sizes. */
export function makeWorkload(actions: number, profiles = 256, seed = 7): Workload {
  const random = mulberry32(seed + actions);
  const draw = drawFrom(random);
  const customers = drawCustomers(draw, profiles);
  return { ...customers, actions: Array.from({ length: actions }, (_, number) => drawAction(number, draw, random)) };
}

/** The same actions before other customers. */
export const withCustomers = (workload: Workload, count: number, seed = 11): Workload => ({
  ...drawCustomers(drawFrom(mulberry32(seed)), count),
  actions: workload.actions,
});

/** The same, but each action's first condition stops nine customers in ten. A limit that would leave nobody is lifted: no policy may have one. */
export const selective = (workload: Workload): Workload => ({
  ...workload,
  actions: workload.actions.map((action) => {
    const [first, second, ...others] = action.conditions;
    if (first.op !== '>=' || second.op !== '<=') throw new Error(`action ${action.id} does not begin with a least and a greatest number`);
    const lifted = second.field === first.field ? { ...second, value: 999 } : second;
    return { ...action, conditions: [{ ...first, value: 900 }, lifted, ...others] as const };
  }),
});
