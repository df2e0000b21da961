/**
 * The benchmark of central: `node run.ts [--json] [--phase-seconds N] [--devices N] [--queued N] [--outbox-workers N]`, started by `sotto bench central`.
 * Progress and tables go to standard error, the figures as one line of JSON to standard output, last. Ends with 1 when an answer was
 * lost or stored twice, or a target is missed.
 */
import { fork } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withClient } from '../../central/postgres.ts';
import { cpuSecondsOf, cpuSecondsWithChildren, machineSeconds, rssBytesOf } from './cpu-times.ts';
import type { Asked, DrainFigures, PhaseFigures } from './generator-words.ts';
import { type Cluster, startCluster } from './load-cluster.ts';
import { FULL, type GeneratorSettings, type Plan } from './plan.ts';
import { growth, recount } from './recount.ts';
import { course, type Figures, limits, misses, resultLine, type Spent, sizing, table } from './figures.ts';

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const whole = (text: string | undefined, fallback: number): number => {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${text} is not a whole number above 0`);
  return value;
};

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    'phase-seconds': { type: 'string' },
    devices: { type: 'string' },
    queued: { type: 'string' },
    'events-per-second': { type: 'string' },
    'outcomes-per-second': { type: 'string' },
    'outbox-workers': { type: 'string' },
  },
});
const phaseS = whole(values['phase-seconds'], FULL.phaseS);
const plan: Plan = {
  ...FULL,
  phaseS,
  warmUpS: Math.min(FULL.warmUpS, Math.max(1, Math.round(phaseS / 6))),
  devices: whole(values.devices, FULL.devices),
  queuedPerDevice: whole(values.queued, FULL.queuedPerDevice),
  eventsPerS: whole(values['events-per-second'], FULL.eventsPerS),
  outcomesPerS: whole(values['outcomes-per-second'], FULL.outcomesPerS),
  outboxWorkers: values['outbox-workers'] === undefined ? null : whole(values['outbox-workers'], 1),
};

class Generator {
  readonly #child;

  constructor(settings: GeneratorSettings) {
    this.#child = fork(join(import.meta.dirname, 'generator.ts'), {
      env: { ...process.env, BENCH_GENERATOR: JSON.stringify(settings) },
      execArgv:
        process.env['SOTTO_BENCH_PROFILE'] === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${process.env['SOTTO_BENCH_PROFILE']}`],
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask<T>(asked: Asked): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`the generator ended with ${code}`));
      this.#child.once('exit', ended);
      this.#child.once('message', (reply: { ok: boolean; answer: T; words?: string }) => {
        this.#child.off('exit', ended);
        if (reply.ok) resolve(reply.answer);
        else reject(new Error(`the generator: ${reply.words}`));
      });
      this.#child.send(asked);
    });
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.ask({ what: 'end' }).catch(() => this.#child.kill());
    await ended;
  }
}

/** Runs the work and says who used the processors meanwhile. */
async function spending<T>(
  cluster: Cluster,
  generator: Generator,
  work: () => Promise<T>,
): Promise<{ readonly done: T; readonly spent: Spent }> {
  const read = () => ({
    atMs: performance.now(),
    nodes: cluster.nodes.map(({ pid }) => cpuSecondsOf(pid)),
    postgres: cpuSecondsWithChildren(cluster.postgresPid),
    generator: cpuSecondsOf(generator.pid),
    machine: machineSeconds(),
  });
  const before = read();
  const done = await work();
  const after = read();
  const nodes = after.nodes.map((cpu, n) => cpu - (before.nodes[n] ?? 0));
  const postgres = after.postgres - before.postgres;
  const ofGenerator = after.generator - before.generator;
  const busy = after.machine.busy - before.machine.busy;
  return {
    done,
    spent: {
      seconds: (after.atMs - before.atMs) / 1_000,
      cores: availableParallelism(),
      nodes,
      postgres,
      generator: ofGenerator,
      others: Math.max(0, busy - postgres - ofGenerator - nodes.reduce((sum, each) => sum + each, 0)),
      idle: Math.max(0, after.machine.all - before.machine.all - busy),
    },
  };
}

async function measure(cluster: Cluster): Promise<Figures> {
  const { nodes, signingKeyPem, policy } = cluster;
  const generator = new Generator({ plan, urls: nodes.map(({ url }) => url), signingKeyPem, policy });
  try {
    const rssBefore = nodes.map(({ pid }) => rssBytesOf(pid));
    say(`${plan.devices} desks connect …`);
    const { connected } = await generator.ask<{ connected: number }>({ what: 'connect' });
    const rssConnected = nodes.map(({ pid }) => rssBytesOf(pid));
    say(`${connected} connected; warming up for ${plan.warmUpS} s …`);
    const load = { eventsPerS: plan.eventsPerS, outcomesPerS: plan.outcomesPerS };
    await generator.ask({ what: 'phase', seconds: plan.warmUpS, ...load });
    say(`${plan.eventsPerS} events/s and ${plan.outcomesPerS} single answers/s for ${plan.phaseS} s …`);
    const steady = await spending(cluster, generator, () => generator.ask<PhaseFigures>({ what: 'phase', seconds: plan.phaseS, ...load }));
    say(table('steady', steady.done.events, steady.done.outcomes, steady.done.tally));
    say(limits(steady.spent));
    say(`Outage over: ${plan.devices} desks come back with ${plan.queuedPerDevice} answers each …`);
    const drain = await spending(cluster, generator, () => generator.ask<DrainFigures>({ what: 'return' }));
    say(table('return', drain.done.live, null, drain.done.tally));
    say(course(drain.done));
    say(limits(drain.spent));
    const rssAfter = nodes.map(({ pid }) => rssBytesOf(pid));
    const ids = await generator.ask<readonly string[]>({ what: 'ids' });
    const counted = await withClient(cluster.databaseUrl, (client) => recount(client, ids));
    const grown = await withClient(cluster.databaseUrl, growth);
    return { plan, steady, drain, counted, grown, rss: { before: rssBefore, connected: rssConnected, after: rssAfter } };
  } finally {
    await generator.end();
  }
}

const machine = (): string => `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`;

say(`PostgreSQL and ${plan.nodes} nodes start (${machine()}) …`);
const cluster = await startCluster(plan, say);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cluster.close().then(() => process.exit(1)));
try {
  const figures = await measure(cluster);
  say(`Done (${machine()})`);
  say(sizing(figures));
  const missed = misses(figures);
  for (const words of missed) say(words);
  process.stdout.write(`${resultLine(figures)}\n`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  await cluster.close();
}
