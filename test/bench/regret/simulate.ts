/** Rounds of choosing and being answered, and how much was lost beside whoever knew. */
import { seededRandom } from '#learning';
import type { World } from './environments.ts';
import type { Belief, Explorer } from './explorers.ts';

/** Believed of every action before the first answer: twice the rate of the whole world, worth so many answers. */
const BELIEVED = 10;
const HOPE = 2;

/** Sum over the rounds of the best rate there was less the rate of the one chosen. */
export function regretOf(world: World, explorer: Explorer, rounds: number, seed: number): number {
  const random = seededRandom(seed);
  const total = world.situations.reduce((sum, { weight }) => sum + weight, 0);
  const start = Math.min(0.5, HOPE * meanRate(world));
  const beliefs: (Belief | null)[][] = world.situations.map(({ rates }) =>
    rates.map((rate) => (Number.isNaN(rate) ? null : { yes: start * BELIEVED, all: BELIEVED })),
  );
  let regret = 0;
  for (let round = 0; round < rounds; round++) {
    let left = random() * total;
    let at = 0;
    while (at < world.situations.length - 1 && (left -= world.situations[at]?.weight ?? 0) >= 0) at++;
    const { rates } = world.situations[at] ?? { rates: [] };
    const own = beliefs[at] ?? [];
    const chosen = explorer(own, random);
    const rate = rates[chosen] ?? Number.NaN;
    if (Number.isNaN(rate)) throw new Error(`action ${chosen} is not to be had in situation ${at}`);
    const belief = own[chosen];
    if (belief !== null && belief !== undefined) own[chosen] = { yes: belief.yes + (random() < rate ? 1 : 0), all: belief.all + 1 };
    regret += Math.max(...rates.filter((one) => !Number.isNaN(one))) - rate;
  }
  return regret;
}

function meanRate({ situations }: World): number {
  const rates = situations.flatMap(({ rates: own }) => own.filter((rate) => !Number.isNaN(rate)));
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}
