/**
 * From recorded sessions and flow charts to a bundle that tells what agents do next: a network for the tasks it has learnt, and
 * a choice among a chart's actions for tasks it has not.
 */
import type { FlowChartFile, NextActionManifest } from '#contract/text-model.ts';
import { type ClassAnswer, classAnswer, measureClasses } from '../text/class-answers.ts';
import { type FitPlan, fitTextNetwork, type LabelledSigns } from '../text/fit-text-network.ts';
import { networkOdds, softmax, type TextNetwork } from '../text/text-network.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { sixDecimals } from '../model-quality.ts';
import type { TrainingFault } from '../training-fault.ts';
import { nameFault, type TrainingSettings } from '../training-settings.ts';
import { type ChartOptions, optionsOf } from './chart-options.ts';
import { type ChoiceModel, fitChoiceModel } from './choice-model.ts';
import { choiceScores } from './fit-choice.ts';
import { type FlowChart, readFlowChart } from './flow-chart.ts';
import { momentSigns } from './moment-signs.ts';
import { bothWays, type Moment, type Session, untyped } from './read-session.ts';
import { writeNextAction } from './write-next-action.ts';

export interface NextActionSettings extends TrainingSettings {
  /** Flow charts by the tasks' names. */
  readonly charts: Readonly<Record<string, FlowChartFile>>;
  /** Tasks, or the first words of their names, left out of training and used for measuring what is never seen. */
  readonly without: readonly string[];
  /** Told how much of the work is done, 0 … 1. */
  readonly onStep?: (share: number) => void;
}

export type NextActionTraining =
  | {
      readonly ok: true;
      readonly manifest: NextActionManifest;
      readonly onnx: Uint8Array;
      readonly vocabulary: Vocabulary;
      readonly network: TextNetwork;
      readonly choice: ChoiceModel;
      readonly choiceWeights: Float32Array;
      readonly notices: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly TrainingFault[] };

const PLAN: FitPlan = {
  layers: 2,
  units: 128,
  rounds: 8,
  pace: 0.05,
  dropInputs: 0.5,
  dropUnits: 0.5,
  smoothing: 0.1,
  leastTexts: 3,
};
/** Every so many-th session is kept back for choosing and measuring. */
const KEPT_EVERY = 10;
const LEAST_MOMENTS = 100;
const CHOICE_SHARE = 0.15;
const GOLDEN_TASKS = 8;

const refuse = (code: TrainingFault['code'], detail: string): NextActionTraining => ({ ok: false, faults: [{ code, detail }] });

export const isLeftOut = (task: string, without: readonly string[]): boolean =>
  without.some((name) => task === name || task.startsWith(`${name}_`));

/** A moment made of a flow chart alone: nothing was said, and its first actions are done. */
export const goldenMoment = (task: string, done: readonly string[]): Moment => ({
  task,
  said: '',
  before: [],
  done,
  result: null,
  standing: null,
  spoken: '',
  askedBy: [],
  typed: null,
});

const figures = (answers: readonly ClassAnswer[]): { n: number; accuracy: number; weightedF1: number; top3: number; logLoss: number } => {
  const { accuracy, weightedF1, top3, logLoss } = measureClasses(answers);
  return {
    n: answers.length,
    accuracy: sixDecimals(accuracy),
    weightedF1: sixDecimals(weightedF1),
    top3: sixDecimals(top3),
    logLoss: sixDecimals(logLoss),
  };
};

/** What is chosen by a flow chart alone; classes are numbered over all actions by `numberOf`. */
export const chartAnswer = (
  probabilities: Float64Array,
  options: readonly string[],
  label: string,
  numberOf: (action: string) => number,
): ClassAnswer => {
  const answer = classAnswer(probabilities, options.length, 0, options.indexOf(label));
  return { ...answer, truth: numberOf(label), answer: answer.answer === null ? null : numberOf(options[answer.answer] ?? '') };
};

/** A number for every action, in the order in which they come. */
export const actionNumbers = (): ((action: string) => number) => {
  const numbers = new Map<string, number>();
  return (action) => {
    const number = numbers.get(action) ?? numbers.size;
    numbers.set(action, number);
    return number;
  };
};

/** Same sessions, charts and settings: same bytes. */
export const trainNextAction = (sessions: readonly Session[], settings: NextActionSettings): NextActionTraining => {
  const misnamed = nameFault(settings);
  if (misnamed !== null) return { ok: false, faults: [misnamed] };
  const charts = new Map<string, FlowChart>(Object.entries(settings.charts).map(([task, file]) => [task, readFlowChart(task, file)]));
  const learnt = sessions.map(({ isHappy, examples }) => ({
    isHappy,
    examples: examples.filter(({ moment }) => !isLeftOut(moment.task, settings.without)),
  }));
  const examples = learnt.flatMap((session) => session.examples);
  if (examples.length < LEAST_MOMENTS)
    return refuse(
      'too-few-rows',
      `${examples.length} moments at which an agent acted in tasks to learn; at least ${LEAST_MOMENTS} are needed`,
    );
  const actions = [...new Set(examples.map(({ label }) => label))].toSorted();
  if (actions.length < 2) return refuse('one-class', `agents only ever do "${actions.join('')}"; at least two actions are needed`);
  const tasks = [...new Set(examples.map(({ moment }) => moment.task))].toSorted();
  const uncharted = tasks.filter((task) => !charts.has(task));
  const notices = uncharted.length === 0 ? [] : [`there is no flow chart of ${uncharted.join(', ')}: learnt from the sessions alone`];
  const numberOf = new Map(actions.map((action, at) => [action, at]));
  const learntRows = learnt.flatMap(({ isHappy, examples: own }, at) =>
    own.flatMap(({ moment, label }) =>
      bothWays(moment).map((known) => ({ known, moment, label, isHappy, isKept: at % KEPT_EVERY === KEPT_EVERY - 1 })),
    ),
  );
  const all: LabelledSigns = {
    signs: learntRows.map(({ known }) => momentSigns(known, charts.get(known.task))),
    classes: Uint16Array.from(learntRows, ({ label }) => numberOf.get(label) ?? 0),
  };
  const rowsWhere = (kept: boolean) => learntRows.flatMap(({ isKept }, row) => (isKept === kept ? [row] : []));
  const keptRows = rowsWhere(true);
  const seed = settings.seed ?? 1;
  const onStep = settings.onStep ?? (() => {});
  const { served, keptOdds } = fitTextNetwork(
    [{ plan: PLAN, all }],
    { fitted: rowsWhere(false), kept: keptRows },
    actions.length,
    seed,
    (share) => onStep(share * (1 - CHOICE_SHARE)),
  );
  const { model: choice, weights: choiceWeights } = fitChoiceModel(examples, charts, seed, (share) =>
    onStep(1 - CHOICE_SHARE * (1 - share)),
  );
  const keptAnswers = (happy: boolean, asRecorded: boolean) =>
    keptRows.flatMap((row, at) => {
      const { isHappy, known, moment } = learntRows[row] as (typeof learntRows)[number];
      const isWanted = isHappy === happy && (asRecorded ? known === moment : known.typed === null);
      return isWanted ? [classAnswer(softmax(keptOdds[at] ?? []), actions.length, 0, all.classes[row] ?? 0)] : [];
    });

  const options = new Map([...charts].map(([task, chart]) => [task, optionsOf(chart, choice.common)]));
  const leftOut = sessions
    .filter(({ isHappy }) => isHappy)
    .flatMap((session) => session.examples.filter(({ moment }) => isLeftOut(moment.task, settings.without) && charts.has(moment.task)));
  const unseenAnswers = (known: (moment: Moment) => Moment) => {
    const unseenNumber = actionNumbers();
    return leftOut.map(({ moment, label }) => {
      const own = options.get(moment.task) as ChartOptions;
      return chartAnswer(softmax(choiceScores(choiceWeights, choice.places(own, known(moment)))), own.actions, label, unseenNumber);
    });
  };
  const unseenTasks = [...new Set(leftOut.map(({ moment }) => moment.task))].toSorted();
  const measured = (asRecorded: boolean) => {
    const [happy, harder] = [keptAnswers(true, asRecorded), keptAnswers(false, asRecorded)];
    const unseen = unseenAnswers(asRecorded ? (moment) => moment : untyped);
    return {
      ...(happy.length === 0 ? {} : { happy: figures(happy) }),
      ...(harder.length === 0 ? {} : { harder: figures(harder) }),
      ...(unseen.length === 0 ? {} : { unseen: { ...figures(unseen), tasks: unseenTasks } }),
    };
  };
  const isTypingRecorded = examples.some(({ moment }) => moment.typed !== null);

  const onnx = writeNextAction(served.network, choiceWeights);
  const golden = tasks
    .filter((task) => charts.has(task))
    .slice(0, GOLDEN_TASKS)
    .map((task, at) => {
      const chart = charts.get(task) as FlowChart;
      const done = chart.actions.slice(0, at);
      const moment = goldenMoment(task, done);
      return {
        task,
        done: [...done],
        probabilities: [...softmax(networkOdds(served.network, served.vocabulary.row(momentSigns(moment, chart))))].map(Math.fround),
        scores: [...choiceScores(choiceWeights, choice.places(options.get(task) as ChartOptions, moment))].map(Math.fround),
      };
    });
  const manifest: NextActionManifest = {
    id: settings.id,
    kind: 'next-action',
    version: settings.version,
    onnx: settings.sha256(onnx),
    bytes: onnx.length,
    tasks: Object.fromEntries(tasks.map((task) => [task, settings.charts[task] ?? { task, replies: {}, graph: {} }] as const)),
    actions,
    signs: served.vocabulary.data,
    common: [...choice.common],
    signals: choice.signals,
    golden,
    card: {
      trainedOn: settings.trainedOn,
      sessions: learnt.filter((session) => session.examples.length > 0).length,
      moments: examples.length,
      ...measured(true),
      ...(isTypingRecorded ? { untyped: measured(false) } : {}),
    },
  };
  const { vocabulary, network } = served;
  return { ok: true, manifest, onnx, vocabulary, network, choice, choiceWeights, notices };
};
