/** Everybody on the same workload: first that they agree, then how long they take. */
import { disagreement } from './check-answers.ts';
import type { Contestant } from './contestant.ts';
import { floor } from './floor.ts';
import { interleave, median, share } from './interleave.ts';
import { contestantOf, type Peer } from './peers.ts';
import type { Plan } from './plan.ts';
import { micros, ratio, short, type SizeResult } from './result.ts';
import { type Situation, sotto } from './sotto-decider.ts';
import type { Workload } from './workload.ts';

const PROGRESS_EVERY_MS = 2_000;

/** Somebody gave another answer: the figures of the run are worth nothing. The message names who, where and how. */
export class Disagreement extends Error {}

/** Throws a Disagreement unless all give the floor's answer for every customer. */
export async function agreed(contestants: readonly Contestant[], profiles: number, say: (line: string) => void): Promise<void> {
  const [reference, ...others] = contestants;
  if (reference === undefined || others.length === 0) throw new Error('there is nobody to compare: name at least two');
  const wrong: string[] = [];
  for (const contestant of others) {
    say(`  checking ${contestant.name}`);
    let saidAtMs = performance.now();
    const words = await disagreement(reference, contestant, profiles, (customer) => {
      if (performance.now() - saidAtMs < PROGRESS_EVERY_MS) return;
      saidAtMs = performance.now();
      say(`  checking ${contestant.name}: ${customer} of ${profiles} customers`);
    });
    if (words !== null) wrong.push(words);
  }
  if (wrong.length > 0) throw new Disagreement(wrong.join('\n'));
}

export async function measureSize(
  workload: Workload,
  peers: readonly Peer[],
  { pace }: Plan,
  say: (line: string) => void,
  situation: Situation = {},
): Promise<SizeResult> {
  const profiles = workload.profiles.length;
  const ours = sotto(workload, situation);
  const reference = floor(workload);
  const contestants = [reference, ours, ...peers.map((peer) => contestantOf(peer, workload))];
  await agreed(contestants, profiles, say);
  let eligible = 0;
  const sizes: number[] = [];
  for (let profile = 0; profile < profiles; profile++) {
    eligible += (await reference.answer(profile)).eligible.length;
    sizes.push(ours.recordSize(profile));
  }
  sizes.sort((a, b) => a - b);
  const timings = await interleave(contestants, pace, (round) => say(`  round ${round + 1} of ${pace.rounds}`));
  const [floorTiming, sottoTiming, ...others] = timings;
  if (floorTiming === undefined || sottoTiming === undefined) throw new Error('the floor and Sotto were not timed');
  return {
    ratioToFloor: ratio(sottoTiming, floorTiming),
    timesFaster: Object.fromEntries(others.map((timing) => [timing.name, ratio(timing, sottoTiming)])),
    us: Object.fromEntries(timings.map((timing) => [timing.name, micros(timing)])),
    eligible: short(eligible / profiles),
    recordBytes: { median: median(sizes), p99: share(sizes, 0.99) },
  };
}
