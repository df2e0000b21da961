/** What an experiment's arms did beside control, and whether to believe it. */
import {
  ADJUSTMENTS,
  analyseExperiment,
  type Comparison,
  type Estimated,
  type ExperimentAnalysis,
  type ExperimentRows,
  type Interval,
  type Metric,
} from '#learning';
import type { Command, ExitCode, Given } from '../command.ts';
import { DATA_HELP, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { readRecords } from '../policy-records/read-records.ts';
import { readPolicy } from '../read-policy.ts';
import { armsOfHoldout, armsOfPolicy, experimentOfRecords } from '../statistics/experiment-records.ts';
import { columnsOf, type ExperimentColumns, readExperimentRows } from '../statistics/experiment-rows.ts';
import { readOutcomes } from '../statistics/outcome-file.ts';
import { rounded } from '../statistics/rounded.ts';
import { CONFIDENCE, shareOption } from '../statistics/share-option.ts';
import { typedShares } from '../statistics/typed-shares.ts';
import type { Terminal } from '../terminal.ts';

const TUNED_FOR = 5_000;
const DAY_MS = 86_400_000;

export const experimentAnalyse: Command = {
  summary: 'Compare the arms of an experiment with control',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    arm: { type: 'string', value: 'COLUMN', help: 'Arm of the row; "arm", "variant" or "group" where not given' },
    control: { type: 'string', value: 'ARM', help: 'The arm the others are held against; "control", "A" or "baseline" where not given' },
    metric: {
      type: 'string',
      value: 'COLUMN',
      help: 'What is to be better: 0 and 1, or numbers; "reward", "outcome", "converted" or "accepted" where not given',
      multiple: true,
    },
    guardrail: {
      type: 'string',
      value: 'COLUMN:more|less[:MARGIN]',
      help: 'What must not be worse, which way that is, and how much of it is borne',
      multiple: true,
    },
    cluster: {
      type: 'string',
      value: 'COLUMN',
      help: 'What was assigned as one: customer, agent, site; each row by itself where not given',
    },
    covariate: { type: 'string', value: 'COLUMN', help: 'A number known before the experiment, to be taken out (CUPED)' },
    shares: { type: 'string', value: 'ARM=N,ARM=N', help: 'Shares as meant, for the alarm of the sample ratio' },
    outcomes: {
      type: 'string',
      value: 'FILE',
      help: '--data holds decision records, and this what became of them, one JSON object a line',
    },
    policy: { type: 'string', value: 'DIR', help: 'With --outcomes: folder of the revision that assigned the arms' },
    holdout: { type: 'string', value: 'ID', help: 'With --outcomes: one of the policy; the arms are "held-out" and "offered"' },
    window: { type: 'string', value: 'DAYS', help: 'With --outcomes: how long what the customer does counts; 14 where not given' },
    adjust: { type: 'string', help: 'For several arms and metrics; holm where not given', oneOf: ADJUSTMENTS },
    'tuned-for': { type: 'string', value: 'N', help: `Units at which the confidence sequence is tightest; ${TUNED_FOR} where not given` },
    confidence: CONFIDENCE,
    json: { type: 'boolean', help: 'Print the analysis as one JSON line' },
  },
  notes:
    'With --outcomes a row is a call, whatever was shown on it; arms are those of the records, metrics "accepted" and "customer-accepted", guardrails "complaint" and "opt-out", and units those the policy assigns; a policy with a challenger and no experiment has the arms "champion" and "challenger". The plain intervals hold for one look at the end; the confidence sequence holds however often one looks. "Significant" is said only where every interval of the comparison excludes zero and the adjusted p-value agrees. Exit code 1 where the sample ratio gives the alarm (p < 0.001) or a guardrail is breached.',
  async run(given, terminal) {
    const confidence = shareOption(given, 'confidence', 0.95);
    const tunedFor = Number(given.text('tuned-for') ?? TUNED_FOR);
    const typed = typedShares(given.text('shares'), '--shares');
    if (confidence === null || !(tunedFor >= 1) || typeof typed === 'string') {
      terminal.note(typeof typed === 'string' ? typed : '--confidence must be a number between 0 and 1, and --tuned-for one from 1');
      return 2;
    }
    const read = given.text('outcomes') === undefined ? await ofRows(given, terminal) : await ofRecords(given, terminal);
    if (typeof read === 'number') return read;
    const { rows, shares } = { ...read, shares: typed ?? read.shares };
    const control = given.text('control') ?? firstOf(USUAL.control, rows.arms);
    const found = rows.arms.indexOf(control);
    const unmeant =
      shares === null
        ? []
        : [...rows.arms.filter((arm) => !shares.has(arm)), ...[...shares.keys()].filter((arm) => !rows.arms.includes(arm))];
    if (found < 0 || rows.arms.length < 2 || unmeant.length > 0) {
      const words =
        unmeant.length > 0
          ? `the shares as meant and the file do not have the same arms: ${unmeant.join(', ')}`
          : `there is no arm "${control}" with another beside it; the arms are ${rows.arms.join(', ') || 'none'}`;
      terminal.note(`${given.required('data')}: ${words}`);
      return 2;
    }
    const analysis = analyseExperiment(rows, {
      confidence,
      tunedFor,
      control: found,
      adjustment: ADJUSTMENTS.find((one) => one === given.text('adjust')) ?? 'holm',
      shares: shares === null ? null : rows.arms.map((arm) => shares.get(arm) ?? 1),
    });
    if (given.flag('json')) await terminal.print(JSON.stringify(rounded({ confidence, control, ...analysis })));
    else for (const line of inWords(analysis)) await terminal.print(line);
    return analysis.trusted && analysis.comparisons.every(({ guardrail }) => guardrail !== 'breached') ? 0 : 1;
  },
};

interface Read {
  readonly rows: ExperimentRows;
  /** As the policy means them; null = not known. */
  readonly shares: ReadonlyMap<string, number> | null;
}

const ofRows = async (given: Given, terminal: Terminal): Promise<Read | ExitCode> => {
  const data = await openDataFile(given.required('data'));
  const columns = chosenColumns(given, data.columns);
  if (typeof columns === 'string') {
    terminal.note(columns);
    return 2;
  }
  const missing = missingColumns(data, columnsOf(columns));
  if (missing !== null) {
    terminal.note(missing);
    return 2;
  }
  const left = timeLeft();
  return {
    rows: await readExperimentRows(data, columns, (read) => terminal.progress(`${read} rows read, ${left(data.share())}`)),
    shares: null,
  };
};

const ofRecords = async (given: Given, terminal: Terminal): Promise<Read | ExitCode> => {
  const folder = given.text('policy');
  const windowDays = Number(given.text('window') ?? 14);
  if (folder === undefined || !(windowDays > 0)) {
    terminal.note('with --outcomes give --policy DIR, and a --window above 0');
    return 2;
  }
  const policy = await readPolicy(folder);
  if (!policy.ok) {
    for (const fault of policy.faults) terminal.note(fault);
    return 1;
  }
  const holdout = given.text('holdout');
  const arms = holdout === undefined ? armsOfPolicy(policy.revision) : armsOfHoldout(policy.revision, holdout);
  if (arms === null) {
    terminal.note(
      `${folder} has no holdout "${holdout ?? ''}"; it has ${(policy.revision.holdouts ?? []).map(({ id }) => id).join(', ') || 'none'}`,
    );
    return 2;
  }
  if (arms.unit === 'site') {
    terminal.note(`${folder} assigns sites, which records do not hold: analyse rows of --data with --cluster instead`);
    return 2;
  }
  const { records } = await readRecords(given.required('data'), policy.revision.hash, terminal);
  const outcomes = await readOutcomes(given.text('outcomes') ?? '', terminal);
  const { rows, unknown } = experimentOfRecords(records, outcomes, arms, windowDays * DAY_MS);
  if (unknown > 0) terminal.note(`${unknown} calls of nobody known are in no arm and were left out`);
  return { rows, shares: arms.shares };
};

/** Names that are understood where none is given. */
const USUAL = {
  arm: ['arm', 'variant', 'group'],
  metric: ['reward', 'outcome', 'converted', 'accepted'],
  control: ['control', 'A', 'a', 'baseline'],
} as const;

const firstOf = (names: readonly [string, ...string[]], there: readonly string[]): string =>
  names.find((name) => there.includes(name)) ?? names[0];

const chosenColumns = (given: Given, there: readonly string[]): ExperimentColumns | string => {
  const goals = given.list('metric').flatMap((names) => names.split(','));
  const metrics: Pick<Metric, 'name' | 'guardrail'>[] = (goals.length > 0 ? goals : [firstOf(USUAL.metric, there)]).map((name) => ({
    name,
    guardrail: null,
  }));
  for (const text of given.list('guardrail')) {
    const [name = '', worse, margin = '0'] = text.split(':');
    if (name === '' || (worse !== 'more' && worse !== 'less') || !(Number(margin) >= 0))
      return `--guardrail must be a column, the way that is worse, and a margin from 0, such as complaint:more:0.01, not "${text}"`;
    metrics.push({ name, guardrail: { worse, margin: Number(margin) } });
  }
  const twice = metrics.find(({ name }, i) => metrics.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) return `"${twice.name}" is asked for twice`;
  return {
    arm: given.text('arm') ?? firstOf(USUAL.arm, there),
    metrics,
    cluster: given.text('cluster') ?? null,
    covariate: given.text('covariate') ?? null,
  };
};

const span = ({ low, high }: Interval, show: (value: number) => string): string => `(${show(low)} to ${show(high)})`;
const plain = (value: number): string => value.toPrecision(4);
const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
const estimated = (one: Estimated, show: (value: number) => string): string => `${show(one.estimate)} ${span(one, show)}`;

const inWords = ({ n, units, arms, comparisons, sampleRatio, trusted }: ExperimentAnalysis): readonly string[] => [
  `${n} rows, ${units} units`,
  ...arms.map(
    ({ arm, metric, mean, n: rows, wilson }) =>
      `  ${metric} of ${arm}: ${plain(mean)}${wilson === null ? '' : ` ${span(wilson, plain)}`} over ${rows} rows`,
  ),
  ...comparisons.map(comparisonInWords),
  `  sample ratio: χ² ${sampleRatio.chiSquare.toFixed(2)}, p ${sampleRatio.pValue.toPrecision(2)}${sampleRatio.assumedEqual ? ', if the arms were meant to be equal (else give --shares)' : ''}`,
  ...(trusted
    ? []
    : ['  DO NOT TRUST THESE RESULTS: the arms do not have the sizes they were meant to have, or one has fewer than two units.']),
];

const comparisonInWords = ({
  arm,
  control,
  metric,
  difference,
  lift,
  adjustedP,
  significant,
  sequence,
  guardrail,
  cuped,
}: Comparison): string =>
  [
    `  ${metric}, ${arm} against ${control}: ${estimated(difference, plain)}`,
    lift === null ? '' : `, lift ${estimated(lift, percent)}`,
    guardrail === null
      ? `, adjusted p ${adjustedP.toPrecision(2)}, ${significant ? 'significant' : 'not significant'}`
      : `, guardrail ${guardrail}`,
    `, at any time ${span(sequence, plain)}`,
    cuped === null ? '' : `, without what was known before ${estimated(cuped.difference, plain)}`,
  ].join('');
