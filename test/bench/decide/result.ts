/** What a run found, and whether it is what the product promises. */
import { median, type Timing } from './interleave.ts';

/** Microseconds a decision. */
export interface Micros {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface SizeResult {
  readonly ratioToFloor: number;
  /** How many times as long as Sotto each peer took. */
  readonly timesFaster: Readonly<Record<string, number>>;
  readonly us: Readonly<Record<string, Micros>>;
  readonly eligible: number;
  readonly recordBytes: { readonly median: number; readonly p99: number };
}

export interface GrowthRow {
  readonly at: number;
  readonly floorUs: number;
  readonly sottoUs: number;
  readonly ratioToFloor: number;
}

export interface Growth {
  readonly rows: readonly GrowthRow[];
  /** Sotto's time at the last row over that at the one before it (`actions`) or at the first (others). */
  readonly sotto: number;
  /** The same of the ratio to the floor. */
  readonly ratio: number;
}

export interface BenchResult {
  readonly sizes: Readonly<Record<string, SizeResult>>;
  readonly selective: SizeResult;
  /** Every decision the first about its customer. */
  readonly unseen: SizeResult;
  readonly growth: {
    readonly actions: Growth & { readonly linear: number; readonly times: number };
    readonly profiles: Growth;
    readonly history: Growth;
  };
  readonly gc: { readonly decisions: number; readonly collections: number; readonly perThousand: number; readonly longestMs: number };
  readonly tail: { readonly sotto: Micros; readonly floor: Micros };
  readonly explain: { readonly p50Ms: number; readonly p99Ms: number };
  /** Search for what would have changed what became of an action. */
  readonly whatIf: {
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly worstMs: number;
    readonly reruns: { readonly p50: number; readonly most: number };
    /** Questions to which a change was found. */
    readonly foundShare: number;
  };
  readonly load: { readonly coldMs: number; readonly checkMs: number; readonly compileMs: number };
}

/** To four significant digits. */
export const short = (value: number): number => Number(value.toPrecision(4));

export const micros = ({ p50, p99, p999 }: Pick<Timing, keyof Micros>): Micros => ({ p50: short(p50), p99: short(p99), p999: short(p999) });

/** Median over the rounds of what they give. */
export const overRounds = (rounds: number, of: (round: number) => number): number =>
  short(median(Array.from({ length: rounds }, (_, round) => of(round))));

/** How many times as long one took as another, round by round. */
export const ratio = (of: Timing, to: Timing): number => overRounds(of.rounds.length, (round) => of.rounds[round]! / to.rounds[round]!);

const RATIO: Readonly<Record<string, number>> = { '200': 2, '1000': 1.5, '5000': 1.5 };
const TIMES_FASTER: Readonly<Record<string, number>> = {
  'json-rules-engine': 300,
  'zen-engine': 50,
  'zen-engine-trace': 800,
  'json-logic-engine': 6,
  'cel-js': 10,
};

/** In words, every promise the figures break. */
export function misses(result: BenchResult): readonly string[] {
  const missed: string[] = [];
  const atMost = (what: string, found: number | undefined, limit: number): void => {
    if (!(found !== undefined && found <= limit)) missed.push(`${what} is ${found}, over its budget of ${limit}`);
  };
  for (const [size, limit] of Object.entries(RATIO))
    atMost(`time over the floor's at ${size} actions`, result.sizes[size]?.ratioToFloor, limit);
  for (const [peer, least] of Object.entries(TIMES_FASTER)) {
    const found = result.sizes['1000']?.timesFaster[peer];
    if (!(found !== undefined && found >= least))
      missed.push(`at 1000 actions it is ${found} times as fast as ${peer}, less than ${least}`);
  }
  const { actions, profiles, history } = result.growth;
  atMost('time over the floor’s on a selective policy', result.selective.ratioToFloor, 3);
  atMost('growth from the smallest number of actions to 5,000, linear being 1,', short(actions.times / actions.linear), 1);
  atMost('growth of the ratio from 5,000 to 20,000 actions', actions.ratio, 1.15);
  atMost('growth with the number of customers', profiles.sotto, 1.25);
  atMost('growth with the length of the history', history.sotto, 1.15);
  atMost('explaining one action in ms, median,', result.explain.p50Ms, 0.2);
  atMost('searching for what would change it in ms, p99,', result.whatIf.p99Ms, 50);
  atMost('loading 1,000 actions cold in ms', result.load.coldMs, 150);
  if (!(result.gc.perThousand < 1))
    missed.push(`there are ${result.gc.perThousand} garbage collections in 1,000 decisions, not less than one`);
  const { sotto, floor } = result.tail;
  if (sotto.p999 > 10 * sotto.p50 && sotto.p999 > 2 * floor.p999)
    missed.push(`p99.9 is ${sotto.p999} µs, over 10 times its p50 of ${sotto.p50} µs and over twice the floor's ${floor.p999} µs`);
  const { recordBytes } = result.sizes['1000'] ?? {};
  atMost('median bytes of a record at 1,000 actions', recordBytes?.median, 4_096);
  atMost('p99 of the bytes of a record at 1,000 actions', recordBytes?.p99, 16_384);
  return missed;
}
