import path from 'node:path';
import type { Command } from '../command.ts';
import { runBenchmark } from '../run-benchmark.ts';

/** It is part of the tests: it starts PostgreSQL and an organisation that nobody has. */
const BENCHMARK = path.join(import.meta.dirname, '..', '..', '..', 'test', 'bench', 'approvals', 'run.ts');

export const benchApprovals: Command = {
  summary: 'Measure how soon what an agent asks is before whoever decides',
  positionals: [],
  options: {
    seconds: { type: 'string', value: 'N', help: 'How long; 30 where not given' },
    'requests-per-second': { type: 'string', value: 'N', help: 'Significant requests; 20 where not given' },
    json: { type: 'boolean', help: 'the last line is the result as one JSON object' },
  },
  notes:
    'Central on PostgreSQL with real syncs in a folder of its own; twenty desks and ten approvers on real sockets. Requests are due at fixed times: what waits counts from when it was due, to when the approver’s program has it. ' +
    'The exit code is 1 when one was lost or p99 is above 300 ms. Only with nothing else running do the figures mean much.',
  run: (given, terminal) => runBenchmark(BENCHMARK, given, terminal),
};
