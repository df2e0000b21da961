import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { openDemonstration } from '#main/demonstration/demonstration.ts';
import { type Latency, measureLatency } from '#main/demonstration/measure-latency.ts';
import type { Percentiles } from '#main/demonstration/percentiles.ts';
import type { Command } from '../command.ts';

const CARDS = 200;
const BUDGET_MS = { card: { p99: 50 }, saved: { p50: 5, p99: 50 } } as const;

export const benchLatency: Command = {
  summary: 'Measure event to painted card and accept to saved answer',
  positionals: [],
  options: {
    agent: { type: 'string', value: 'ID', help: 'whose desk it is (default: agent-marcus)' },
    json: { type: 'boolean', help: 'the last line is the result as one JSON object' },
  },
  notes:
    `Plays simulated calls into the real window, headless, until ${CARDS} cards are painted and accepted by a click. floor is two bare frames of the same window. ` +
    `The budget, on two cores with nothing else running: card p99 ${BUDGET_MS.card.p99} ms; saved p50 ${BUDGET_MS.saved.p50} ms, p99 ${BUDGET_MS.saved.p99} ms. ` +
    'The exit code is 1 when it is missed or there were too few cards.',
  async run(given, terminal) {
    const folder = await mkdtemp(path.join(tmpdir(), 'sotto-latency-'));
    try {
      terminal.note(`Starting central … (${machine()})`);
      await using demonstration = await openDemonstration({ folder, clock: 'virtual', nowMs: Date.now(), port: 0 });
      const latency = await measureLatency(demonstration, {
        cards: CARDS,
        agentId: given.text('agent') ?? 'agent-marcus',
        userData: path.join(folder, 'desk'),
        other: (text) => terminal.note(text),
        progress: (text) => terminal.note(text),
      });
      terminal.note(`Done (${machine()})`);
      const missed = misses(latency);
      for (const words of missed) terminal.note(words);
      await terminal.print(given.flag('json') ? JSON.stringify(latency) : readable(latency));
      return missed.length === 0 ? 0 : 1;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** What else the machine does decides about the figures: they are read together. */
const machine = (): string => `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`;

const over = (what: string, measured: number, budgetMs: number): readonly string[] =>
  measured > budgetMs ? [`${what} is ${measured} ms, over its budget of ${budgetMs} ms`] : [];

/** In words, every way in which the figures are not what they should be. */
const misses = ({ eventToCardMs, acceptToSavedMs }: Latency): readonly string[] => [
  ...(eventToCardMs.n < CARDS ? [`only ${eventToCardMs.n} of ${CARDS} cards were painted`] : []),
  ...(acceptToSavedMs.n < CARDS ? [`only ${acceptToSavedMs.n} of ${CARDS} accepts were saved`] : []),
  ...over('event to card p99', eventToCardMs.p99, BUDGET_MS.card.p99),
  ...over('accept to saved p50', acceptToSavedMs.p50, BUDGET_MS.saved.p50),
  ...over('accept to saved p99', acceptToSavedMs.p99, BUDGET_MS.saved.p99),
];

const row = (name: string, { n, p50, p99 }: Percentiles): string => `${name.padEnd(16)} n ${n}, p50 ${p50} ms, p99 ${p99} ms`;

const readable = ({ eventToCardMs, acceptToSavedMs, floorMs, coldStartMs }: Latency): string =>
  [
    row('event to card', eventToCardMs),
    row('accept to saved', acceptToSavedMs),
    row('floor', floorMs),
    `cold start       ${coldStartMs} ms`,
  ].join('\n');
