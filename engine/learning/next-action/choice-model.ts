/** The half of a next-action model that needs no more of a task than its flow chart: which of its actions comes next. */
import type { VocabularyData } from '#contract/text-model.ts';
import { Vocabulary } from '../text/vocabulary.ts';
import { type ChartOptions, optionsOf } from './chart-options.ts';
import { chartSignals } from './chart-signals.ts';
import { type Choice, fitChoice } from './fit-choice.ts';
import type { FlowChart } from './flow-chart.ts';
import { type Example, type Moment, bothWays } from './read-session.ts';

/** More moments than this teach the few thousand weights nothing more. */
const MOST_MOMENTS = 20_000;
const LEAST_OPTIONS = 5;
const FIT = { rounds: 4, pace: 0.1, shrinkage: 1e-4 };
const MOST_SIGNALS = 60_000;
/** An action is common when so many tasks know it, as a share of them and of what is done in each. */
const COMMON_TASKS = 0.3;
const COMMON_SHARE = 0.01;

/** Actions that belong to no task: those taken in many of them. */
export const commonActions = (examples: readonly Example[]): readonly string[] => {
  const byTask = new Map<string, Map<string, number>>();
  for (const { moment, label } of examples) {
    const counts = byTask.get(moment.task) ?? new Map<string, number>();
    counts.set(label, (counts.get(label) ?? 0) + 1);
    byTask.set(moment.task, counts);
  }
  const tasks = new Map<string, number>();
  for (const counts of byTask.values()) {
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    for (const [action, count] of counts) if (count >= all * COMMON_SHARE) tasks.set(action, (tasks.get(action) ?? 0) + 1);
  }
  return [...tasks]
    .filter(([, count]) => count >= byTask.size * COMMON_TASKS)
    .map(([action]) => action)
    .toSorted();
};

export class ChoiceModel {
  readonly common: readonly string[];
  readonly #vocabulary: Vocabulary;

  constructor(common: readonly string[], vocabulary: Vocabulary) {
    this.common = common;
    this.#vocabulary = vocabulary;
  }

  get signals(): VocabularyData {
    return this.#vocabulary.data;
  }

  /** Of each option its signals as places in the table of weights, 0 where they are not known. */
  places(options: ChartOptions, moment: Moment): readonly Int32Array[] {
    return chartSignals(options, moment).map((hashes) => Int32Array.from(hashes, (hash) => this.#vocabulary.place(hash)));
  }
}

/**
 * Moments of tasks without a chart, and actions on no chart, are left out. Each moment is learnt from as it was and as it would be
 * were it not known what the agent typed.
 *
 * @param charts by task
 */
export const fitChoiceModel = (
  examples: readonly Example[],
  charts: ReadonlyMap<string, FlowChart>,
  seed: number,
  onStep: (share: number) => void,
): { readonly model: ChoiceModel; readonly weights: Float32Array } => {
  const every = Math.max(1, Math.ceil(examples.length / MOST_MOMENTS));
  const common = commonActions(examples);
  const optionsIn = new Map([...charts].map(([task, chart]) => [task, optionsOf(chart, common)]));
  const used: { readonly signals: readonly (readonly number[])[]; readonly chosen: number }[] = [];
  for (let at = 0; at < examples.length; at += every) {
    const { moment, label } = examples[at] as Example;
    const options = optionsIn.get(moment.task);
    const chosen = options?.actions.indexOf(label) ?? -1;
    if (options === undefined || chosen < 0) continue;
    for (const known of bothWays(moment)) used.push({ signals: chartSignals(options, known), chosen });
  }
  // What never spoke for an action that was taken is not a signal.
  const vocabulary = Vocabulary.of(
    used.map(({ signals, chosen }) => [signals[chosen] ?? []]),
    LEAST_OPTIONS,
    MOST_SIGNALS,
  );
  const choices: Choice[] = used.map(({ signals, chosen }) => ({
    options: signals.map((hashes) => Int32Array.from(hashes, (hash) => vocabulary.place(hash))),
    chosen,
  }));
  const weights = fitChoice(choices, vocabulary.size, { ...FIT, seed, onRound: (done) => onStep(done / FIT.rounds) });
  return { model: new ChoiceModel(common, vocabulary), weights };
};
