/**
 * Timing side by side: in each round everybody decides for a while, one after the other, so that what else the machine does
 * touches all of them. Ratios are taken within a round; their median is what counts.
 */
import type { Contestant } from './contestant.ts';

export interface Timing {
  readonly name: string;
  readonly decisions: number;
  /** Microseconds. p50 is the median of the rounds' medians; p99 and p99.9 are over all decisions. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** The median of each round, in microseconds. */
  readonly rounds: readonly number[];
}

export interface Pace {
  readonly rounds: number;
  /** How long each decides in a round; slow ones finish what they began. */
  readonly sliceMs: number;
  /** Each decides at least so often in a round. */
  readonly least: number;
  readonly warmUpMs: number;
}

export const median = (values: readonly number[]): number =>
  share(
    values.toSorted((a, b) => a - b),
    0.5,
  );

/** Of sorted values, the one at a share of the way. */
export const share = (sorted: ArrayLike<number>, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;

/** Decides until the time is over and often enough; each decision's time in microseconds is added to `taken`. */
async function run(contestant: Contestant, from: number, least: number, forMs: number, taken: number[]): Promise<number> {
  const startedAtMs = performance.now();
  let profile = from;
  let endedAtMs = startedAtMs;
  for (let done = 0; done < least || endedAtMs - startedAtMs < forMs; done++) {
    const beganAtMs = performance.now();
    const running = contestant.decide(profile);
    if (running !== undefined) await running;
    endedAtMs = performance.now();
    taken.push((endedAtMs - beganAtMs) * 1_000);
    profile = profile + 1 === contestant.profiles ? 0 : profile + 1;
  }
  return profile;
}

/** Everybody in turn, round after round; each goes on with the customer after its last one. */
export async function interleave(
  contestants: readonly Contestant[],
  pace: Pace,
  onRound: (round: number) => void = () => {},
): Promise<readonly Timing[]> {
  const entrants = contestants.map((contestant) => ({ contestant, profile: 0, taken: [] as number[], rounds: [] as number[] }));
  for (const { contestant } of entrants) await run(contestant, 0, pace.least, pace.warmUpMs, []);
  for (let round = 0; round < pace.rounds; round++) {
    onRound(round);
    for (const entrant of entrants) {
      const { contestant } = entrant;
      // What the one before left in the caches is not this one's to pay for.
      entrant.profile = await run(contestant, entrant.profile, 1, pace.sliceMs / 10, []);
      const taken: number[] = [];
      entrant.profile = await run(contestant, entrant.profile, pace.least, pace.sliceMs, taken);
      entrant.rounds.push(median(taken));
      for (const us of taken) entrant.taken.push(us);
    }
  }
  return entrants.map(({ contestant, taken, rounds }) => {
    const sorted = Float64Array.from(taken).toSorted();
    return {
      name: contestant.name,
      decisions: sorted.length,
      p50: median(rounds),
      p99: share(sorted, 0.99),
      p999: share(sorted, 0.999),
      rounds,
    };
  });
}
