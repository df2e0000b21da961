/** How fast the adaptive model learns, on one core. */
import { AdaptiveModel, type LearningResponse, OutcomeReplay, seededRandom } from '#learning';
import type { Command } from '../command.ts';

/** What one response is made of: the first ten features are numbers, the others names. */
const NUMBERS = 10;
const NAMES = 10;
const ACTION = ['channel', 'name'];
const FEATURES = Array.from({ length: NUMBERS + NAMES }, (_, at) => `feature${at}`);
const RESPONSES = 50_000;
const WARM_UP = 20_000;
const RUNS = 5;
const BUDGET_PER_SECOND = 100_000;
const STARTED_AT_MS = Date.UTC(2026, 0, 1);

const responses = (): readonly LearningResponse[] => {
  const random = seededRandom(1);
  return Array.from({ length: RESPONSES }, (_, at) => {
    const numbers = Array.from({ length: NUMBERS }, () => Math.round(random() * 500) / 10);
    const names = Array.from({ length: NAMES }, () => `value-${Math.floor(random() * random() * 40)}`);
    return {
      id: `response-${at}`,
      occurredAtMs: STARTED_AT_MS + at * 1_000,
      action: [`channel-${Math.floor(random() * 3)}`, `action-${Math.floor(random() * 60)}`],
      features: [...numbers, ...names],
      isPositive: random() < 0.1 + ((numbers[0] ?? 0) > 25 ? 0.1 : 0),
    };
  });
};

/** Per second of one core: what others do on the machine meanwhile does not count. */
const perSecond = (count: number, work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((count * 1_000_000) / (user + system));
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export const benchLearn: Command = {
  summary: 'Measure how many responses a second the adaptive model learns from',
  positionals: [],
  options: {
    quick: { type: 'boolean', help: 'once and small: shows that it works, measures nothing' },
    json: { type: 'boolean', help: 'Print the result as one JSON line' },
  },
  notes:
    'An update is one response of 2 action columns, 10 numbers and 10 names, as it comes from a log: its cells are turned into tokens, all experts say what they expect, and all of them, the stack and their beliefs learn. Counted per second of processor time. The exit code is 1 below 100,000 updates a second.',
  async run(given, terminal) {
    const isQuick = given.flag('quick');
    const stream = responses().slice(0, isQuick ? 2_000 : RESPONSES);
    const shape = { action: ACTION, features: FEATURES };
    const learnAll = (): AdaptiveModel => {
      const model = new AdaptiveModel(shape);
      for (const { action, features, isPositive } of stream) model.learn(action, features, isPositive);
      return model;
    };
    const warm = new AdaptiveModel(shape);
    for (const { action, features, isPositive } of stream.slice(0, WARM_UP)) warm.learn(action, features, isPositive);
    const updates: number[] = [];
    const scores: number[] = [];
    const replays: number[] = [];
    for (let run = 0; run < (isQuick ? 1 : RUNS); run++) {
      terminal.progress(`run ${run + 1}`);
      let model = warm;
      updates.push(
        perSecond(stream.length, () => {
          model = learnAll();
        }),
      );
      scores.push(
        perSecond(stream.length, () => {
          for (const { action, features } of stream) model.propensity(action, features);
        }),
      );
      replays.push(
        perSecond(stream.length, () => {
          const replay = new OutcomeReplay(shape, 10_000);
          replay.add(stream);
          replay.model();
        }),
      );
    }
    const result = {
      update: '2 action columns, 10 numbers, 10 names; tokens, 5 experts, stack and beliefs, learnt in one pass',
      responses: stream.length,
      updatesPerSecond: median(updates),
      slowestPerSecond: Math.min(...updates),
      fastestPerSecond: Math.max(...updates),
      scoresPerSecond: median(scores),
      replayedPerSecond: median(replays),
      budgetPerSecond: BUDGET_PER_SECOND,
    };
    if (given.flag('json')) await terminal.print(JSON.stringify(result));
    else {
      await terminal.print(
        `${result.updatesPerSecond} updates a second (${result.slowestPerSecond} to ${result.fastestPerSecond}); budget ${BUDGET_PER_SECOND}`,
      );
      await terminal.print(`  ${result.scoresPerSecond} scores and ${result.replayedPerSecond} replayed responses a second`);
    }
    return isQuick || result.updatesPerSecond >= BUDGET_PER_SECOND ? 0 : 1;
  },
};
