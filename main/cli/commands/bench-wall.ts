import path from 'node:path';
import type { Command } from '../command.ts';
import { runBenchmark } from '../run-benchmark.ts';

/** It is part of the tests: it starts PostgreSQL, a Chromium and an organisation that nobody has. */
const BENCHMARK = path.join(import.meta.dirname, '..', '..', '..', 'test', 'bench', 'wall', 'run.ts');

export const benchWall: Command = {
  summary: 'Measure the live wall: from a desk to the supervisor, and a frame while it is scrolled',
  positionals: [],
  options: {
    calls: { type: 'string', value: 'N', help: 'Running calls, a desk each; 500 where not given' },
    seconds: { type: 'string', value: 'N', help: 'How long each half; 20 where not given' },
    json: { type: 'boolean', help: 'the last line is the result as one JSON object' },
  },
  notes:
    'First two nodes of central on PostgreSQL with real syncs, a desk for each call at one and a supervisor at the other, on real sockets: from when something changed at a desk to when the supervisor’s program has the row. ' +
    'Then the window as it ships, in Chromium, scrolled while as many updates arrive, read from its trace. The exit code is 1 when p99 to the supervisor is above 1,000 ms, a task of the window above 50 ms, or script, layout and paint of a frame above 8 ms at p95. Only with nothing else running do the figures mean much.',
  run: (given, terminal) => runBenchmark(BENCHMARK, given, terminal),
};
