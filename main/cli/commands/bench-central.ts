import path from 'node:path';
import type { Command } from '../command.ts';
import { runBenchmark } from '../run-benchmark.ts';

/** It is part of the tests: it starts PostgreSQL and loads an organisation that nobody has. */
const BENCHMARK = path.join(import.meta.dirname, '..', '..', '..', 'test', 'bench', 'central', 'run.ts');

export const benchCentral: Command = {
  summary: 'Measure central: the return after an outage, and what it holds every day',
  positionals: [],
  options: {
    'phase-seconds': { type: 'string', value: 'N', help: 'How long the steady load lasts; 180 where not given' },
    devices: { type: 'string', value: 'N', help: 'Desks; 2000 where not given' },
    queued: { type: 'string', value: 'N', help: 'Answers each desk has queued when the outage ends; 120 where not given' },
    'events-per-second': { type: 'string', value: 'N', help: 'Live call events; 500 where not given' },
    'outcomes-per-second': { type: 'string', value: 'N', help: 'Single answers of the steady load; 800 where not given' },
    'outbox-workers': { type: 'string', value: 'N', help: 'Transactions at once of a node that store what desks send' },
    json: { type: 'boolean', help: 'the last line is the result as one JSON object' },
  },
  notes:
    'Two nodes, PostgreSQL with real syncs in a folder of its own, and the load, each a process of its own. Rates are fixed: what waits counts from when it was due. ' +
    'Takes about six minutes; needs PostgreSQL, on the PATH or where Debian puts it. The exit code is 1 when an answer was lost or stored twice or a target is missed. ' +
    'Only with nothing else running do the figures mean much; who used the processors is printed with them.',
  run: (given, terminal) => runBenchmark(BENCHMARK, given, terminal),
};
