/**
 * One desk works call after call, and what it holds is measured after every forced collection. Needs `--expose-gc`.
 *
 *   node --expose-gc test/soak/run.ts [--minutes 240]    npm run test:soak: by hand, four hours where nothing else is said
 *   node --expose-gc test/soak/run.ts --calls 260 --most 8        the smoke of it in every run
 *
 * Prints a line a sample and the verdict as JSON last; exit code 1 where something leaks.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { after } from '#adapters/system/system-clock.ts';
import { RETENTION_DAYS } from '#contract/retention.ts';
import type { DeskView } from '#contract/desk.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { AGENT, CUSTOMER, DeskBench } from '../engine/desk-bench.ts';
import { MemoryLink } from '../engine/memory-link.ts';
import { type Point, theilSen } from './slope.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    calls: { type: 'string' },
    most: { type: 'string', default: '2' },
    leak: { type: 'boolean', default: false },
  },
});
const isSmoke = values.calls !== undefined;
const untilMs = performance.now() + Number(values.minutes ?? (isSmoke ? Infinity : 240)) * 60_000;
const mostCalls = Number(values.calls ?? Infinity);
if (Number.isNaN(untilMs) || Number.isNaN(mostCalls)) throw new Error('--minutes and --calls are numbers.');
const collect = globalThis.gc;
if (collect === undefined) throw new Error('What is garbage still counts: start it with --expose-gc.');

const MEGABYTE = 1_048_576;
/** What may stay of a thousand calls, at the upper end of what the measurement allows. In its first hundreds what runs is still being compiled. */
const MOST_BYTES_PER_1000 = Number(values.most) * MEGABYTE;
const MOST_LOG_BYTES = 16 * MEGABYTE;
const MOST_LAG_MS = 50;
/** Everybody who calls has called before the measuring begins, and what is kept of them is kept. */
const CUSTOMERS = 40;
const SAMPLES = 24;
const WARM_UP_SHARE = 0.35;
const DAY_MS = 86_400_000;
const SAYINGS = [
  'Why is my bill so high this month? It is twice what I usually pay.',
  'I see.',
  'And the roaming, can I stop that?',
  'Another provider has the same for less.',
  'Thank you, that helps.',
];

interface Sample {
  readonly calls: number;
  readonly bytes: number;
  readonly descriptors: number;
  readonly logBytes: number;
}

using scratch = new Scratch({ after });
const link = new MemoryLink();
await using desk = await DeskBench.open({ scratch, surroundings: { link } });
link.connect();
const lag = monitorEventLoopDelay({ resolution: 10 });
lag.enable();
const leaked: DeskView[] = [];

/** Five minutes of an agent's work: offered, spoken, a card shown and answered, ended, wrapped up. */
async function call(number: number): Promise<void> {
  const callId = `call-${number}`;
  await desk.begin(callId, `${CUSTOMER.customerId}-${number % CUSTOMERS}`);
  for (const [index, text] of SAYINGS.entries()) {
    await desk.utter(callId, index % 2 === 0 ? 'customer' : 'agent', text);
    await desk.advance(30_000);
    const view = await desk.view();
    if (values.leak) leaked.push(view);
    const card = view.cards.find(({ state }) => state === 'open');
    if (card !== undefined && index % 2 === 1) await desk.answer(card, number % 3 === 0 ? 'rejected' : 'accepted');
  }
  await desk.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' });
  await desk.say(callId, 'sotto.wrapup.started', { agentId: AGENT });
  await desk.say(callId, 'sotto.wrapup.ended', { agentId: AGENT });
  await desk.advance(60_000);
  // What the bench itself writes down is the bench's.
  for (const kept of [
    desk.changes,
    desk.lines,
    desk.logs,
    desk.measured.eventToCardMs,
    desk.measured.acceptToSavedMs,
    link.batches,
    link.resumes,
  ])
    kept.length = 0;
}

/** Descriptors of files and sockets; the count of the system where it has one. */
const descriptors = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

function sample(calls: number): Sample {
  collect?.();
  collect?.();
  const { heapUsed, external } = process.memoryUsage();
  const log = statSync(join(scratch.folder, `${STORE_FILE}-wal`), { throwIfNoEntry: false })?.size ?? 0;
  return { calls, bytes: heapUsed + external, descriptors: descriptors(), logBytes: log };
}

const samples: Sample[] = [];
const startMs = performance.now();
/** How far it is, of calls or of the time. */
const share = (calls: number): number => Math.max(calls / mostCalls, (performance.now() - startMs) / (untilMs - startMs));
let calls = 0;
for (let next = WARM_UP_SHARE; calls < mostCalls && performance.now() < untilMs; ) {
  await call(calls);
  calls += 1;
  if (calls % 100 === 0) desk.store.retain(desk.clock.nowMs(), RETENTION_DAYS);
  if (share(calls) < next) continue;
  next += (1 - WARM_UP_SHARE) / SAMPLES;
  const taken = sample(calls);
  samples.push(taken);
  process.stderr.write(
    `${taken.calls} calls, ${(taken.bytes / MEGABYTE).toFixed(2)} MB, ${taken.descriptors} descriptors, log ${(taken.logBytes / MEGABYTE).toFixed(1)} MB\n`,
  );
}
lag.disable();

const points: readonly Point[] = samples.map(({ calls: x, bytes: y }) => ({ x, y }));
const slope = theilSen(points);
const verdict = {
  calls,
  simulatedDays: Math.round((desk.clock.nowMs() - Date.UTC(2025, 5, 2, 9)) / DAY_MS),
  unsent: desk.store.counts().unsent,
  bytesPer1000Calls: { median: Math.round(slope.median * 1_000), upper: Math.round(slope.upper * 1_000), most: MOST_BYTES_PER_1000 },
  descriptors: { least: Math.min(...samples.map((one) => one.descriptors)), most: Math.max(...samples.map((one) => one.descriptors)) },
  logBytes: Math.max(...samples.map(({ logBytes }) => logBytes)),
  lagMs: { p50: lag.percentile(50) / 1e6, p99: lag.percentile(99) / 1e6, max: lag.max / 1e6 },
};
process.stdout.write(`${JSON.stringify(verdict)}\n`);
const wrong = [
  ...(slope.upper * 1_000 > MOST_BYTES_PER_1000 ? ['memory grows'] : []),
  ...(verdict.descriptors.most > verdict.descriptors.least ? ['descriptors are left open'] : []),
  ...(verdict.logBytes >= MOST_LOG_BYTES ? ['the log grows'] : []),
  ...(verdict.unsent > 100 ? ['the outbox grows'] : []),
  // The lag of a smoke is that of the machine it ran on.
  ...(!isSmoke && verdict.lagMs.p99 >= MOST_LAG_MS ? ['the loop lags'] : []),
];
for (const words of wrong) process.stderr.write(`${words}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
