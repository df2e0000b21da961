/**
 * The exploration benchmark: `node run.ts [--json] [--quick] [--data DIR]`, started by `sotto bench regret`. Progress and tables go to
 * standard error, the figures as one line of JSON to standard output. Ends with 1 where the core explores worse than by chance, or far worse
 * than the others.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { WORLDS } from './environments.ts';
import { EXPLORERS } from './explorers.ts';
import { regretOf } from './simulate.ts';

/** Of the better of ε-greedy and Thompson, what the core's regret may be at most. */
const AT_MOST = 1.1;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, data: { type: 'string' } } });
const folder = path.resolve(
  values.data ?? process.env['SOTTO_DATA'] ?? path.join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data'),
);
const [rounds, seeds] = values.quick === true ? [1_000, 2] : [10_000, 20];

interface Regret {
  readonly mean: number;
  readonly standardError: number;
}

const short = (value: number): number => Number(value.toFixed(2));

const measured = (regrets: readonly number[]): Regret => {
  const mean = regrets.reduce((sum, regret) => sum + regret, 0) / regrets.length;
  const squares = regrets.reduce((sum, regret) => sum + (regret - mean) ** 2, 0);
  return { mean: short(mean), standardError: short(Math.sqrt(squares / (regrets.length - 1) / regrets.length)) };
};

const sets: Record<string, { situations: number; actions: number; regret: Record<string, Regret> }> = {};
const missed: string[] = [];
for (const [name, read] of Object.entries(WORLDS)) {
  const world = read(folder);
  say(`${name}: ${world.situations.length} situations, ${world.actions.length} actions, ${rounds} rounds, seeds 1 to ${seeds}`);
  const regret: Record<string, Regret> = {};
  for (const [explorer, made] of Object.entries(EXPLORERS)) {
    const choose = made(world);
    regret[explorer] = measured(Array.from({ length: seeds }, (_, i) => regretOf(world, choose, rounds, i + 1)));
    say(`  ${explorer.padEnd(14)} ${regret[explorer].mean.toFixed(1).padStart(8)} ± ${regret[explorer].standardError.toFixed(1)}`);
  }
  sets[name] = { situations: world.situations.length, actions: world.actions.length, regret };
  const of = (explorer: string): number => regret[explorer]?.mean ?? Number.NaN;
  const others = Math.min(of('epsilonGreedy'), of('thompson'));
  if (!(of('squareCb') < of('uniform'))) missed.push(`${name}: no better than chance`);
  if (values.quick !== true && !(of('squareCb') <= AT_MOST * others)) missed.push(`${name}: ${of('squareCb')} beside ${others}`);
}
for (const words of missed) say(`MISSED ${words}`);
process.stdout.write(
  `${values.json === true ? JSON.stringify({ rounds, seeds, sets, missed }) : JSON.stringify({ rounds, seeds, sets, missed }, null, 2)}\n`,
);
process.exitCode = missed.length > 0 ? 1 : 0;
