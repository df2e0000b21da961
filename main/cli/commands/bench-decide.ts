import path from 'node:path';
import type { Command } from '../command.ts';
import { runBenchmark } from '../run-benchmark.ts';

/** The benchmark is part of the tests: it compares with packages that Sotto itself never has. */
const BENCHMARK = path.join(import.meta.dirname, '..', '..', '..', 'test', 'bench', 'decide', 'run.ts');

export const benchDecide: Command = {
  summary: 'Measure a decision against other rule engines and a hand-written loop',
  positionals: [],
  options: {
    quick: { type: 'boolean', help: 'everything once and small: shows that it works, measures nothing' },
    json: { type: 'boolean', help: 'the last line is the result as one JSON object, without tables' },
  },
  notes:
    'All decide over the same workload and must give the same answers; Sotto with its whole record, a reason for every action and the SHA-256. ' +
    'The floor filters, scores and ranks in typed arrays and keeps nothing. Takes some minutes; the first run installs the other engines into test/bench/peers. ' +
    'The exit code is 1 when an engine gives another answer or a budget is missed. Only with nothing else running do the figures mean much.',
  run: (given, terminal) => runBenchmark(BENCHMARK, given, terminal),
};
