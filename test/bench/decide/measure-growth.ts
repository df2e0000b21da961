/** Whether a decision takes longer with more actions, more customers on the desk and more history, and by how much. */
import { floor } from './floor.ts';
import { interleave, type Pace, type Timing } from './interleave.ts';
import { agreed } from './measure-size.ts';
import { type Growth, overRounds, ratio, short } from './result.ts';
import { sotto } from './sotto-decider.ts';
import { makeWorkload, withCustomers, type Workload } from './workload.ts';

interface Step {
  readonly at: number;
  readonly workload: Workload;
  readonly history?: number;
  readonly limits?: boolean;
}

interface Timed {
  readonly at: number;
  readonly floor: Timing;
  readonly sotto: Timing;
}

/** The floor and Sotto at every step, all in the same rounds. */
async function timed(steps: readonly Step[], pace: Pace, say: (line: string) => void): Promise<readonly Timed[]> {
  const pairs = [];
  for (const { at, workload, ...more } of steps) {
    say(`  preparing ${at}`);
    const pair = [floor(workload), sotto(workload, more)] as const;
    await agreed(pair, Math.min(workload.profiles.length, 256), () => {});
    pairs.push(...pair);
  }
  const timings = await interleave(pairs, pace, (round) => say(`  round ${round + 1} of ${pace.rounds}`));
  return steps.map(({ at }, step) => ({ at, floor: timings[step * 2]!, sotto: timings[step * 2 + 1]! }));
}

function growth(all: readonly Timed[], from: Timed, to: Timed): Growth {
  const rounds = from.sotto.rounds.length;
  return {
    rows: all.map((one) => ({
      at: one.at,
      floorUs: short(one.floor.p50),
      sottoUs: short(one.sotto.p50),
      ratioToFloor: ratio(one.sotto, one.floor),
    })),
    sotto: ratio(to.sotto, from.sotto),
    ratio: overRounds(
      rounds,
      (round) => to.sotto.rounds[round]! / to.floor.rounds[round]! / (from.sotto.rounds[round]! / from.floor.rounds[round]!),
    ),
  };
}

/** More actions. `times`: from the first step to the last but one, where `linear` would be in proportion. */
export async function growthWithActions(
  sizes: readonly number[],
  profiles: number,
  pace: Pace,
  say: (line: string) => void,
): Promise<Growth & { readonly times: number; readonly linear: number }> {
  const all = await timed(
    sizes.map((at) => ({ at, workload: makeWorkload(at, profiles) })),
    pace,
    say,
  );
  const first = all[0]!;
  const before = all.at(-2)!;
  return { ...growth(all, before, all.at(-1)!), times: ratio(before.sotto, first.sotto), linear: before.at / first.at };
}

/** More customers, each decided about in turn. */
export async function growthWithCustomers(
  workload: Workload,
  counts: readonly number[],
  pace: Pace,
  say: (line: string) => void,
): Promise<Growth> {
  const all = await timed(
    counts.map((at) => ({ at, workload: withCustomers(workload, at) })),
    pace,
    say,
  );
  return growth(all, all[0]!, all.at(-1)!);
}

/** Longer histories, which contact limits per action, group, issue and customer count. */
export async function growthWithHistory(
  workload: Workload,
  lengths: readonly number[],
  pace: Pace,
  say: (line: string) => void,
): Promise<Growth> {
  const all = await timed(
    lengths.map((at) => ({ at, workload, history: at, limits: true })),
    pace,
    say,
  );
  return growth(all, all[0]!, all.at(-1)!);
}
