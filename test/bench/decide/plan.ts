/** What a run measures, and how long. */
import type { Pace } from './interleave.ts';

export interface Plan {
  /** Numbers of actions at which every engine decides. */
  readonly sizes: readonly number[];
  /** Numbers of actions over which the growth is shown; the last two are compared. */
  readonly growth: readonly number[];
  /** Number of actions of everything else. */
  readonly base: number;
  readonly profiles: number;
  readonly manyProfiles: number;
  /** Interactions per customer. */
  readonly histories: readonly number[];
  readonly pace: Pace;
  /** Decisions over which garbage collections are counted, and of which the slowest are looked for. */
  readonly decisionsAlone: number;
  readonly explanations: number;
  readonly searches: number;
  /** New processes that load a revision. */
  readonly loads: number;
  /** Whether the figures mean anything, so that budgets are held against them. */
  readonly isMeasured: boolean;
}

export const FULL: Plan = {
  sizes: [200, 1_000, 5_000],
  growth: [200, 1_000, 5_000, 20_000],
  base: 1_000,
  profiles: 256,
  manyProfiles: 10_000,
  histories: [0, 50, 500],
  pace: { rounds: 9, sliceMs: 80, least: 5, warmUpMs: 300 },
  decisionsAlone: 50_000,
  explanations: 2_000,
  searches: 300,
  loads: 3,
  isMeasured: true,
};

/** Everything once and small: shows that it works, measures nothing. */
export const QUICK: Plan = {
  sizes: [20, 60],
  growth: [20, 60],
  base: 60,
  profiles: 16,
  manyProfiles: 32,
  histories: [0, 5],
  pace: { rounds: 2, sliceMs: 2, least: 2, warmUpMs: 2 },
  decisionsAlone: 200,
  explanations: 20,
  searches: 10,
  loads: 1,
  isMeasured: false,
};
