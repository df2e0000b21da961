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
import type { Command, ExitCode, Given } from '../command.ts';
import { missingColumns, openDataFile } from '../datasets/data-file.ts';
import { timeLeft } from '../datasets/time-left.ts';
import { readRecords } from '../policy-records/read-records.ts';
import { readPolicy } from '../read-policy.ts';
import { columnsOf, FAIRNESS_OPTIONS, type ReportSettings, settingsOf } from '../statistics/fairness-options.ts';
import { readFairnessRecords } from '../statistics/fairness-records.ts';
import { type FairnessColumns, type FairnessRows, readFairnessRows, type StageRows } from '../statistics/fairness-rows.ts';
import { rounded } from '../statistics/rounded.ts';
import { readThresholds } from '../statistics/thresholds-file.ts';
import type { Terminal } from '../terminal.ts';

export const evaluateFairness: Command = {
  summary: 'Report how selections and their errors differ between groups',
  positionals: [],
  options: FAIRNESS_OPTIONS,
  notes:
    'With --records the file holds attributes by customer: a customer counts once, with the furthest that any of their decisions came to any of --actions (all but must-say lines where not given); each stage is told of those who reached it, "shown" of all. What is read of persons stays in this process: only counts of groups of at least --least rows come out, nothing is written or logged. No figure has a pass mark but those of --thresholds, e.g. {"parityRatio":0.8,"equalisedOddsDifference":0.1,"rateRatio":[0.8,1.25],"gini":0.3}. Exit code 1 where one is passed.',
  async run(given, terminal) {
    const settings = settingsOf(given);
    const columns = columnsOf(given);
    if (typeof settings === 'string') return wrongUse(terminal, settings);
    if (typeof columns === 'string') return wrongUse(terminal, columns);
    const file = given.text('thresholds');
    const thresholds = file === undefined ? null : await readThresholds(file);
    if (typeof thresholds === 'string') return wrongUse(terminal, thresholds);
    const read = given.text('records') === undefined ? await ofRows(given, columns, terminal) : await ofRecords(given, columns, terminal);
    if (typeof read === 'number') return read;
    const { label } = columns;
    const stages = read.stages.map((rows) => {
      terminal.progress(`redrawing ${rows.stage ?? 'all rows'}`);
      return stageReport(rows, { ...settings, hasLabels: label !== null }, thresholds);
    });
    const warnings = stages.flatMap((one) => one.warnings);
    if (given.flag('json')) {
      const { least: leastRows, confidence } = { least: settings.leastRows, confidence: settings.confidence };
      const [only] = stages;
      const body =
        read.stages.length === 1 && only?.stage === null
          ? { partitions: only.partitions, numbers: only.numbers, warnings }
          : { stages, warnings };
      await terminal.print(JSON.stringify(rounded({ n: read.n, confidence, leastRows, thresholds, ...body })));
    } else for (const one of stages) for (const line of inWords(one)) await terminal.print(line);
    return warnings.length > 0 ? 1 : 0;
  },
};

const wrongUse = (terminal: Terminal, words: string): 2 => {
  terminal.note(words);
  return 2;
};

/** An exit code where there is nothing to report on: the terminal has been told why. */
const ofRows = async (given: Given, columns: FairnessColumns, terminal: Terminal): Promise<FairnessRows | ExitCode> => {
  const data = await openDataFile(given.required('data'));
  const { prediction, label, groups, stage } = columns;
  const missing = missingColumns(data, [prediction, ...[label, stage].filter((name) => name !== null), ...groups]);
  if (missing !== null) return wrongUse(terminal, missing);
  const left = timeLeft();
  const read = await readFairnessRows(data, columns, (rows) => terminal.progress(`${rows} rows read, ${left(data.share())}`));
  if (read.n > 0) return read;
  terminal.note(`${data.file} holds no rows`);
  return 1;
};

/** An exit code where there is nothing to report on: the terminal has been told why. */
const ofRecords = async (given: Given, { groups, bins }: FairnessColumns, terminal: Terminal): Promise<FairnessRows | ExitCode> => {
  const folder = given.text('policy');
  if (folder === undefined) return wrongUse(terminal, 'with --records give --policy DIR');
  const policy = await readPolicy(folder);
  if (!policy.ok) {
    for (const fault of policy.faults) terminal.note(fault);
    return 1;
  }
  const { revision } = policy;
  const names = given.list('actions').flatMap((list) => list.split(','));
  const unknown = names.filter((name) => !revision.actions.some(({ id, group, issue }) => [id, group, issue].includes(name)));
  if (unknown.length > 0) return wrongUse(terminal, `the policy has no action, group or issue ${unknown.join(', ')}`);
  const asked = revision.actions.flatMap(({ id, group, issue, mandatory }, number) =>
    (names.length === 0 ? !mandatory : names.some((name) => [id, group, issue].includes(name))) ? [number] : [],
  );
  const data = await openDataFile(given.required('data'));
  const customer = given.text('customer') ?? 'customerId';
  const missing = missingColumns(data, [customer, ...groups]);
  if (missing !== null) return wrongUse(terminal, missing);
  const { records } = await readRecords(given.text('records') ?? '', revision.hash, terminal);
  if (records.length === 0) return 1;
  const read = await readFairnessRecords(data, { customer, groups, bins }, records, asked);
  if (read.n > 0) return read;
  terminal.note(`${data.file} has none of the customers that the records are about`);
  return 1;
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
  settings: ReportSettings & { readonly hasLabels: boolean },
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
