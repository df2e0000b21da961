/** The figures of a run as people read them, and as the last line has them. */
import type { DrainFigures, PhaseFigures } from './generator-words.ts';
import type { LatencySummary } from './latencies.ts';
import { type Plan, RECORD_BYTES } from './plan.ts';
import type { Growth, Recount } from './recount.ts';

/** Who used the processors, in seconds. */
export interface Spent {
  readonly seconds: number;
  readonly cores: number;
  readonly nodes: readonly number[];
  readonly postgres: number;
  readonly generator: number;
  /** Whatever else the machine did. */
  readonly others: number;
  readonly idle: number;
}

export interface Figures {
  readonly plan: Plan;
  readonly steady: { readonly done: PhaseFigures; readonly spent: Spent };
  readonly drain: { readonly done: DrainFigures; readonly spent: Spent };
  readonly counted: Recount;
  readonly grown: Growth;
  readonly rss: Readonly<Record<'before' | 'connected' | 'after', readonly number[]>>;
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
const round = (value: number): number => Math.round(value * 10) / 10;
const latency = ({ count, p50Ms, p99Ms, maxMs }: LatencySummary): string => `${count}, p50 ${p50Ms} ms, p99 ${p99Ms} ms, max ${maxMs} ms`;

export function table(
  name: string,
  events: LatencySummary,
  outcomes: LatencySummary | null,
  tally: Readonly<Record<string, number>>,
): string {
  const happened = Object.entries(tally).filter(([, n]) => n > 0);
  return [
    `  ${name}: live events ${latency(events)}`,
    ...(outcomes === null ? [] : [`  ${name}: single answers ${latency(outcomes)}`]),
    `  ${name}: ${happened.map(([what, n]) => `${what} ${n}`).join(', ') || 'nothing was refused or sent twice'}`,
  ].join('\n');
}

/** How the return went: live events by when they were due, and what of their time was the generator's own. */
export const course = ({ liveEachTenS, generatorLag, allConnectedS }: DrainFigures): string =>
  [
    `  return: all connected after ${allConnectedS} s; the generator was late by p50 ${generatorLag.p50Ms} ms, p99 ${generatorLag.p99Ms} ms`,
    `  return: live events each 10 s, p99 in ms: ${liveEachTenS.map(({ p99Ms }) => (p99Ms === null ? 'none' : Math.round(p99Ms))).join(', ')}`,
  ].join('\n');

/** Whose time it was, and so what more of which would help. */
export function limits({ seconds, cores, nodes, postgres, generator, others, idle }: Spent): string {
  const all = seconds * cores;
  const share = (cpu: number): string => `${round(cpu)} s (${Math.round((cpu / all) * 100)} %)`;
  const parts: readonly (readonly [string, number])[] = [
    ...nodes.map((cpu, n) => [`node ${n}`, cpu] as const),
    ['PostgreSQL', postgres],
    ['the generator itself', generator],
    ['other work of this machine', others],
  ];
  const first = parts.toSorted(([, a], [, b]) => b - a)[0] ?? ['nothing', 0];
  // A node is one thread: it is full when it had one core all the time.
  const full = nodes.findIndex((cpu) => cpu > seconds * 0.9);
  const limit =
    full >= 0
      ? `node ${full} had a core to itself: more nodes would help`
      : idle > all * 0.1
        ? 'processors were idle: what limits is waiting, for the disk or for turns'
        : `all processors were busy, most of all with ${first[0]}`;
  return [`  processors: ${parts.map(([name, cpu]) => `${name} ${share(cpu)}`).join(', ')}, idle ${share(idle)}`, `  limit: ${limit}`].join(
    '\n',
  );
}

const DAY_S = 86_400;
/** RELIABILITY's demand: calls an agent takes an hour, answers of a call, events of a call, hours of a day. */
const DEMAND = { callsPerHour: 6, answersPerCall: 5, eventsPerCall: 60, hoursPerDay: 8 };

/** What an operator plans with. */
export function sizing({ plan, steady, drain, grown, rss }: Figures): string {
  const perDesk = (sum(rss.connected) - sum(rss.before)) / Math.max(1, steady.done.connected);
  const perRecord = grown.decisions / Math.max(1, grown.outcomes);
  const perEvent = grown.callEvents / Math.max(1, grown.events);
  const perAnswer = (grown.database - grown.callEvents) / Math.max(1, grown.outcomes);
  const perCall = DEMAND.answersPerCall * perAnswer + DEMAND.eventsPerCall * perEvent;
  const callsPerDay = plan.devices * DEMAND.callsPerHour * DEMAND.hoursPerDay;
  const nodeCpu = sum(steady.spent.nodes) / steady.spent.seconds;
  const demandEvents = (plan.devices * DEMAND.callsPerHour * DEMAND.eventsPerCall) / 3_600;
  const demandAnswers = (plan.devices * DEMAND.callsPerHour * DEMAND.answersPerCall) / 3_600;
  // Events and answers cost a node about the same.
  const cpuOfDemand = (nodeCpu * (demandEvents + demandAnswers)) / Math.max(1, steady.done.eventsPerS + steady.done.outcomesPerS);
  const agentsPerNode = Math.floor((0.5 * plan.devices) / Math.max(0.001, cpuOfDemand));
  const answers = plan.devices * plan.queuedPerDevice;
  const total = sum([...drain.spent.nodes, drain.spent.postgres]);
  const rows: readonly (readonly [string, string])[] = [
    ['agents per node at half a core, by measured demand', `${agentsPerNode}`],
    ['memory of a node without desks', `${Math.round(sum(rss.before) / rss.before.length / 1e6)} MB`],
    ['memory per connected desk', `${Math.round(perDesk / 1_000)} kB`],
    ['memory of a node after the return', `${Math.round(sum(rss.after) / rss.after.length / 1e6)} MB`],
    [`bytes per answer with its ${RECORD_BYTES} B record, with indexes`, `${Math.round(perAnswer)} (record ${Math.round(perRecord)})`],
    ['bytes per call event, with indexes', `${Math.round(perEvent)}`],
    [`bytes per call (${DEMAND.answersPerCall} answers, ${DEMAND.eventsPerCall} events)`, `${Math.round(perCall)}`],
    [`growth a day (${plan.devices} agents, ${callsPerDay} calls)`, `${round((perCall * callsPerDay) / 1e9)} GB`],
    ['average over a day of an answer every', `${round((DAY_S * 1_000) / Math.max(1, callsPerDay * DEMAND.answersPerCall))} ms`],
    ['processor time of a returning answer (nodes and PostgreSQL)', `${round((total * 1_000) / answers)} ms`],
    ['returning answers a second', `${Math.round(answers / drain.done.seconds)}`],
  ];
  return ['', 'Sizing:', ...rows.map(([name, value]) => `  ${name.padEnd(64)} ${value}`), ''].join('\n');
}

export const resultOf = ({ drain, steady, counted }: Figures) => ({
  outageReturn: { seconds: drain.done.seconds, lost: counted.lost, doubled: counted.doubled, liveP99Ms: drain.done.live.p99Ms },
  steady: {
    agents: steady.done.connected,
    eventsPerSecond: steady.done.eventsPerS,
    eventP99Ms: steady.done.events.p99Ms,
    outcomesPerSecond: steady.done.outcomesPerS,
    outcomeP99Ms: steady.done.outcomes.p99Ms,
  },
});

export const resultLine = (figures: Figures): string => JSON.stringify(resultOf(figures));

const above = (what: string, value: number | null, most: number): readonly string[] =>
  value !== null && value <= most ? [] : [`MISSED: ${what} is ${value}, the target is at most ${most}`];
const below = (what: string, value: number, least: number): readonly string[] =>
  value >= least ? [] : [`MISSED: ${what} is ${value}, the target is at least ${least}`];

/** Which targets are missed, in words. What was lost or stored twice counts whatever the machine did besides. */
export function misses(figures: Figures): readonly string[] {
  const { outageReturn, steady } = resultOf(figures);
  const { plan, drain, counted } = figures;
  return [
    ...above('answers lost', outageReturn.lost, 0),
    ...above('answers stored twice', outageReturn.doubled, 0),
    ...above('events not delivered', figures.steady.done.undelivered + drain.done.undelivered, 0),
    ...above('events refused', figures.steady.done.tally.eventsRefused + drain.done.tally.eventsRefused, 0),
    ...(drain.done.isComplete ? [] : ['MISSED: the return did not come to its end']),
    ...(counted.sent === counted.stored ? [] : [`MISSED: ${counted.sent} answers were sent, ${counted.stored} are stored`]),
    ...above('seconds of the return', outageReturn.seconds, 120),
    ...above('p99 of live events during the return, in ms', outageReturn.liveP99Ms, 1_000),
    ...below('agents', steady.agents, plan.devices),
    ...below('events a second', steady.eventsPerSecond, plan.eventsPerS * 0.98),
    ...above('p99 of events, in ms', steady.eventP99Ms, 250),
    ...below('single answers a second', steady.outcomesPerSecond, plan.outcomesPerS * 0.98),
    ...above('p99 of single answers, in ms', steady.outcomeP99Ms, 500),
  ];
}
