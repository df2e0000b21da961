import path from 'node:path';
import type { Command } from '../command.ts';
import { runBenchmark } from '../run-benchmark.ts';

/** The benchmark is part of the tests: it needs sets that Sotto itself never has. */
const BENCHMARK = path.join(import.meta.dirname, '..', '..', '..', 'test', 'bench', 'regret', 'run.ts');

export const benchRegret: Command = {
  summary: 'Measure what exploring costs on real sets, beside other ways to explore',
  positionals: [],
  options: {
    data: { type: 'string', value: 'DIR', help: 'folder of the sets (default: SOTTO_DATA, or ../shared/data)' },
    quick: { type: 'boolean', help: 'few rounds: shows that it works, measures nothing' },
    json: { type: 'boolean', help: 'the last line is the result as one JSON object, without tables' },
  },
  notes:
    'Regret: the best rate there was less the rate of what was chosen, summed over 10,000 rounds, mean over 20 seeds. squareCb is the decision core with its usual exploration; ' +
    'ε is 0.05, Thompson draws from Beta, greedy never tries; all start from the same belief and learn from their own answers. The sets: items of a shop by position, offers of a bank by channel, next actions of agents by the one before. ' +
    'The exit code is 1 when the core does no better than chance, or loses a tenth more than the better of ε-greedy and Thompson.',
  run: (given, terminal) => runBenchmark(BENCHMARK, given, terminal),
};
