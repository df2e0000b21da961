/** How selections and their errors differ between groups. */
import {
  type FairnessThresholds,
  type FairnessWarning,
  giniWarning,
  type PartitionReport,
  reportOf,
  selectionGini,
  warningsOf,
} from '#learning';
import type { Command, Given } from '../command.ts';
import { DATA_HELP, missingColumns, openDataFile } from '../datasets/data-file.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { type FairnessColumns, readFairnessRows, type StageRows } from '../statistics/fairness-rows.ts';
import { rounded } from '../statistics/rounded.ts';
import { CONFIDENCE, shareOption } from '../statistics/share-option.ts';
import { readThresholds } from '../statistics/thresholds-file.ts';
import type { Terminal } from '../terminal.ts';

const LEAST_ROWS = 20;
const REDRAWS = 1_000;

export const evaluateFairness: Command = {
  summary: 'Report how selections and their errors differ between groups',
  positionals: [],
  options: {
    data: { type: 'string', value: 'FILE', help: DATA_HELP, required: true },
    prediction: { type: 'string', value: 'COLUMN', help: 'Whether the row was selected, or its score with --threshold', required: true },
    groups: { type: 'string', value: 'A,B', help: 'Columns of groups; several are also crossed', required: true, multiple: true },
    label: { type: 'string', value: 'COLUMN', help: 'What became of the row; without it there are no error rates' },
    positive: {
      type: 'string',
      value: 'VALUE',
      help: 'Value for yes of label and prediction, where they are not 1/0, true/false or yes/no',
    },
    threshold: { type: 'string', value: 'NUMBER', help: 'The prediction is a score, selected from here' },
    stage: {
      type: 'string',
      value: 'COLUMN',
      help: 'A report for each of its values: a row is one who reached the stage, selected = passed it',
    },
    bins: { type: 'string', value: 'COLUMN=N,N', help: 'Divide a column of numbers here; quartiles where not given', multiple: true },
    least: { type: 'string', value: 'N', help: `Groups of fewer rows are suppressed; ${LEAST_ROWS} where not given` },
    thresholds: { type: 'string', value: 'FILE', help: 'What the council says is too far apart, as JSON' },
    redraws: { type: 'string', value: 'N', help: `Of the bootstrap; ${REDRAWS} where not given` },
    seed: { type: 'string', value: 'N', help: 'Of the bootstrap; 1 where not given' },
    confidence: CONFIDENCE,
    json: { type: 'boolean', help: 'Print the report as one JSON line' },
  },
  notes:
    'What is read of persons stays in this process: only counts of groups of at least --least rows come out, nothing is written or logged. No figure has a pass mark but those of --thresholds, e.g. {"parityRatio":0.8,"equalisedOddsDifference":0.1,"rateRatio":[0.8,1.25],"gini":0.3}. Exit code 1 where one is passed.',
  async run(given, terminal) {
    const settings = settingsOf(given);
    const columns = columnsOf(given);
    if (typeof settings === 'string') return wrongUse(terminal, settings);
    if (typeof columns === 'string') return wrongUse(terminal, columns);
    const file = given.text('thresholds');
    const thresholds = file === undefined ? null : await readThresholds(file);
    if (typeof thresholds === 'string') return wrongUse(terminal, thresholds);
    const data = await openDataFile(given.required('data'));
    const { prediction, label, groups, stage } = columns;
    const missing = missingColumns(data, [prediction, ...[label, stage].filter((name) => name !== null), ...groups]);
    if (missing !== null) return wrongUse(terminal, missing);
    const left = timeLeft();
    const read = await readFairnessRows(data, columns, (rows) => terminal.progress(`${rows} rows read, ${left(data.share())}`));
    if (read.n === 0) {
      terminal.note(`${data.file} holds no rows`);
      return 1;
    }
    const stages = read.stages.map((rows) => {
      terminal.progress(`redrawing ${rows.stage ?? 'all rows'}`);
      return stageReport(rows, { ...settings, hasLabels: label !== null }, thresholds);
    });
    const warnings = stages.flatMap((one) => one.warnings);
    if (given.flag('json')) {
      const { least: leastRows, confidence } = { least: settings.leastRows, confidence: settings.confidence };
      const [only] = stages;
      const body =
        stage === null && only !== undefined ? { partitions: only.partitions, numbers: only.numbers, warnings } : { stages, warnings };
      await terminal.print(JSON.stringify(rounded({ n: read.n, confidence, leastRows, thresholds, ...body })));
    } else for (const one of stages) for (const line of inWords(one)) await terminal.print(line);
    return warnings.length > 0 ? 1 : 0;
  },
};

const wrongUse = (terminal: Terminal, words: string): 2 => {
  terminal.note(words);
  return 2;
};

interface Settings {
  readonly leastRows: number;
  readonly confidence: number;
  readonly redraws: number;
  readonly seed: number;
}

const settingsOf = (given: Given): Settings | string => {
  const whole = (option: string, usual: number): number => Number(given.text(option) ?? usual);
  const leastRows = whole('least', LEAST_ROWS);
  const redraws = whole('redraws', REDRAWS);
  const seed = whole('seed', 1);
  const confidence = shareOption(given, 'confidence', 0.95);
  if (!Number.isInteger(leastRows) || leastRows < 1) return '--least must be a whole number from 1';
  if (!Number.isInteger(redraws) || redraws < 100 || redraws > 100_000) return '--redraws must be a whole number from 100 to 100000';
  if (!Number.isInteger(seed)) return '--seed must be a whole number';
  return confidence === null ? '--confidence must be a number between 0 and 1' : { leastRows, redraws, seed, confidence };
};

const columnsOf = (given: Given): FairnessColumns | string => {
  const groups = given.list('groups').flatMap((names) => names.split(',').map((name) => name.trim()));
  if (groups.includes('') || new Set(groups).size < groups.length) return '--groups names a column twice, or one without a name';
  const threshold = given.text('threshold');
  if (threshold !== undefined && !Number.isFinite(Number(threshold))) return `--threshold must be a number, not "${threshold}"`;
  const bins = new Map<string, readonly number[]>();
  for (const text of given.list('bins')) {
    const [column = '', ends = ''] = text.split('=');
    const numbers = ends.split(',').map(Number);
    if (!groups.includes(column) || ends === '' || !numbers.every((end, i) => Number.isFinite(end) && end > (numbers[i - 1] ?? -Infinity)))
      return `--bins must be a column of --groups and rising numbers, such as age=25,40, not "${text}"`;
    bins.set(column, numbers);
  }
  return {
    prediction: given.required('prediction'),
    label: given.text('label') ?? null,
    groups,
    stage: given.text('stage') ?? null,
    positive: given.text('positive') ?? null,
    threshold: threshold === undefined ? null : Number(threshold),
    bins,
  };
};

interface StageReport {
  readonly stage: string | null;
  readonly n: number;
  readonly partitions: readonly PartitionReport[];
  readonly numbers: readonly { readonly column: string; readonly gini: number | null }[];
  readonly warnings: readonly (FairnessWarning & { readonly stage: string | null })[];
}

const stageReport = (
  { stage, n, partitions, numbers }: StageRows,
  settings: Settings & { readonly hasLabels: boolean },
  thresholds: FairnessThresholds | null,
): StageReport => {
  const reports = partitions.map((partition) => reportOf(partition, settings));
  const ginis = numbers.map(({ column, values, selected }) => ({
    column,
    gini: values.length < settings.leastRows ? null : selectionGini(values, selected),
  }));
  const warnings =
    thresholds === null
      ? []
      : [
          ...reports.flatMap((report) => warningsOf(report, thresholds)),
          ...ginis.flatMap(({ column, gini }) => giniWarning(column, gini, thresholds)),
        ];
  return { stage, n, partitions: reports, numbers: ginis, warnings: warnings.map((warning) => ({ stage, ...warning })) };
};

const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);

const inWords = ({ stage, n, partitions, numbers, warnings }: StageReport): readonly string[] => [
  `${stage === null ? 'All' : `Stage ${stage}:`} ${n} rows`,
  ...partitions.flatMap(({ by, groups, disparity, intervals }) => [
    `  by ${by.join(' × ')}`,
    ...groups.map((group) => {
      const name = Object.values(group.group).join(' × ');
      if (group.suppressed) return `    ${name}: too few rows`;
      const { low = 0, high = 0 } = group.intervals.selectionRate ?? {};
      const errors = group.tpr === null && group.fpr === null ? '' : `, TPR ${percent(group.tpr)}, FPR ${percent(group.fpr)}`;
      return `    ${name}: ${group.n} rows, selected ${percent(group.selectionRate)} (${percent(low)} to ${percent(high)})${errors}`;
    }),
    `    parity difference ${percent(disparity.parityDifference)} (${percent(intervals.parityDifference?.low ?? null)} to ${percent(intervals.parityDifference?.high ?? null)}), ratio ${disparity.parityRatio?.toFixed(3) ?? '–'}, equalised odds ${percent(disparity.equalisedOddsDifference)}`,
  ]),
  ...numbers.map(({ column, gini }) => `  ${column}: Gini ${gini?.toFixed(3) ?? '–'}`),
  ...warnings.map(
    ({ by, figure, value, threshold }) =>
      `  PASSED by ${by.join(' × ')}: ${figure} ${value.toFixed(3)}, the council's threshold is ${threshold}`,
  ),
];
